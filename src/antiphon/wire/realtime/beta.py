"""What beta clients send: flat sessions, of October 2024 and with what came until the summer of 2025."""

from typing import Annotated, Literal

from pydantic import Field

from antiphon.wire.chat.request import Metadata
from antiphon.wire.realtime.client_events import ClientEvent
from antiphon.wire.realtime.fields import (
    Eagerness,
    ExpiresAfter,
    MaxTokens,
    Modality,
    Name,
    NoiseReduction,
    Pause,
    ReadOnly,
    Share,
    Speed,
    Tools,
    Tracing,
)
from antiphon.wire.realtime.items import BetaInput, BetaItem, Id
from antiphon.wire.request import WireRequest

Format = Literal["pcm16", "g711_ulaw", "g711_alaw"]
Temperature = Annotated[float, Field(ge=0.6, le=1.2)]


class Transcription(WireRequest):
    """How the user's speech is transcribed."""

    model: Name | None = None
    language: str | None = None
    prompt: str | None = None


class TurnDetection(WireRequest):
    """How turns are told. One object for both ways: what only the other one has is passed over."""

    type: Literal["server_vad", "semantic_vad"] | None = None
    threshold: Share | None = None
    prefix_padding_ms: Pause | None = None
    silence_duration_ms: Pause | None = None
    eagerness: Eagerness | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None


class FunctionName(WireRequest):
    """Names one function."""

    name: str


class NamedTool(WireRequest):
    """The function that must be called, in either of the two ways in which it was written."""

    type: Literal["function"]
    name: str | None = None
    function: FunctionName | None = None


ToolChoice = Literal["auto", "none", "required"] | NamedTool


class SecretOptions(WireRequest):
    """How long the key of a session that is made by REST holds; the socket tells it back as null."""

    value: str | None = None
    expires_at: int | ExpiresAfter | None = None
    expires_after: ExpiresAfter | None = None


class ListenedSession(ReadOnly):
    """What sessions that answer and sessions that only transcribe have in common."""

    client_secret: SecretOptions | None = None
    include: list[str] | None = None
    input_audio_format: Format | None = None
    input_audio_noise_reduction: NoiseReduction | None = None
    input_audio_transcription: Transcription | None = None
    modalities: list[Modality] | None = None
    turn_detection: TurnDetection | None = None


class Session(ListenedSession):
    """A session that answers."""

    instructions: str | None = None
    max_response_output_tokens: MaxTokens | None = None
    output_audio_format: Format | None = None
    speed: Speed | None = None
    temperature: Temperature | None = None
    tool_choice: ToolChoice | None = None
    tools: Tools | None = None
    tracing: Tracing | None = None
    voice: Name | None = None


class TranscriptionSession(ListenedSession):
    """A session that only transcribes."""


class Response(WireRequest):
    """What one response does otherwise than the session says. Its limit has had two names."""

    conversation: Literal["auto", "none"] | None = None
    input: list[BetaInput] | None = None
    instructions: str | None = None
    max_output_tokens: MaxTokens | None = None
    max_response_output_tokens: MaxTokens | None = None
    metadata: Metadata | None = None
    modalities: list[Modality] | None = None
    output_audio_format: Format | None = None
    temperature: Temperature | None = None
    tool_choice: ToolChoice | None = None
    tools: Tools | None = None
    voice: Name | None = None


class UpdateSessionEvent(ClientEvent):
    """`session.update`."""

    session: Session


class UpdateTranscriptionEvent(ClientEvent):
    """`transcription_session.update`."""

    session: TranscriptionSession


class CreateItemEvent(ClientEvent):
    """`conversation.item.create`."""

    item: BetaItem
    previous_item_id: Id | None = None


class CreateResponseEvent(ClientEvent):
    """`response.create`."""

    response: Response | None = None
