"""The choices of one request, run side by side, as facts."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from antiphon.catalogue.entry import Sampling
from antiphon.engines.llama.choice import Ended, run_choice, seeds
from antiphon.engines.llama.interleave import interleave
from antiphon.engines.llama.sampling import Place, Plan, call_of
from antiphon.engines.llama.seat import Seat
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.stops import Span
from antiphon.generation.facts import ChoiceFinished, TextProduced, UsageCounted
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

Told_co = TypeVar("Told_co", covariant=True)


class Reader(Protocol[Told_co]):
    """Makes facts of one choice's text."""

    @property
    def has_called(self) -> bool:
        """Whether a function call has begun."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether nothing more is told, whatever else the model writes."""
        ...

    def begin(self) -> Sequence[Told_co]:
        """Return what is known before the first piece."""
        ...

    def feed(self, span: Span) -> Sequence[Told_co]:
        """Take the next piece and return what is known now."""
        ...

    def end(self) -> Sequence[Told_co]:
        """Return what is known now that the text has ended."""
        ...


class WordsReader:
    """Reads text that is nothing but text."""

    has_called = False
    is_over = False

    def __init__(self, index: int) -> None:
        self._index = index

    def begin(self) -> Sequence[TextProduced]:
        """Nothing is known beforehand."""
        return ()

    def feed(self, span: Span) -> Sequence[TextProduced]:
        """Each piece is told as it is."""
        return (TextProduced(self._index, span.text, () if span.logprob is None else (span.logprob,)),)

    def end(self) -> Sequence[TextProduced]:
        """Nothing was held back."""
        return ()


@dataclass(frozen=True, slots=True)
class Telling(Generic[Told_co]):
    """A request with all that its choices share.

    `take` gives seats to the choices after the first. `num_top` is how many likeliest tokens are told of each;
    `num_begun_tokens` is how many tokens of the answer the prompt ends in, which count as the answer's.
    """

    server: LlamaServer
    request: ChatRequest | CompletionRequest
    plan: Plan
    defaults: Sampling
    num_top: int
    read: Callable[[int], Reader[Told_co]]
    take: Callable[[], Awaitable[Seat]]
    num_begun_tokens: int = 0

    async def facts(self, seat: Seat) -> AsyncGenerator[Told_co | ChoiceFinished | UsageCounted, None]:
        """Tell all choices and count them at the end. Raises as `LlamaServer.complete` does.

        The first choice is computed in `seat`, which it gives back; the others find seats of their own.
        """
        choices = [
            self._choice(index, seed, seat if index == 0 else None)
            for index, seed in enumerate(seeds(self.request.seed, self.request.n or 1))
        ]
        first: UsageCounted | None = None
        completion_tokens = 0
        async with aclosing(interleave(choices)) as told:
            async for one in told:
                if isinstance(one, UsageCounted):
                    first = first or one
                    completion_tokens += one.completion_tokens
                else:
                    yield one
        assert first is not None, "there is a choice, and it was counted"
        yield msgspec.structs.replace(first, completion_tokens=completion_tokens)

    async def _choice(
        self, index: int, seed: int, seat: Seat | None
    ) -> AsyncGenerator[Told_co | ChoiceFinished | UsageCounted, None]:
        reader = self.read(index)
        for fact in reader.begin():
            yield fact
        with seat or await self.take() as held:
            call = call_of(self.request, self.plan, self.defaults, seed, Place(held.number, held.follows))
            stops, num_top = _stops(self.request.stop), self.num_top
            async with aclosing(run_choice(self.server, call, stops, num_top, lambda: reader.is_over)) as steps:
                async for step in steps:
                    held.note_computed()
                    if isinstance(step, Ended):
                        held.release()
                        for fact in self._last(index, step, reader, held):
                            yield fact
                    else:
                        for fact in (fact for span in step for fact in reader.feed(span)):
                            yield fact

    def _last(
        self, index: int, ended: Ended, reader: Reader[Told_co], seat: Seat
    ) -> "Sequence[Told_co | ChoiceFinished | UsageCounted]":
        reason = "tool_calls" if reader.has_called and ended.reason == "stop" else ended.reason
        return (
            *reader.end(),
            ChoiceFinished(index, reason),
            UsageCounted(
                ended.prompt_tokens - self.num_begun_tokens,
                ended.completion_tokens + self.num_begun_tokens,
                cached_tokens=min(ended.cached_tokens, seat.most_cached_tokens),
                cache_write_tokens=seat.num_written,
            ),
        )


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    return () if stop is None else (stop,) if isinstance(stop, str) else tuple(stop)
