"""Items as clients create them, made items of the conversation. An item without an id gets its id elsewhere."""

from collections.abc import Iterable

from antiphon.audio.formats import AudioFormat
from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.realtime.dialects.audio_in import image_url_of, whole_audio_of
from antiphon.realtime.items import (
    AudioContent,
    Content,
    FunctionCallItem,
    FunctionOutputItem,
    ImageContent,
    Item,
    ItemReference,
    MessageItem,
    TextContent,
)
from antiphon.wire import wording
from antiphon.wire.realtime.items import (
    AnyInput,
    AnyItem,
    AnyMessage,
    AnyPart,
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    InputImage,
    McpItem,
    Reference,
    ReferencePart,
    SpokenAnswer,
)
from antiphon.wire.wording import Place, written


def item_of(request: AnyItem, place: Place, audio_format: AudioFormat) -> Item:
    """Return an item that is to be created. Raises `InvalidRequest` with its place, `UnsupportedRequest` for MCP."""
    if isinstance(request, McpItem):
        raise UnsupportedRequest(
            f"Items of type '{request.type}' are not supported: this server calls no remote MCP tools.",
            param=written((*place, "type")),
        )
    item_id, status = request.id or "", request.status or "completed"
    if isinstance(request, FunctionCall):
        call_id = request.call_id or ""
        return FunctionCallItem(
            id=item_id, call_id=call_id, name=request.name, arguments=request.arguments, status=status
        )
    if isinstance(request, FunctionCallOutput):
        return FunctionOutputItem(id=item_id, call_id=request.call_id, output=request.output, status=status)
    content = tuple(
        _content_of(part, (*place, "content", index), audio_format) for index, part in enumerate(request.content)
    )
    return MessageItem(id=item_id, role=request.role, content=content, status=status)


def inputs_of(
    requests: Iterable[AnyInput], place: Place, audio_format: AudioFormat
) -> tuple[Item | ItemReference, ...]:
    """Return the context that a response asks for: items, and references to those of the conversation."""
    return tuple(_input_of(request, (*place, index), audio_format) for index, request in enumerate(requests))


def _input_of(request: AnyInput, place: Place, audio_format: AudioFormat) -> Item | ItemReference:
    if isinstance(request, Reference):
        return ItemReference(request.id)
    if isinstance(request, AnyMessage) and len(request.content) == 1:
        part = request.content[0]
        if isinstance(part, ReferencePart):
            return ItemReference(part.id)
    return item_of(request, place, audio_format)


def _content_of(part: AnyPart, place: Place, audio_format: AudioFormat) -> Content:
    match part:
        case InputAudio():
            return _heard(part, place, audio_format)
        case SpokenAnswer():
            return _said(part, place)
        case InputImage():
            return ImageContent(image_url_of(part.image_url, (*place, "image_url")), part.detail or "auto")
        case ReferencePart():
            raise InvalidRequest(
                f"Invalid '{written(place)}': an 'item_reference' stands alone, and only in the 'input' of a response.",
                param=written(place),
                code="invalid_value",
            )
        case _:
            return TextContent(part.text)


def _heard(part: InputAudio, place: Place, audio_format: AudioFormat) -> Content:
    here = (*place, "audio")
    if part.audio is not None:
        audio = whole_audio_of(part.audio, here, audio_format)
        return AudioContent(audio=audio, format=audio_format, transcript=part.transcript or None)
    return TextContent(_transcript_of(part, here))


def _said(part: SpokenAnswer, place: Place) -> Content:
    here = written((*place, "audio"))
    if part.audio:
        raise InvalidRequest(
            f"Invalid '{here}': the audio of an assistant cannot be given. Give what it said as 'transcript', or as "
            "text content.",
            param=here,
            code="unsupported_content_type",
        )
    return TextContent(_transcript_of(part, (*place, "transcript")))


def _transcript_of(part: InputAudio | SpokenAnswer, needed: Place) -> str:
    # A history is replayed with null for words that nobody had read yet.
    if "transcript" not in part.model_fields_set:
        raise wording.missing(needed)
    return part.transcript or ""
