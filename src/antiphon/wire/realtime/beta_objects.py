"""Responses and sessions as beta has them: flat."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

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


class Response(Sent, frozen=True, kw_only=True):
    """A response as `response.created` and `response.done` show it."""

    object: Literal["realtime.response"] = "realtime.response"
    id: str
    status: str
    status_details: StatusDetails | None
    output: Sequence[AnyItem]
    conversation_id: str | None
    modalities: Sequence[str]
    voice: str
    output_audio_format: str
    temperature: float | None
    max_output_tokens: int | Literal["inf"]
    usage: Usage | None
    metadata: Mapping[str, str] | None


class Transcription(Sent, frozen=True, kw_only=True):
    """How the user's speech is transcribed."""

    model: str
    language: str | None
    prompt: str | None


class ClientSecret(Sent, frozen=True, kw_only=True):
    """An ephemeral key. A socket has none to tell: null, or empty where the type allows no null."""

    value: str
    expires_at: int


class Session(Sent, frozen=True, kw_only=True):
    """The whole set-up of a session that answers."""

    id: str
    object: Literal["realtime.session"] = "realtime.session"
    model: str
    expires_at: int | None
    modalities: Sequence[str]
    instructions: str
    voice: str
    turn_detection: ServerVad | SemanticVad | None
    input_audio_format: str
    output_audio_format: str
    input_audio_transcription: Transcription | None
    tool_choice: str | NamedTool
    temperature: float | None
    max_response_output_tokens: int | Literal["inf"]
    client_secret: ClientSecret | None
    tools: Sequence[Tool]
    input_audio_noise_reduction: NoiseReduction | None
    speed: float
    tracing: Any
    include: Sequence[str] | None


class TranscriptionSession(Sent, frozen=True, kw_only=True):
    """The whole set-up of a session that only transcribes."""

    id: str
    object: Literal["realtime.transcription_session"] = "realtime.transcription_session"
    expires_at: int | None
    input_audio_format: str
    input_audio_transcription: Transcription | None
    turn_detection: ServerVad | SemanticVad | None
    input_audio_noise_reduction: NoiseReduction | None
    include: Sequence[str]
    client_secret: ClientSecret
