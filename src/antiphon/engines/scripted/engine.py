"""The engine that performs scripts: the model `antiphon-scripted`."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing

from antiphon.engines.scripted.answers import chat_answer, prompt_answer
from antiphon.engines.scripted.planning import Beat, Limits, Wait, plan
from antiphon.engines.scripted.tokens import (
    count,
    message_tokens,
    offered_tokens,
    prompt_audio_tokens,
    prompt_tokens,
)
from antiphon.engines.scripted.vectors import DEFAULT_DIMENSIONS, MOST_DIMENSIONS, vector_of
from antiphon.errors import AntiphonError, ContextLengthExceeded, InvalidRequest
from antiphon.generation.facts import (
    ChatFact,
    ChoiceFinished,
    CompletionFact,
    PromptCounted,
    TextProduced,
    UsageCounted,
)
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork, Embedded, EmbeddingWork
from antiphon.wire.chat.request import ChatRequest

MODEL = "antiphon-scripted"
CONTEXT_TOKENS = 128_000  # gpt-4o's


class ScriptedEngine:
    """Answers chats, continues prompts and embeds, at once and the same each time."""

    def __init__(
        self, *, context_tokens: int = CONTEXT_TOKENS, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._profile = EngineProfile(
            fingerprint="fp_scripted1",
            context_tokens=context_tokens,
            max_top_logprobs=20,
            takes_images=True,
            takes_audio=True,
            takes_token_prompts=False,
            predicts_outputs=True,
            reasons=True,
            varies_verbosity=True,
        )
        self._sleep = sleep
        self._num_in_flight = 0

    @property
    def profile(self) -> EngineProfile:
        """Whatever an application may ask of a text model is taken, so that any can be tested."""
        return self._profile

    @property
    def num_in_flight(self) -> int:
        """How many answers are being given now."""
        return self._num_in_flight

    async def chat(self, work: ChatWork) -> AsyncGenerator[ChatFact, None]:
        """Perform the script of a chat, or answer without one."""
        request = work.request
        prompt = UsageCounted(
            prompt_tokens=self._within_context(prompt_tokens(request), "messages"),
            completion_tokens=0,
            prompt_audio_tokens=prompt_audio_tokens(request),
        )
        beats = plan(chat_answer(request), _chat_limits(request), prompt, _salt(request))
        async with aclosing(self._perform(beats)) as facts:
            async for fact in facts:
                if work.measures_prompt and isinstance(fact, UsageCounted):
                    counted = PromptCounted(tuple(map(message_tokens, request.messages)), offered_tokens(request))
                    if fact.prompt_tokens == prompt.prompt_tokens:  # a script may tell other figures
                        yield counted
                yield fact

    async def warm(self, work: ChatWork) -> None:
        """Do nothing: there is nothing to compute, and an answer begins at once."""

    async def complete(self, work: CompletionWork) -> AsyncGenerator[CompletionFact, None]:
        """Perform the script in a prompt, or say the prompt once more."""
        if not isinstance(work.prompt, str):
            raise InvalidRequest("The scripted model takes prompts as text, not as tokens.", param="prompt")
        request = work.request
        limits = Limits(
            num_choices=request.n or 1,
            max_tokens=16 if request.max_tokens is None else request.max_tokens,  # as OpenAI's older API ends
            stops=_stops(request.stop),
            seed=request.seed or 0,
            top_logprobs=request.logprobs,
        )
        counted = self._within_context(count(work.prompt), "prompt")
        beats = plan(prompt_answer(work.prompt), limits, UsageCounted(counted, 0), work.prompt)
        async with aclosing(self._perform(beats)) as facts:
            async for fact in facts:
                assert isinstance(fact, (TextProduced, ChoiceFinished, UsageCounted)), "a chat has the others"
                yield fact

    async def embed(self, work: EmbeddingWork) -> Embedded:
        """Embed each text, or each list of tokens as if it were their numbers in words."""
        num_dimensions = work.dimensions or DEFAULT_DIMENSIONS
        if num_dimensions > MOST_DIMENSIONS:
            raise InvalidRequest(f"This model has at most {MOST_DIMENSIONS} dimensions.", param="dimensions")
        texts = [one if isinstance(one, str) else " ".join(map(str, one)) for one in work.inputs]
        for text in texts:
            self._within_context(count(text), "input")
        return Embedded(tuple(vector_of(text, num_dimensions) for text in texts), sum(map(count, texts)))

    async def _perform(self, beats: Iterator[Beat]) -> AsyncGenerator[ChatFact, None]:
        self._num_in_flight += 1
        try:
            for beat in beats:
                if isinstance(beat, Wait):
                    await self._sleep(beat.ms / 1000)
                elif isinstance(beat, AntiphonError):
                    raise beat
                else:
                    yield beat
        finally:
            self._num_in_flight -= 1

    def _within_context(self, num_tokens: int, param: str) -> int:
        context_tokens = self._profile.context_tokens
        assert context_tokens is not None, "the scripted model has a context"
        if num_tokens > context_tokens:
            raise ContextLengthExceeded(context_tokens=context_tokens, prompt_tokens=num_tokens, param=param)
        return num_tokens


def _chat_limits(request: ChatRequest) -> Limits:
    return Limits(
        num_choices=request.n or 1,
        max_tokens=request.max_completion_tokens or request.max_tokens,
        stops=_stops(request.stop),
        seed=request.seed or 0,
        top_logprobs=(request.top_logprobs or 0) if request.logprobs else None,
    )


def _stops(stop: str | Sequence[str] | None) -> tuple[str, ...]:
    stops = (stop,) if isinstance(stop, str) else tuple(stop or ())
    return tuple(filter(None, stops))


def _salt(request: ChatRequest) -> str:
    """Return what tells this answer from the others of the conversation, so that no two calls share an id."""
    messages = "".join(message.model_dump_json(exclude_unset=True) for message in request.messages)
    return hashlib.sha256(messages.encode()).hexdigest()
