"""The forms of `POST /v1/audio/transcriptions` and `/v1/audio/translations`, and their answers.

A field of an answer that is `UNSET` is left out.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType
from pydantic import Field

from antiphon.wire.request import WireRequest

Temperature = Annotated[float, Field(ge=0, le=1)]


class ServerVad(WireRequest):
    """How a file is cut where nobody speaks."""

    type: Literal["server_vad"]
    prefix_padding_ms: Annotated[int, Field(ge=0)] | None = None
    silence_duration_ms: Annotated[int, Field(ge=0)] | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None


class TranscriptionForm(WireRequest):
    """A file whose words are wanted in its own language. `file` is its bytes, whatever it is called."""

    file: bytes
    model: str
    chunking_strategy: Literal["auto"] | ServerVad | None = None
    include: list[Literal["logprobs"]] | None = None
    keywords: Annotated[list[str], Field(max_length=100)] | None = None
    known_speaker_names: list[str] | None = None
    known_speaker_references: list[str] | None = None
    language: str | None = None
    languages: list[str] | None = None
    prompt: str | None = None
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] = "json"
    stream: bool | None = None
    temperature: Temperature = 0.0
    timestamp_granularities: list[Literal["word", "segment"]] | None = None


class TranslationForm(WireRequest):
    """A file whose words are wanted in English."""

    file: bytes
    model: str
    prompt: str | None = None
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt"] = "json"
    temperature: Temperature = 0.0


class DurationUsage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="duration"):
    """What counts is the length of the audio."""

    seconds: int


class HeardTokensDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What the tokens were that came in."""

    text_tokens: int
    audio_tokens: int


class HeardTokens(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="tokens"):
    """What counts are tokens."""

    input_tokens: int
    input_token_details: HeardTokensDetails
    output_tokens: int
    total_tokens: int


class HeardLanguage(msgspec.Struct, frozen=True):
    """A language in the audio."""

    code: str


class Transcription(msgspec.Struct, frozen=True, kw_only=True):
    """The words."""

    text: str
    languages: list[HeardLanguage] | UnsetType = UNSET
    usage: DurationUsage | HeardTokens | UnsetType = UNSET


class TranscribedSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the words. Times are in seconds; the last four are Whisper's own figures."""

    id: int
    seek: int
    start: float
    end: float
    text: str
    tokens: list[int]
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float


class TranscribedWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word without punctuation, and when it sounds, in seconds."""

    word: str
    start: float
    end: float


class VerboseTranscription(msgspec.Struct, frozen=True, kw_only=True):
    """The words with their times. `language` is a name, `duration` is in seconds."""

    task: Literal["transcribe", "translate"]
    language: str
    duration: float
    text: str
    words: list[TranscribedWord] | UnsetType = UNSET
    segments: list[TranscribedSegment] | UnsetType = UNSET
    usage: DurationUsage | UnsetType = UNSET


class PlainTranscript(msgspec.Struct, frozen=True):
    """An answer that is text and no JSON: `text`, `srt` or `vtt`."""

    text: str


class TranscriptTextDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More of the words."""

    type: Literal["transcript.text.delta"] = "transcript.text.delta"
    delta: str


class TranscriptTextDone(msgspec.Struct, frozen=True, kw_only=True):
    """All the words."""

    type: Literal["transcript.text.done"] = "transcript.text.done"
    text: str
    languages: list[HeardLanguage] | UnsetType = UNSET
    usage: HeardTokens


TranscriptionAnswer = Transcription | VerboseTranscription | PlainTranscript
TranscriptEvent = TranscriptTextDelta | TranscriptTextDone
