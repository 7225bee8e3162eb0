"""What upstreams answer, as far as it is read: every field may be missing or null, and unknown ones are passed over."""

from typing import Any, TypeVar

import msgspec

from antiphon.errors import UpstreamFailed

T = TypeVar("T")


class Function(msgspec.Struct, gc=False):
    """A function call, or a piece of one. Some servers give the arguments as an object in place of its text."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class ToolCall(msgspec.Struct, gc=False):
    """A tool call, or a piece of one."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None


class Message(msgspec.Struct, gc=False):
    """An assistant's message, or what a chunk adds to one. Reasoning that is told apart is no part of the answer."""

    content: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None


class Alternative(msgspec.Struct, gc=False):
    """A token that might have stood there."""

    token: str
    logprob: float | None = None
    bytes: list[int] | None = None


class Logprob(msgspec.Struct, gc=False):
    """A token's log-probability; not every server gives the bytes, or the others that might have stood there."""

    token: str
    logprob: float | None = None
    bytes: list[int] | None = None
    top_logprobs: list[Alternative] | None = None


class ChatLogprobs(msgspec.Struct, gc=False):
    """Log-probabilities of a choice's content."""

    content: list[Logprob] | None = None


class ChatChoice(msgspec.Struct, gc=False):
    """A whole choice, with its `message`, or a piece of one, with its `delta`."""

    index: int = 0
    message: Message | None = None
    delta: Message | None = None
    logprobs: ChatLogprobs | None = None
    finish_reason: str | None = None


class TextLogprobs(msgspec.Struct, gc=False):
    """Log-probabilities in the older form, or, from llama-server, in `content` as a chat has them."""

    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None
    content: list[Logprob] | None = None


class TextChoice(msgspec.Struct, gc=False):
    """A continuation, or a piece of one."""

    index: int = 0
    text: str | None = None
    logprobs: TextLogprobs | None = None
    finish_reason: str | None = None


class PromptDetails(msgspec.Struct, gc=False):
    """What the prompt's tokens were."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None


class AnswerDetails(msgspec.Struct, gc=False):
    """What the answer's tokens were."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The upstream's count; tokens read from its cache, and written, in OpenAI's words, DeepSeek's or Anthropic's."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_cache_hit_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: AnswerDetails | None = None


class ChatAnswer(msgspec.Struct, gc=False):
    """A chat completion or a chunk of one; or an error, which some servers send with the status 200."""

    choices: list[ChatChoice] | None = None
    usage: Usage | None = None
    error: Any = None


class TextAnswer(msgspec.Struct, gc=False):
    """A completion or a chunk of one; or an error."""

    choices: list[TextChoice] | None = None
    usage: Usage | None = None
    error: Any = None


class Vector(msgspec.Struct, gc=False):
    """One embedding: numbers, or base64 of little-endian float32."""

    embedding: list[float] | str
    index: int | None = None


class EmbeddingAnswer(msgspec.Struct, gc=False):
    """The embeddings of a request; or an error."""

    data: list[Vector] | None = None
    usage: Usage | None = None
    error: Any = None


CHAT_ANSWER = msgspec.json.Decoder(ChatAnswer)
TEXT_ANSWER = msgspec.json.Decoder(TextAnswer)
EMBEDDING_ANSWER = msgspec.json.Decoder(EmbeddingAnswer)


def decoded(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """Decode an answer. Raises `UpstreamFailed` for what is no such JSON."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise UpstreamFailed(f"The engine answered with what cannot be read: {fault}.") from fault
