"""Completions of plain text, the API's older form: any number of prompts, each continued `n` times."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import msgspec

from antiphon.callers import Caller
from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.generation.continuation import Continuation, index_within
from antiphon.generation.facts import UsageCounted
from antiphon.generation.usage import usage_of_prompts
from antiphon.generation.work import CompletionWork
from antiphon.ids import Ids
from antiphon.ports import CompletionEngine, Engines
from antiphon.wire.completions import Completion, CompletionChoice, CompletionRequest
from antiphon.wire.usage import CompletionUsage

Prompt = str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Batch:
    """A checked request: one piece of work, and `num_per_prompt` choices, for each prompt."""

    engine: CompletionEngine
    works: list[CompletionWork]
    head: Completion
    num_per_prompt: int
    tells_misses: bool

    def continuations(self, place: int) -> list[Continuation]:
        work = self.works[place]
        echoed = work.prompt if work.request.echo and isinstance(work.prompt, str) else ""
        first = place * self.num_per_prompt
        return [
            Continuation(first + i, echoed=echoed, tells_logprobs=work.request.logprobs is not None)
            for i in range(self.num_per_prompt)
        ]

    def event(self, choices: list[CompletionChoice]) -> Completion:
        return msgspec.structs.replace(self.head, choices=choices)

    def usage(self, counts: list[UsageCounted]) -> CompletionUsage:
        return usage_of_prompts(counts, self.works[0].caching, tells_misses=self.tells_misses)


class Completions:
    """Answers `/v1/completions`. `now` tells the seconds since 1970, `tells_misses` adds DeepSeek's words to usage."""

    def __init__(self, engines: Engines, make_id: Ids, now: Callable[[], float], *, tells_misses: bool = False) -> None:
        self._engines = engines
        self._make_id = make_id
        self._now = now
        self._tells_misses = tells_misses

    async def answer(self, caller: Caller, request: CompletionRequest) -> Completion:
        """Return the whole answer. Raises `RequestError` or `EngineError`."""
        batch = self._prepare(caller, request)
        choices: list[CompletionChoice] = []
        counts: list[UsageCounted] = []
        for place, work in enumerate(batch.works):
            growing = batch.continuations(place)
            async with aclosing(batch.engine.complete(work)) as facts:
                async for fact in facts:
                    if isinstance(fact, UsageCounted):
                        counts.append(fact)
                    else:
                        growing[fact.index].add(fact)
            choices += [one.whole() for one in growing]
        return msgspec.structs.replace(batch.head, choices=choices, usage=batch.usage(counts))

    async def stream(self, caller: Caller, request: CompletionRequest) -> AsyncGenerator[Completion, None]:
        """Yield the answer piece by piece, one prompt after the other. Raises as `answer` does."""
        batch = self._prepare(caller, request)
        counts: list[UsageCounted] = []
        for place, work in enumerate(batch.works):
            growing = batch.continuations(place)
            async with aclosing(batch.engine.complete(work)) as facts:
                async for fact in facts:
                    if isinstance(fact, UsageCounted):
                        counts.append(fact)
                    else:
                        yield batch.event([growing[index_within(fact)].add(fact)])
        if request.stream_options and request.stream_options.include_usage:
            yield msgspec.structs.replace(batch.head, usage=batch.usage(counts))

    def _prepare(self, caller: Caller, request: CompletionRequest) -> _Batch:
        engine, model = self._engines.completion(request.model)
        _check(request)
        prompts = _prompts(request)
        if not engine.profile.takes_token_prompts and not all(isinstance(prompt, str) for prompt in prompts):
            raise UnsupportedRequest("This model takes prompts as text, not as tokens.", param="prompt")
        made_id = self._make_id("cmpl-")
        works = [CompletionWork(made_id, caller.organization, model, prompt, request) for prompt in prompts]
        includes_usage = bool(request.stream_options and request.stream_options.include_usage)
        head = Completion(
            id=made_id,
            created=int(self._now()),
            model=request.model,
            system_fingerprint=engine.profile.fingerprint,
            choices=[],
            usage=None if includes_usage else msgspec.UNSET,
        )
        return _Batch(engine, works, head, request.n or 1, self._tells_misses)


def _prompts(request: CompletionRequest) -> list[Prompt]:
    prompt = request.prompt
    if prompt is None:
        raise InvalidRequest("Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    if isinstance(prompt, str):
        return [prompt]
    first = prompt[0]
    if isinstance(first, int):
        return [tuple(token for token in prompt if isinstance(token, int))]
    return [one if isinstance(one, str) else tuple(one) for one in prompt if not isinstance(one, int)]


def _check(request: CompletionRequest) -> None:
    if request.suffix is not None:
        raise UnsupportedRequest("'suffix' is not supported by this server.", param="suffix")
    if request.best_of not in {None, request.n or 1}:
        raise UnsupportedRequest("'best_of' other than 'n' is not supported by this server.", param="best_of")
    if request.echo and request.logprobs is not None:
        raise UnsupportedRequest("'echo' with 'logprobs' is not supported by this server.", param="echo")
    if request.echo and not all(isinstance(prompt, str) for prompt in _prompts(request)):
        raise UnsupportedRequest("'echo' of a prompt in tokens is not supported by this server.", param="echo")
    if request.stream_options is not None and not request.stream:
        raise InvalidRequest(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
