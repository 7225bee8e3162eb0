"""What stands inside the server's events: items, responses, usage and sessions. What is UNSET is left out."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """An object that the server sends."""


class Part(Sent, frozen=True, kw_only=True, tag_field="type", tag="input_text"):
    """Content of an item: written words of system or user."""

    text: str


class InputAudioPart(Sent, frozen=True, kw_only=True, tag_field="type", tag="input_audio"):
    """What the user said. Its bytes are there only where they were asked for."""

    transcript: str | None
    audio: bytes | UnsetType = UNSET
    format: str | UnsetType = UNSET


class InputImagePart(Sent, frozen=True, kw_only=True, tag_field="type", tag="input_image"):
    """What the user showed."""

    image_url: str | UnsetType
    detail: str


class OutputTextPart(Sent, frozen=True, kw_only=True, tag_field="type", tag="output_text"):
    """What the assistant wrote, in GA."""

    text: str


class OutputAudioPart(Sent, frozen=True, kw_only=True, tag_field="type", tag="output_audio"):
    """What the assistant said, in GA."""

    transcript: str
    audio: bytes | UnsetType = UNSET
    format: str | UnsetType = UNSET


class TextPart(OutputTextPart, frozen=True, kw_only=True, tag="text"):
    """What the assistant wrote, in beta."""


class AudioPart(OutputAudioPart, frozen=True, kw_only=True, tag="audio"):
    """What the assistant said, in beta."""


AnyPart = Part | InputAudioPart | InputImagePart | OutputTextPart | OutputAudioPart


class Message(Sent, frozen=True, kw_only=True, tag_field="type", tag="message"):
    """Somebody said something. `object` is there in beta alone, here and below."""

    id: str
    object: Literal["realtime.item"] | UnsetType
    status: str
    role: str
    content: Sequence[AnyPart]


class FunctionCall(Sent, frozen=True, kw_only=True, tag_field="type", tag="function_call"):
    """The model calls a function."""

    id: str
    object: Literal["realtime.item"] | UnsetType
    status: str
    name: str
    call_id: str
    arguments: str


class FunctionCallOutput(Sent, frozen=True, kw_only=True, tag_field="type", tag="function_call_output"):
    """What the function gave."""

    id: str
    object: Literal["realtime.item"] | UnsetType
    status: str
    call_id: str
    output: str


AnyItem = Message | FunctionCall | FunctionCallOutput


class Error(Sent, frozen=True, kw_only=True):
    """An error wherever it stands. A field that is not known is left out."""

    type: str
    code: str | UnsetType
    message: str
    param: str | UnsetType = UNSET


class StatusDetails(Sent, frozen=True, kw_only=True):
    """Why a response ended."""

    type: str
    reason: str | UnsetType = UNSET
    error: Error | UnsetType = UNSET


class TokensByKind(Sent, frozen=True, kw_only=True):
    """Tokens by what they were; beta knows of no pictures."""

    text_tokens: int
    audio_tokens: int
    image_tokens: int | UnsetType = UNSET


class InputTokens(TokensByKind, frozen=True, kw_only=True):
    """Tokens in. Those that were cached are among them."""

    cached_tokens: int
    cached_tokens_details: TokensByKind


class Usage(Sent, frozen=True, kw_only=True):
    """What a response took."""

    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_token_details: InputTokens
    output_token_details: TokensByKind


class ServerVad(Sent, frozen=True, kw_only=True, tag_field="type", tag="server_vad"):
    """Turns that end after silence. What a generation or a kind of session does not know is left out."""

    threshold: float
    prefix_padding_ms: int
    silence_duration_ms: int
    idle_timeout_ms: int | UnsetType | None = UNSET
    create_response: bool | UnsetType = UNSET
    interrupt_response: bool | UnsetType = UNSET


class SemanticVad(Sent, frozen=True, kw_only=True, tag_field="type", tag="semantic_vad"):
    """Turns that end when the speaker is done."""

    eagerness: str
    create_response: bool | UnsetType = UNSET
    interrupt_response: bool | UnsetType = UNSET


class NoiseReduction(Sent, frozen=True, kw_only=True):
    """The kind of microphone."""

    type: str
    strength: float | UnsetType = UNSET


class Tool(Sent, frozen=True, kw_only=True):
    """A function that the model may call."""

    type: Literal["function"] = "function"
    name: str
    description: str | UnsetType
    parameters: Mapping[str, Any] | UnsetType


class NamedTool(Sent, frozen=True, kw_only=True):
    """The function that must be called."""

    type: Literal["function"] = "function"
    name: str


class RateLimit(Sent, frozen=True, kw_only=True):
    """What is left of a limit."""

    name: str
    limit: int
    remaining: int
    reset_seconds: float
