"""A chat completion and the chunks of a streamed one.

A field that is `UNSET` is left out; a field that is `None` is sent as `null`, as OpenAI does.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from antiphon.wire.usage import CompletionUsage

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
ServiceTier = Literal["default", "flex"]


class TopLogprob(msgspec.Struct, frozen=True):
    """A token that might have stood there; `bytes` is its UTF-8, which may be a part of a character."""

    token: str
    logprob: float
    bytes: list[int] | None


class TokenLogprob(msgspec.Struct, frozen=True):
    """A token of the answer, its natural logarithm of probability, and the likeliest others."""

    token: str
    logprob: float
    bytes: list[int] | None
    top_logprobs: list[TopLogprob]


class ChoiceLogprobs(msgspec.Struct, frozen=True):
    """Log-probabilities of a choice's tokens."""

    content: list[TokenLogprob] | None = None
    refusal: list[TokenLogprob] | None = None


class AnsweredFunction(msgspec.Struct, frozen=True):
    """A function to call and its arguments, as JSON text."""

    name: str
    arguments: str


class AnsweredToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that the caller is asked to carry out."""

    id: str
    type: Literal["function"] = "function"
    function: AnsweredFunction


class AnsweredAudio(msgspec.Struct, frozen=True, kw_only=True):
    """A spoken answer: a whole file in base64, and until when (seconds since 1970) its id may be named."""

    id: str
    data: str
    expires_at: int
    transcript: str


class AnswerMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The assistant's message."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    refusal: str | None = None
    annotations: list[object] = msgspec.field(default_factory=list[object])
    audio: AnsweredAudio | UnsetType = UNSET
    tool_calls: list[AnsweredToolCall] | UnsetType = UNSET
    function_call: AnsweredFunction | UnsetType = UNSET


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of `n`."""

    index: int
    message: AnswerMessage
    logprobs: ChoiceLogprobs | None = None
    finish_reason: FinishReason


class ChatCompletion(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: CompletionUsage
    service_tier: ServiceTier = "default"
    system_fingerprint: str | None = None


class FunctionDelta(msgspec.Struct, frozen=True):
    """More of a function call: its name comes first and once."""

    name: str | UnsetType = UNSET
    arguments: str | UnsetType = UNSET


class ToolCallDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More of a tool call: `id` and `type` come first and once."""

    index: int
    id: str | UnsetType = UNSET
    type: Literal["function"] | UnsetType = UNSET
    function: FunctionDelta


class AudioDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More of a spoken answer: `id` comes first and once, `expires_at` last and once; `data` is base64."""

    id: str | UnsetType = UNSET
    data: str | UnsetType = UNSET
    expires_at: int | UnsetType = UNSET
    transcript: str | UnsetType = UNSET


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """What a chunk adds to the message."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType | None = UNSET
    refusal: str | UnsetType | None = UNSET
    audio: AudioDelta | UnsetType = UNSET
    tool_calls: list[ToolCallDelta] | UnsetType = UNSET
    function_call: FunctionDelta | UnsetType = UNSET


class ChunkChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What a chunk adds to one choice."""

    index: int
    delta: Delta
    logprobs: ChoiceLogprobs | None = None
    finish_reason: FinishReason | None = None


class ChatCompletionChunk(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a stream. `usage` is there only when the stream was asked to include it."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    service_tier: ServiceTier = "default"
    system_fingerprint: str | None = None
    choices: list[ChunkChoice]
    usage: CompletionUsage | UnsetType | None = UNSET
    obfuscation: str | UnsetType = UNSET
