"""Chats and continuations by an embedded model."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import lru_cache

from antiphon.catalogue.entry import Entry
from antiphon.engines.llama.choice import Ended, run_choice, seeds
from antiphon.engines.llama.interleave import interleave
from antiphon.engines.llama.sampling import Plan, call_of
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.stops import Span
from antiphon.generation.facts import ChatFact, ChoiceFinished, CompletionFact, TextProduced, UsageCounted
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork
from antiphon.schemas import json_object_grammar
from antiphon.wire.chat.messages import text_of
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest


class LlamaEngine:
    """One model in one process."""

    def __init__(self, server: LlamaServer, entry: Entry, profile: EngineProfile) -> None:
        self._server = server
        self._entry = entry
        self._profile = profile

    @property
    def profile(self) -> EngineProfile:
        """What the model can do here."""
        return self._profile

    async def chat(self, work: ChatWork) -> AsyncGenerator[ChatFact, None]:
        """Tell the facts of one chat; see `ChatEngine.chat`."""
        request = work.request
        prompt = "".join(
            f"<|im_start|>{message.role}\n{text_of(message.content)}<|im_end|>\n" for message in request.messages
        )
        plan = Plan(
            prompt=prompt + "<|im_start|>assistant\n",
            grammar=_answer_grammar(work),
            max_tokens=_max_tokens(request.max_completion_tokens or request.max_tokens, self._entry),
            num_probabilities=max(1, request.top_logprobs or 0) if request.logprobs else 0,
        )
        async with aclosing(self._told(request, plan, request.top_logprobs or 0)) as facts:
            async for fact in facts:
                yield fact

    async def complete(self, work: CompletionWork) -> AsyncGenerator[CompletionFact, None]:
        """Tell the facts of one continuation; see `CompletionEngine.complete`."""
        request = work.request
        asks_logprobs = request.logprobs is not None
        plan = Plan(
            prompt=work.prompt if isinstance(work.prompt, str) else list(work.prompt),
            # OpenAI's older API ends after 16 tokens where it is not told otherwise.
            max_tokens=16 if request.max_tokens is None else request.max_tokens,
            num_probabilities=max(1, request.logprobs or 0) if asks_logprobs else 0,
        )
        async with aclosing(self._told(request, plan, request.logprobs or 0)) as facts:
            async for fact in facts:
                yield fact

    async def _told(
        self, request: ChatRequest | CompletionRequest, plan: Plan, num_top: int
    ) -> AsyncGenerator[TextProduced | ChoiceFinished | UsageCounted, None]:
        """Run all choices side by side and count them at the end."""
        choices = [
            self._choice(index, request, plan, num_top, seed)
            for index, seed in enumerate(seeds(request.seed, request.n or 1))
        ]
        prompt_tokens = completion_tokens = 0
        async with aclosing(interleave(choices)) as told:
            async for one in told:
                if isinstance(one, UsageCounted):
                    prompt_tokens = one.prompt_tokens
                    completion_tokens += one.completion_tokens
                else:
                    yield one
        yield UsageCounted(prompt_tokens, completion_tokens)

    async def _choice(
        self, index: int, request: ChatRequest | CompletionRequest, plan: Plan, num_top: int, seed: int
    ) -> AsyncGenerator[TextProduced | ChoiceFinished | UsageCounted, None]:
        call = call_of(request, plan, self._entry.sampling, seed)
        async with aclosing(run_choice(self._server, call, _stops(request.stop), num_top)) as steps:
            async for step in steps:
                if isinstance(step, Ended):
                    yield ChoiceFinished(index, step.reason)
                    yield UsageCounted(step.prompt_tokens, step.completion_tokens)
                else:
                    yield _text_fact(index, step)


def _text_fact(index: int, spans: Sequence[Span]) -> TextProduced:
    text = "".join(span.text for span in spans)
    return TextProduced(index, text, tuple(span.logprob for span in spans if span.logprob is not None))


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    return () if stop is None else (stop,) if isinstance(stop, str) else tuple(stop)


def _max_tokens(asked: int | None, entry: Entry) -> int | None:
    return asked if asked is not None else entry.limits.answer_tokens


def _answer_grammar(work: ChatWork) -> str:
    if work.response_schema is not None:
        return work.response_schema.grammar()
    wanted = work.request.response_format
    return _any_object() if wanted is not None and wanted.type == "json_object" else ""


@lru_cache(maxsize=1)
def _any_object() -> str:
    return json_object_grammar()
