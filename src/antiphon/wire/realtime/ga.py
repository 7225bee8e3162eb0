"""What GA clients send: nested sessions with `audio.input` and `audio.output`, and no temperature."""

from typing import Annotated, Any, Literal

from pydantic import Field

from antiphon.wire.chat.request import Metadata
from antiphon.wire.realtime.client_events import ClientEvent
from antiphon.wire.realtime.fields import (
    Eagerness,
    MaxTokens,
    Modality,
    Name,
    NoiseReduction,
    Pause,
    ReadOnly,
    SessionType,
    Share,
    Speed,
    Tools,
    Tracing,
)
from antiphon.wire.realtime.items import GaInput, GaItem, Id
from antiphon.wire.request import WireRequest


class Pcm(WireRequest):
    """16-bit little-endian mono at 24 kHz."""

    type: Literal["audio/pcm"]
    rate: Literal[24000] | None = None


class Pcmu(WireRequest):
    """G.711 mu-law at 8 kHz."""

    type: Literal["audio/pcmu"]


class Pcma(WireRequest):
    """G.711 A-law at 8 kHz."""

    type: Literal["audio/pcma"]


Format = Annotated[Pcm | Pcmu | Pcma, Field(discriminator="type")]


class Transcription(WireRequest):
    """How the user's speech is transcribed."""

    model: Name | None = None
    language: str | None = None
    prompt: str | None = None
    languages: list[str] | None = None
    keywords: list[str] | None = None
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None


class ServerVad(WireRequest):
    """Turns end after a silence of fixed length."""

    type: Literal["server_vad"]
    threshold: Share | None = None
    prefix_padding_ms: Pause | None = None
    silence_duration_ms: Pause | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None
    idle_timeout_ms: Annotated[int, Field(ge=5000, le=30_000)] | None = None


class SemanticVad(WireRequest):
    """Turns end when a model judges that the speaker is done."""

    type: Literal["semantic_vad"]
    eagerness: Eagerness | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None


class AudioInput(WireRequest):
    """What is heard, and how turns are told from it."""

    format: Format | None = None
    transcription: Transcription | None = None
    noise_reduction: NoiseReduction | None = None
    turn_detection: Annotated[ServerVad | SemanticVad, Field(discriminator="type")] | None = None


class VoiceId(WireRequest):
    """A voice by its id."""

    id: Name


class AudioOutput(WireRequest):
    """How answers sound."""

    format: Format | None = None
    voice: Name | VoiceId | None = None
    speed: Speed | None = None


class RealtimeAudio(WireRequest):
    """Both directions."""

    input: AudioInput | None = None
    output: AudioOutput | None = None


class TranscriptionAudio(WireRequest):
    """The one direction of a session that only transcribes."""

    input: AudioInput | None = None


class NamedTool(WireRequest):
    """The function that must be called."""

    type: Literal["function"]
    name: str


class McpChoice(WireRequest):
    """The remote tool that must be called; it is read so that it can be refused in words."""

    type: Literal["mcp"]
    server_label: str
    name: str | None = None


ToolChoice = Literal["none", "auto", "required"] | Annotated[NamedTool | McpChoice, Field(discriminator="type")]


class TokenLimits(WireRequest):
    """How much of the context a conversation may fill."""

    post_instructions: Annotated[int, Field(ge=0, le=2**31)] | None = None


class RetentionRatio(WireRequest):
    """Where the context is full, keep this share of it."""

    type: Literal["retention_ratio"]
    retention_ratio: Share
    token_limits: TokenLimits | None = None


class Reasoning(WireRequest):
    """How much a reasoning model thinks."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None


class StoredPrompt(WireRequest):
    """A prompt that is kept at OpenAI."""

    id: str
    version: str | None = None
    variables: dict[str, Any] | None = None


class RealtimeSession(ReadOnly):
    """A session that answers."""

    type: SessionType | None = None
    audio: RealtimeAudio | None = None
    include: list[str] | None = None
    instructions: str | None = None
    max_output_tokens: MaxTokens | None = None
    output_modalities: list[Modality] | None = None
    parallel_tool_calls: bool | None = None
    prompt: StoredPrompt | None = None
    reasoning: Reasoning | None = None
    tool_choice: ToolChoice | None = None
    tools: Tools | None = None
    tracing: Tracing | None = None
    truncation: Literal["auto", "disabled"] | RetentionRatio | None = None


class TranscriptionSession(ReadOnly):
    """A session that only transcribes."""

    type: SessionType | None = None
    audio: TranscriptionAudio | None = None
    include: list[str] | None = None


class ResponseOutput(WireRequest):
    """How one answer sounds."""

    format: Format | None = None
    voice: Name | VoiceId | None = None


class ResponseAudio(WireRequest):
    """The direction that a response has."""

    output: ResponseOutput | None = None


class Response(WireRequest):
    """What one response does otherwise than the session says."""

    audio: ResponseAudio | None = None
    conversation: Literal["auto", "none"] | None = None
    input: list[GaInput] | None = None
    instructions: str | None = None
    max_output_tokens: MaxTokens | None = None
    metadata: Metadata | None = None
    output_modalities: list[Modality] | None = None
    parallel_tool_calls: bool | None = None
    prompt: StoredPrompt | None = None
    reasoning: Reasoning | None = None
    tool_choice: ToolChoice | None = None
    tools: Tools | None = None


class UpdateRealtimeEvent(ClientEvent):
    """`session.update` of a session that answers."""

    session: RealtimeSession


class UpdateTranscriptionEvent(ClientEvent):
    """`session.update` of a session that only transcribes."""

    session: TranscriptionSession


class CreateItemEvent(ClientEvent):
    """`conversation.item.create`."""

    item: GaItem
    previous_item_id: Id | None = None


class CreateResponseEvent(ClientEvent):
    """`response.create`."""

    response: Response | None = None


class RealtimeSessionBody(WireRequest):
    """The `session` of a REST body, one that answers."""

    session: RealtimeSession


class TranscriptionSessionBody(WireRequest):
    """The `session` of a REST body, one that only transcribes."""

    session: TranscriptionSession
