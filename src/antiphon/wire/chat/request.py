"""The body of `POST /v1/chat/completions`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from antiphon.wire.audio.speech import VoiceReference
from antiphon.wire.chat.messages import Message, TextPart
from antiphon.wire.request import WireRequest

FUNCTION_NAME = r"^[a-zA-Z0-9_-]{1,64}$"

# PostgreSQL keeps no NUL in text.
_WITHOUT_NUL = r"^[^\x00]*$"

Metadata = Annotated[
    dict[
        Annotated[str, Field(max_length=64, pattern=_WITHOUT_NUL)],
        Annotated[str, Field(max_length=512, pattern=_WITHOUT_NUL)],
    ],
    Field(max_length=16),
]


TokenText = Annotated[str, Field(pattern=r"^\d{1,9}$")]


class FunctionDefinition(WireRequest):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: Annotated[str, Field(pattern=FUNCTION_NAME)]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionTool(WireRequest):
    """A tool that is a function."""

    type: Literal["function"]
    function: FunctionDefinition


class CustomTool(WireRequest):
    """A tool that takes free text, or text of a grammar."""

    type: Literal["custom"]
    custom: dict[str, Any]


Tool = Annotated[FunctionTool | CustomTool, Field(discriminator="type")]


class FunctionName(WireRequest):
    """Names one function."""

    name: str


class NamedFunction(WireRequest):
    """The function that the model must call."""

    type: Literal["function"]
    function: FunctionName


class NamedCustom(WireRequest):
    """The custom tool that the model must call."""

    type: Literal["custom"]
    custom: FunctionName


class ToolReference(WireRequest):
    """One tool of an allowed set."""

    type: Literal["function"]
    function: FunctionName


class AllowedToolSet(WireRequest):
    """The tools of the request that may be called, and whether one must be."""

    mode: Literal["auto", "required"]
    tools: list[ToolReference]


class AllowedTools(WireRequest):
    """Narrows the tools of a request without changing its prompt."""

    type: Literal["allowed_tools"]
    allowed_tools: AllowedToolSet


ToolChoice = (
    Literal["auto", "none", "required"]
    | Annotated[NamedFunction | NamedCustom | AllowedTools, Field(discriminator="type")]
)


class TextFormat(WireRequest):
    """Free text."""

    type: Literal["text"]


class JsonObjectFormat(WireRequest):
    """Any JSON object."""

    type: Literal["json_object"]


class JsonSchemaDefinition(WireRequest):
    """The schema that an answer must fit."""

    name: str
    description: str | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    strict: bool | None = None


class JsonSchemaFormat(WireRequest):
    """JSON of a schema."""

    type: Literal["json_schema"]
    json_schema: JsonSchemaDefinition


ResponseFormat = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]


class StreamOptions(WireRequest):
    """What a stream carries beside the answer."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class AudioOutput(WireRequest):
    """How a spoken answer sounds and is packed."""

    voice: str | VoiceReference
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]


class Prediction(WireRequest):
    """Text that the answer will largely repeat."""

    type: Literal["content"]
    content: str | list[TextPart]


class CacheOptions(WireRequest):
    """How prompts are cached."""

    mode: Literal["implicit", "explicit"] | None = None
    ttl: Literal["30m"] | None = None


class ChatRequest(WireRequest):
    """Everything that a chat completion can be asked for."""

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    audio: AudioOutput | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    function_call: Literal["auto", "none"] | FunctionName | None = None
    functions: Annotated[list[FunctionDefinition], Field(min_length=1, max_length=128)] | None = None
    logit_bias: dict[Annotated[str, Field(pattern=r"^\d{1,9}$")], Annotated[float, Field(ge=-100, le=100)]] | None = (
        None
    )
    logprobs: bool | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    metadata: Metadata | None = None
    modalities: Annotated[list[Literal["text", "audio"]], Field(min_length=1)] | None = None
    moderation: dict[str, Any] | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    parallel_tool_calls: bool | None = None
    prediction: Prediction | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    prompt_cache_key: Annotated[str, Field(max_length=64)] | None = None
    prompt_cache_options: CacheOptions | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    response_format: ResponseFormat | None = None
    safety_identifier: str | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    tool_choice: ToolChoice | None = None
    tools: Annotated[list[Tool], Field(min_length=1, max_length=128)] | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    user: str | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    web_search_options: dict[str, Any] | None = None
