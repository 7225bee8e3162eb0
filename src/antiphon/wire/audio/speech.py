"""The body of `POST /v1/audio/speech`, and the events of a streamed answer."""

from typing import Annotated, Literal

import msgspec
from pydantic import Field

from antiphon.wire.request import WireRequest

MAX_INPUT_CHARS = 4096


class VoiceReference(WireRequest):
    """A voice by its id."""

    id: str


class SpeechRequest(WireRequest):
    """Text to be spoken."""

    input: Annotated[str, Field(min_length=1, max_length=MAX_INPUT_CHARS)]
    model: str
    voice: str | VoiceReference
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: Annotated[float, Field(ge=0.25, le=4)] = 1.0
    stream_format: Literal["audio", "sse"] = "audio"


class SpeechAudioDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More of the file, base64."""

    type: Literal["speech.audio.delta"] = "speech.audio.delta"
    audio: str


class SpeechUsage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of the text, and of the audio that it became."""

    input_tokens: int
    output_tokens: int
    total_tokens: int


class SpeechAudioDone(msgspec.Struct, frozen=True, kw_only=True):
    """The file is whole."""

    type: Literal["speech.audio.done"] = "speech.audio.done"
    usage: SpeechUsage


SpeechEvent = SpeechAudioDelta | SpeechAudioDone


def voice_name(voice: str | VoiceReference) -> str:
    """Return the name of a voice, however it is given."""
    return voice if isinstance(voice, str) else voice.id
