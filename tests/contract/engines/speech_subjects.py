"""Recognisers and synthesisers that the contracts hold for, each with what the suites need to know of it."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from tests.fixtures.speech_upstream import SpeechUpstream, speech_upstream
from tests.fixtures.upstream import KEY
from tests.fixtures.weights import weights_of

from antiphon.engines.remote.recogniser import RemoteRecogniser
from antiphon.engines.remote.synthesiser import RemoteSynthesiser
from antiphon.engines.scripted.ears import ScriptedRecogniser
from antiphon.engines.scripted.tones import tones_of
from antiphon.engines.scripted.voice import ScriptedSynthesiser
from antiphon.engines.speech.recognisers import WhisperFleet
from antiphon.engines.speech.synthesiser import PiperSynthesiser
from antiphon.ports import Recogniser, Synthesiser
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.speech.facts import RecognitionFact, SpeechFact
from antiphon.speech.voices import Voice
from antiphon.speech.work import RECOGNITION_RATE_HZ, RecognitionWork, SpeechWork

EARS, VOICE = "whisper-tiny.en", "piper-en-us-joe-medium"


@dataclass
class Ears:
    """A recogniser under test, and who says a text so that it understands: samples at `RECOGNITION_RATE_HZ`."""

    engine: Recogniser
    say: Callable[[str], Awaitable[bytes]]

    def recognise(self, samples: bytes, **options: Any) -> AsyncGenerator[RecognitionFact, None]:
        """Begin a work."""
        work = RecognitionWork(id="w", organization="o", model=EARS, samples=samples, **options)
        return self.engine.recognise(work)


@dataclass
class Mouth:
    """A synthesiser under test."""

    engine: Synthesiser
    voice: Voice

    def speak(self, text: str, **options: Any) -> AsyncGenerator[SpeechFact, None]:
        """Begin a work."""
        return self.engine.speak(SpeechWork(id="w", organization="o", voice=self.voice, text=text, **options))


@asynccontextmanager
async def scripted_ears() -> AsyncIterator[Ears]:
    """The scripted model, which hears tones."""
    yield Ears(ScriptedRecogniser(), _tones)


@asynccontextmanager
async def remote_ears() -> AsyncIterator[Ears]:
    """A server that hears tones."""
    async with speech_upstream() as upstream:
        engine = RemoteRecogniser(_settings(upstream, recognises=True))
        yield Ears(engine, _tones)
        await engine.close()


@asynccontextmanager
async def whisper() -> AsyncIterator[Ears]:
    """The smallest embedded recogniser, which hears Piper."""
    entry, _ = weights_of(EARS)
    fleet = WhisperFleet(lambda one: weights_of(one.name)[1], num_threads=2, max_works=16)
    engine = fleet.recogniser(entry)
    assert engine is not None
    async with piper() as mouth:

        async def say(text: str) -> bytes:
            samples = b"".join([fact.samples async for fact in mouth.speak(text)])
            floats = np.frombuffer(samples, dtype="<i2").astype(np.float32)
            heard = soxr.resample(floats, mouth.engine.profile.rate_hz, RECOGNITION_RATE_HZ)
            return heard.astype("<i2").tobytes()

        yield Ears(engine, say)
    await fleet.drain(0)


@asynccontextmanager
async def scripted_mouth() -> AsyncIterator[Mouth]:
    """The scripted model, which speaks in tones."""
    yield Mouth(ScriptedSynthesiser(), Voice("alloy", "antiphon-scripted"))


@asynccontextmanager
async def remote_mouth() -> AsyncIterator[Mouth]:
    """A server that speaks in tones."""
    async with speech_upstream() as upstream:
        engine = RemoteSynthesiser(_settings(upstream, speaks=True, voices={"alloy": "tones"}))
        yield Mouth(engine, Voice("alloy", "theirs", "tones"))
        await engine.close()


@asynccontextmanager
async def piper() -> AsyncIterator[Mouth]:
    """The embedded synthesiser."""
    _, weights = weights_of(VOICE)
    engine = PiperSynthesiser.of_model(VOICE, weights.path, digest=weights.sha256, num_threads=2)
    yield Mouth(engine, Voice("alloy", VOICE))
    await engine.link.drain(0)


async def _tones(text: str) -> bytes:
    return tones_of(text, RECOGNITION_RATE_HZ).astype("<i2").tobytes()


def _settings(upstream: SpeechUpstream, **options: Any) -> RemoteEngineSettings:
    given = {"name": "far", "base_url": upstream.base_url, "models": {"ours": "theirs"}, "api_key": KEY}
    return RemoteEngineSettings.model_validate({**given, **options})
