"""Chats that are heard and spoken, by models that only read and write: ears before the chat and a voice after it.

An engine that takes audio, or speaks, is given that part as it is.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

import msgspec

from antiphon.audio.files import FileFormat
from antiphon.callers import Caller
from antiphon.errors import InvalidRequest
from antiphon.features.audio.hearing import samples_of, seconds_of
from antiphon.features.audio.speaking import Utterance
from antiphon.features.audio.spoken_answer import SpokenStream, audio_id, with_audio_tokens
from antiphon.generation.abilities import check_request
from antiphon.generation.profile import EngineProfile
from antiphon.generation.spoken import (
    PartPlace,
    answered_in_writing,
    audio_inputs,
    named_answers,
    wanted_audio,
    with_heard,
    with_named,
)
from antiphon.ids import Ids
from antiphon.ports import AudioFiles, Engines, SpeechEngines, SpokenAnswers, Synthesiser
from antiphon.speech.clauses import ClauseSplitter
from antiphon.speech.metering import heard_tokens, spoken_tokens
from antiphon.speech.transcript import Transcript
from antiphon.speech.voices import Voice
from antiphon.speech.work import RecognitionWork, SpeechWork
from antiphon.wire.audio.speech import voice_name
from antiphon.wire.chat.answer import AnsweredAudio, ChatCompletion, ChatCompletionChunk, Choice
from antiphon.wire.chat.messages import InputAudio
from antiphon.wire.chat.request import AudioOutput, ChatRequest

ANSWERS_KEPT_FOR_S = 60 * 60


class ChatAnswers(Protocol):
    """Whoever answers chats in writing."""

    async def answer(self, caller: Caller, request: ChatRequest) -> ChatCompletion:
        """Return the whole answer."""
        ...

    def stream(self, caller: Caller, request: ChatRequest) -> AsyncGenerator[ChatCompletionChunk, None]:
        """Yield the answer's chunks."""
        ...


@dataclass(frozen=True, slots=True)
class SpokenChatParts:
    """What hears, speaks and remembers. `recognition_model` is the name of the model that hears."""

    engines: Engines
    speech: SpeechEngines
    files: AudioFiles
    answers: SpokenAnswers
    recognition_model: str = "whisper-1"


@dataclass(frozen=True, slots=True)
class _Sounding:
    """How an answer is to sound, and who speaks it."""

    engine: Synthesiser
    voice: Voice
    output: AudioOutput

    @property
    def file_format(self) -> FileFormat:
        return "pcm" if self.output.format == "pcm16" else self.output.format


@dataclass(frozen=True, slots=True)
class _Turn:
    """A request as it is asked in writing, and what of it and of its answer is sound."""

    request: ChatRequest
    heard_s: float = 0.0
    sounding: _Sounding | None = None

    @property
    def heard_tokens(self) -> int:
        return heard_tokens(self.heard_s)


class SpokenChat:
    """Answers `/v1/chat/completions` as `chat` does, sound included. `now` tells the seconds since 1970."""

    def __init__(self, chat: ChatAnswers, parts: SpokenChatParts, make_id: Ids, now: Callable[[], float]) -> None:
        self._chat = chat
        self._parts = parts
        self._make_id = make_id
        self._now = now

    async def answer(self, caller: Caller, request: ChatRequest) -> ChatCompletion:
        """Return the whole answer. Raises `RequestError` or `EngineError`."""
        turn = await self._prepare(caller, request)
        completion = await self._chat.answer(caller, turn.request)
        choices, num_spoken = completion.choices, 0
        if turn.sounding is not None:
            spoken = [await self._spoken(caller, choice, turn.sounding) for choice in choices]
            choices = [choice for choice, _ in spoken]
            num_spoken = sum(num_tokens for _, num_tokens in spoken)
        usage = with_audio_tokens(completion.usage, turn.heard_tokens, num_spoken)
        return msgspec.structs.replace(completion, choices=choices, usage=usage)

    async def stream(self, caller: Caller, request: ChatRequest) -> AsyncGenerator[ChatCompletionChunk, None]:
        """Yield the answer's chunks: each clause's words, then their sound. Raises as `answer` does."""
        turn = await self._prepare(caller, request)
        expires_at = self._expires_at()
        stream = SpokenStream(turn.heard_tokens, expires_at, self._speaker(caller, turn.sounding))
        async with aclosing(self._chat.stream(caller, turn.request)) as chunks:
            async for chunk in chunks:
                async with aclosing(stream.spoken(chunk)) as spoken:
                    async for one in spoken:
                        for answer_id, transcript in stream.finished():
                            await self._parts.answers.keep(caller, answer_id, transcript, expires_at)
                        yield one

    async def _prepare(self, caller: Caller, request: ChatRequest) -> _Turn:
        heard = list(audio_inputs(request))
        named = list(named_answers(request))
        if not heard and not named and request.modalities is None and request.audio is None:
            return _Turn(request)
        check_request(request)
        profile = self._parts.engines.chat(request.model)[0].profile
        sounding = self._sounding(request, profile)
        if not profile.speaks:
            transcripts = {place: await self._named(caller, place, answer_id) for place, answer_id in named}
            request = answered_in_writing(with_named(request, transcripts))
        if profile.takes_audio or not heard:
            return _Turn(request, 0.0, sounding)
        texts: dict[PartPlace, str] = {}
        heard_s = 0.0
        for place, audio in heard:
            texts[place], seconds = await self._heard(caller, place, audio)
            heard_s += seconds
        return _Turn(with_heard(request, texts), heard_s, sounding)

    def _sounding(self, request: ChatRequest, profile: EngineProfile) -> _Sounding | None:
        output = wanted_audio(request)
        if output is None or profile.speaks:
            return None
        engine, voice = self._parts.speech.synthesiser(request.model, voice_name(output.voice))
        return _Sounding(engine, voice, output)

    async def _named(self, caller: Caller, place: int, answer_id: str) -> str:
        transcript = await self._parts.answers.find(caller, answer_id)
        if transcript is None:
            raise InvalidRequest(
                f"There is no spoken answer '{answer_id[:100]}', or it has expired: an answer can be named for an hour "
                "after it was given. Send its transcript as the message's content.",
                param=f"messages.[{place}].audio.id",
                code="audio_not_found",
            )
        return transcript

    async def _heard(self, caller: Caller, place: PartPlace, audio: InputAudio) -> tuple[str, float]:
        param = f"messages.[{place[0]}].content.[{place[1]}].input_audio.data"
        engine, model = self._parts.speech.recogniser(self._parts.recognition_model)
        samples = await samples_of(self._parts.files, _decoded(audio.data, param), param)
        work = RecognitionWork(
            id=self._make_id("transcription_"), organization=caller.organization, model=model, samples=samples
        )
        transcript = Transcript()
        async with aclosing(engine.recognise(work)) as facts:
            async for fact in facts:
                transcript.add(fact)
        return transcript.text, seconds_of(samples)

    async def _spoken(self, caller: Caller, choice: Choice, sounding: _Sounding) -> tuple[Choice, int]:
        """Return a choice with its text spoken, and the tokens of the audio."""
        text = choice.message.content
        if not text or not text.strip():
            return choice, 0
        utterance, splitter = self._utterance(caller, sounding), ClauseSplitter()
        samples = bytearray()
        for clause in (*splitter.feed(text), *splitter.finish()):
            async with aclosing(utterance.say(clause)) as pieces:
                async for piece in pieces:
                    samples += piece
        samples += utterance.finish()
        data = await self._parts.files.encode(sounding.file_format, bytes(samples))
        audio = AnsweredAudio(
            id=audio_id(self._make_id),
            data=b64encode(data).decode(),
            expires_at=self._expires_at(),
            transcript=text,
        )
        await self._parts.answers.keep(caller, audio.id, text, audio.expires_at)
        message = msgspec.structs.replace(choice.message, content=None, audio=audio)
        return msgspec.structs.replace(choice, message=message), spoken_tokens(utterance.seconds)

    def _speaker(self, caller: Caller, sounding: _Sounding | None) -> Callable[[], tuple[str, Utterance]] | None:
        """Return what begins to speak a choice: its id, and its utterance."""
        if sounding is None:
            return None
        return lambda: (audio_id(self._make_id), self._utterance(caller, sounding))

    def _utterance(self, caller: Caller, sounding: _Sounding) -> Utterance:
        work = SpeechWork(id=self._make_id("speech_"), organization=caller.organization, voice=sounding.voice, text="")
        return Utterance(sounding.engine, work)

    def _expires_at(self) -> int:
        return int(self._now()) + ANSWERS_KEPT_FOR_S


def _decoded(data: str, param: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except (NotBase64, ValueError):
        raise InvalidRequest("Invalid audio data: it is not base64.", param=param, code="invalid_audio") from None
