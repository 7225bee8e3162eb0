"""Responses and sessions as GA has them: everything about sound lies under `audio`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from antiphon.wire.realtime.objects import (
    AnyItem,
    NamedTool,
    NoiseReduction,
    SemanticVad,
    Sent,
    ServerVad,
    StatusDetails,
    Tool,
    Usage,
)


class Format(Sent, frozen=True, kw_only=True):
    """How audio is packed; only PCM tells its rate."""

    type: str
    rate: int | UnsetType = UNSET


class ResponseOutput(Sent, frozen=True, kw_only=True):
    """How an answer sounds."""

    format: Format
    voice: str


class ResponseAudio(Sent, frozen=True, kw_only=True):
    """The direction that a response has."""

    output: ResponseOutput


class Response(Sent, frozen=True, kw_only=True):
    """A response as `response.created` and `response.done` show it."""

    object: Literal["realtime.response"] = "realtime.response"
    id: str
    status: str
    status_details: StatusDetails | None
    output: Sequence[AnyItem]
    conversation_id: str | None
    output_modalities: Sequence[str]
    max_output_tokens: int | Literal["inf"]
    audio: ResponseAudio
    usage: Usage | None
    metadata: Mapping[str, str] | None


class AudioInput(Sent, frozen=True, kw_only=True):
    """What is heard."""

    format: Format
    transcription: Mapping[str, Any] | None
    noise_reduction: NoiseReduction | None
    turn_detection: ServerVad | SemanticVad | None


class AudioOutput(Sent, frozen=True, kw_only=True):
    """How answers sound."""

    format: Format
    voice: str
    speed: float


class Audio(Sent, frozen=True, kw_only=True):
    """Both directions, or the one that a session has."""

    input: AudioInput
    output: AudioOutput | UnsetType = UNSET


class RetentionRatio(Sent, frozen=True, kw_only=True):
    """How much of a full context is kept."""

    type: Literal["retention_ratio"] = "retention_ratio"
    retention_ratio: float
    token_limits: Mapping[str, int] | UnsetType


class RealtimeSession(Sent, frozen=True, kw_only=True):
    """The whole set-up of a session that answers."""

    type: Literal["realtime"] = "realtime"
    object: Literal["realtime.session"] = "realtime.session"
    id: str
    model: str
    output_modalities: Sequence[str]
    instructions: str
    tools: Sequence[Tool]
    tool_choice: str | NamedTool
    parallel_tool_calls: bool | UnsetType
    reasoning: Any
    max_output_tokens: int | Literal["inf"]
    tracing: Any
    truncation: str | RetentionRatio
    prompt: Any
    expires_at: int | None
    audio: Audio
    include: Sequence[str] | None


class TranscriptionSession(Sent, frozen=True, kw_only=True):
    """The whole set-up of a session that only transcribes."""

    type: Literal["transcription"] = "transcription"
    object: Literal["realtime.transcription_session"] = "realtime.transcription_session"
    id: str
    expires_at: int | None
    audio: Audio
    include: Sequence[str] | None
