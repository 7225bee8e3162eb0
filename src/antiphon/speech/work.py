"""What speech engines are asked to do. An id names its work in logs; closing the iterator of its facts ends it."""

from typing import Literal

import msgspec

from antiphon.speech.voices import Voice

RECOGNITION_RATE_HZ = 16_000


class RecognitionWork(msgspec.Struct, frozen=True, kw_only=True):
    """Audio whose words are wanted: `samples` are signed 16-bit little-endian at `RECOGNITION_RATE_HZ`.

    `model` is the engine's own name. `language` is an ISO 639-1 code, None where the engine is to find out. `prompt`
    is text that may have gone before: names and spellings are taken from it. `task` of `translate` gives English.
    `is_urgent` is for a spoken turn that waits for the words.
    """

    id: str
    organization: str
    model: str
    samples: bytes
    language: str | None = None
    prompt: str | None = None
    temperature: float = 0.0
    task: Literal["transcribe", "translate"] = "transcribe"
    wants_words: bool = False
    is_urgent: bool = False


class SpeechWork(msgspec.Struct, frozen=True, kw_only=True):
    """Text to be spoken; `speed` multiplies the voice's own rate. `is_urgent` is for a turn that waits for sound."""

    id: str
    organization: str
    voice: Voice
    text: str
    speed: float = 1.0
    is_urgent: bool = False
