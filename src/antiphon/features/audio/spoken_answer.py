"""The chunks of a written answer, spoken: the text of each becomes a transcript and its sound."""

from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

import msgspec
from msgspec import UNSET

from antiphon.features.audio.speaking import Utterance
from antiphon.ids import Ids
from antiphon.speech.clauses import ClauseSplitter
from antiphon.speech.metering import spoken_tokens
from antiphon.wire.chat.answer import AudioDelta, ChatCompletionChunk, ChunkChoice, Delta
from antiphon.wire.usage import CompletionUsage


def audio_id(make_id: Ids) -> str:
    """Return the id of a new spoken answer."""
    return make_id("audio_")


def with_audio_tokens(usage: CompletionUsage, num_heard: int, num_spoken: int) -> CompletionUsage:
    """Return a usage to which the tokens of audio are added, in and out: the engine counted text alone."""
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    replace = msgspec.structs.replace
    misses = usage.prompt_cache_miss_tokens
    return replace(
        usage,
        prompt_tokens=usage.prompt_tokens + num_heard,
        completion_tokens=usage.completion_tokens + num_spoken,
        total_tokens=usage.total_tokens + num_heard + num_spoken,
        prompt_tokens_details=replace(prompt, audio_tokens=prompt.audio_tokens + num_heard),
        completion_tokens_details=replace(completion, audio_tokens=completion.audio_tokens + num_spoken),
        prompt_cache_miss_tokens=misses if misses is UNSET else misses + num_heard,
    )


class _SpokenChoice:
    """One choice while it is spoken."""

    def __init__(self, answer_id: str, utterance: Utterance) -> None:
        self.id = answer_id
        self.utterance = utterance
        self.splitter = ClauseSplitter()
        self.clauses: list[str] = []

    async def deltas(self, clauses: list[str]) -> AsyncGenerator[AudioDelta, None]:
        """Yield each clause's words, then its sound."""
        for clause in clauses:
            yield AudioDelta(transcript=clause) if self.clauses else AudioDelta(id=self.id, transcript=clause)
            self.clauses.append(clause)
            async with aclosing(self.utterance.say(clause)) as pieces:
                async for samples in pieces:
                    yield _sound(samples)

    async def ending(self, expires_at: int) -> AsyncGenerator[AudioDelta, None]:
        """Yield what is left to be spoken, and until when the answer may be named."""
        async with aclosing(self.deltas(self.splitter.finish())) as deltas:
            async for delta in deltas:
                yield delta
        if samples := self.utterance.finish():
            yield _sound(samples)
        yield AudioDelta(expires_at=expires_at)


class SpokenStream:
    """Turns each chunk of one written answer into those of the spoken one.

    `speaker` begins to speak a choice; without one only the usage is changed.
    """

    def __init__(self, num_heard: int, expires_at: int, speaker: Callable[[], tuple[str, Utterance]] | None) -> None:
        self._num_heard = num_heard
        self._expires_at = expires_at
        self._speaker = speaker
        self._speaking: dict[int, _SpokenChoice] = {}
        self._finished: list[_SpokenChoice] = []
        self._num_spoken = 0

    async def spoken(self, chunk: ChatCompletionChunk) -> AsyncGenerator[ChatCompletionChunk, None]:
        """Yield the chunks that tell what `chunk` does."""
        if isinstance(chunk.usage, CompletionUsage):
            yield msgspec.structs.replace(
                chunk, usage=with_audio_tokens(chunk.usage, self._num_heard, self._num_spoken)
            )
            return
        if self._speaker is None or not chunk.choices:
            yield chunk
            return
        choice = chunk.choices[0]
        async with aclosing(self._deltas(choice)) as deltas:
            async for delta in deltas:
                yield _with(chunk, ChunkChoice(index=choice.index, delta=Delta(audio=delta)))
        if not choice.delta.content:
            # the role and the end of a choice are told without text, of which there is none
            delta = msgspec.structs.replace(choice.delta, content=None) if choice.delta.content == "" else choice.delta
            yield _with(chunk, msgspec.structs.replace(choice, delta=delta))

    def finished(self) -> Iterator[tuple[str, str]]:
        """Yield, once, the id and the transcript of each answer that has been spoken to its end."""
        while self._finished:
            choice = self._finished.pop()
            yield choice.id, "".join(choice.clauses)

    async def _deltas(self, choice: ChunkChoice) -> AsyncGenerator[AudioDelta, None]:
        if text := choice.delta.content:
            one = self._begun(choice.index)
            async with aclosing(one.deltas(one.splitter.feed(text))) as deltas:
                async for delta in deltas:
                    yield delta
        elif choice.finish_reason is not None and choice.index in self._speaking:
            one = self._speaking.pop(choice.index)
            async with aclosing(one.ending(self._expires_at)) as deltas:
                async for delta in deltas:
                    yield delta
            self._num_spoken += spoken_tokens(one.utterance.seconds)
            self._finished.append(one)

    def _begun(self, index: int) -> _SpokenChoice:
        one = self._speaking.get(index)
        if one is None:
            assert self._speaker is not None, "only what is spoken begins"
            one = self._speaking[index] = _SpokenChoice(*self._speaker())
        return one


def _with(chunk: ChatCompletionChunk, choice: ChunkChoice) -> ChatCompletionChunk:
    return msgspec.structs.replace(chunk, choices=[choice])


def _sound(samples: bytes) -> AudioDelta:
    return AudioDelta(data=b64encode(samples).decode())
