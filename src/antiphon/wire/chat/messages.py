"""The messages of a chat request, every role and content part of the API."""

from typing import Annotated, Literal

from pydantic import Field

from antiphon.wire.request import WireRequest


class CacheBreakpoint(WireRequest):
    """Marks the end of a prefix that is worth keeping."""

    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None = None


class TextPart(WireRequest):
    """Text."""

    type: Literal["text"]
    text: str
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class RefusalPart(WireRequest):
    """What an assistant said instead of an answer."""

    type: Literal["refusal"]
    refusal: str
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class ImageUrl(WireRequest):
    """Where an image is, by https or in a data URL, and how closely to look at it."""

    url: str
    detail: Literal["auto", "low", "high", "original"] = "auto"


class ImagePart(WireRequest):
    """An image."""

    type: Literal["image_url"]
    image_url: ImageUrl
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputAudio(WireRequest):
    """A whole audio file, base64."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(WireRequest):
    """Spoken input."""

    type: Literal["input_audio"]
    input_audio: InputAudio
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class FileReference(WireRequest):
    """A file by its id, or its bytes."""

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(WireRequest):
    """A document."""

    type: Literal["file"]
    file: FileReference
    prompt_cache_breakpoint: CacheBreakpoint | None = None


UserPart = Annotated[TextPart | ImagePart | AudioPart | FilePart, Field(discriminator="type")]
AssistantPart = Annotated[TextPart | RefusalPart, Field(discriminator="type")]
TextContent = str | Annotated[list[TextPart], Field(min_length=1)]


class FunctionCall(WireRequest):
    """A function's name and its arguments, as JSON text that a model wrote."""

    name: str
    arguments: str


class CustomCall(WireRequest):
    """A call of a tool that takes free text."""

    name: str
    input: str


class FunctionToolCall(WireRequest):
    """A function call that an assistant made earlier."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class CustomToolCall(WireRequest):
    """A call of a custom tool that an assistant made earlier."""

    id: str
    type: Literal["custom"]
    custom: CustomCall


ToolCall = Annotated[FunctionToolCall | CustomToolCall, Field(discriminator="type")]


class AudioReference(WireRequest):
    """An earlier spoken answer, by its id. Its other fields are taken back as they were, and not looked at."""

    id: str
    data: str | None = None
    expires_at: int | None = None
    transcript: str | None = None


class SystemMessage(WireRequest):
    """Instructions, under either of their names."""

    role: Literal["system", "developer"]
    content: TextContent
    name: str | None = None


class UserMessage(WireRequest):
    """What the user said or showed."""

    role: Literal["user"]
    content: str | Annotated[list[UserPart], Field(min_length=1)]
    name: str | None = None


class AssistantMessage(WireRequest):
    """What the model answered. Fields of a received message are taken back as they were."""

    role: Literal["assistant"]
    content: str | list[AssistantPart] | None = None
    refusal: str | None = None
    name: str | None = None
    audio: AudioReference | None = None
    tool_calls: list[ToolCall] | None = None
    function_call: FunctionCall | None = None
    annotations: list[object] | None = None


class ToolMessage(WireRequest):
    """The result of a tool call."""

    role: Literal["tool"]
    content: TextContent
    tool_call_id: str


class FunctionMessage(WireRequest):
    """The result of a function call, in the API's older form."""

    role: Literal["function"]
    content: str | None
    name: str


Message = Annotated[
    SystemMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage,
    Field(discriminator="role"),
]


def text_of(content: str | list[TextPart] | list[AssistantPart] | list[UserPart] | None) -> str:
    """Return the text of a message's content, parts joined as they stand; parts of other kinds do not count."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text for part in content if isinstance(part, TextPart))
