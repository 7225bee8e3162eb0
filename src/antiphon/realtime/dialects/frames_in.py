"""A client's frame, from text to a client event. Nothing that may come raises: what cannot be read says why."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

import msgspec

from antiphon.errors import InvalidRequest
from antiphon.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    ClearAudio,
    ClearOutput,
    ClientEvent,
    CommitAudio,
    DeleteItem,
    MalformedEvent,
    RetrieveItem,
    TruncateItem,
)
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.dialects.audio_in import audio_of
from antiphon.wire import wording
from antiphon.wire.reading import read_value
from antiphon.wire.realtime.client_events import (
    AppendEvent,
    BareEvent,
    CancelEvent,
    ItemEvent,
    QuickAppend,
    TruncateEvent,
)
from antiphon.wire.realtime.client_events import ClientEvent as WireEvent
from antiphon.wire.realtime.parsing import parsed_frame

JsonObject = Mapping[str, object]
Reader = Callable[[JsonObject, SessionConfig], ClientEvent]
E = TypeVar("E", bound=WireEvent)

# Of base64: the largest that one event may bring.
MOST_APPENDED_CHARS = 15 * 2**20
_MOST_EVENT_ID_CHARS = 512
_QUICK_APPEND = msgspec.json.Decoder(QuickAppend)


def read_frame(text: str | bytes, config: SessionConfig, readers: Mapping[str, Reader]) -> ClientEvent:
    """Return what a frame means; `readers` are the dialect's, by the type of the event."""
    return _quickly_read(text) or _thoroughly_read(text, config, readers)


def parsed(model: type[E], value: JsonObject) -> E:
    """Return an event's JSON as its type. Raises `InvalidRequest` with the place of the first fault."""
    stranger = next((name for name in value if name not in model.model_fields), None)
    if stranger is not None:
        name = wording.shown(stranger)
        raise InvalidRequest(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    return read_value(model, value)


def append(value: JsonObject, config: SessionConfig) -> ClientEvent:
    """`input_audio_buffer.append`."""
    event = parsed(AppendEvent, value)
    if len(event.audio) > MOST_APPENDED_CHARS:
        raise InvalidRequest(
            f"Invalid 'audio': string too long. Expected a string with maximum length {MOST_APPENDED_CHARS}, but got "
            f"a string with length {len(event.audio)} instead. Send the audio in smaller pieces.",
            param="audio",
            code="string_above_max_length",
        )
    return AppendAudio(audio=audio_of(event.audio, ("audio",), config.input_format), event_id=event.event_id)


def commit(value: JsonObject, _config: SessionConfig) -> ClientEvent:
    """`input_audio_buffer.commit`."""
    return CommitAudio(event_id=parsed(BareEvent, value).event_id)


def clear(value: JsonObject, _config: SessionConfig) -> ClientEvent:
    """`input_audio_buffer.clear`."""
    return ClearAudio(event_id=parsed(BareEvent, value).event_id)


def clear_output(value: JsonObject, _config: SessionConfig) -> ClientEvent:
    """`output_audio_buffer.clear`."""
    return ClearOutput(event_id=parsed(BareEvent, value).event_id)


def retrieve(value: JsonObject, _config: SessionConfig) -> ClientEvent:
    """`conversation.item.retrieve`."""
    event = parsed(ItemEvent, value)
    return RetrieveItem(item_id=event.item_id, event_id=event.event_id)


def truncate(value: JsonObject, _config: SessionConfig) -> ClientEvent:
    """`conversation.item.truncate`."""
    event = parsed(TruncateEvent, value)
    return TruncateItem(
        item_id=event.item_id,
        content_index=event.content_index,
        audio_end_ms=event.audio_end_ms,
        event_id=event.event_id,
    )


def delete(value: JsonObject, _config: SessionConfig) -> ClientEvent:
    """`conversation.item.delete`."""
    event = parsed(ItemEvent, value)
    return DeleteItem(item_id=event.item_id, event_id=event.event_id)


def cancel(value: JsonObject, _config: SessionConfig) -> ClientEvent:
    """`response.cancel`."""
    event = parsed(CancelEvent, value)
    return CancelResponse(response_id=event.response_id or None, event_id=event.event_id)


def _quickly_read(text: str | bytes) -> AppendAudio | None:
    """Read the one event that comes many times a second; anything else, and any fault, is left to the long way."""
    try:
        event = _QUICK_APPEND.decode(text)
    except ValueError:
        return None
    is_bounded = len(event.audio) <= MOST_APPENDED_CHARS // 4 * 3
    is_bounded &= event.event_id is None or len(event.event_id) <= _MOST_EVENT_ID_CHARS
    return AppendAudio(audio=event.audio, event_id=event.event_id) if is_bounded else None


def _thoroughly_read(text: str | bytes, config: SessionConfig, readers: Mapping[str, Reader]) -> ClientEvent:
    try:
        value = parsed_frame(text)
    except ValueError as fault:
        return MalformedEvent(message=f"The event could not be parsed as JSON: {fault}.", code="invalid_event")
    if not isinstance(value, dict):
        kind = wording.with_article(wording.kind_of(value))
        return MalformedEvent(message=f"An event is a JSON object, but got {kind} instead.", code="invalid_event")
    event = cast("JsonObject", value)
    try:
        return _reader_of(event, readers)(event, config)
    except InvalidRequest as refusal:
        event_id = event.get("event_id")
        return MalformedEvent(
            message=refusal.message,
            code=refusal.code,
            param=refusal.param,
            type=refusal.type,
            event_id=event_id if isinstance(event_id, str) and len(event_id) <= _MOST_EVENT_ID_CHARS else None,
        )


def _reader_of(event: JsonObject, readers: Mapping[str, Reader]) -> Reader:
    if "type" not in event:
        raise InvalidRequest("The 'type' field is missing.", code="invalid_event")
    kind = event["type"]
    if not isinstance(kind, str):
        raise wording.wrong_type(("type",), "a string", kind)
    if kind not in readers:
        raise wording.not_supported(("type",), kind, readers)
    return readers[kind]


SHARED_READERS: Mapping[str, Reader] = {
    "input_audio_buffer.append": append,
    "input_audio_buffer.commit": commit,
    "input_audio_buffer.clear": clear,
    "conversation.item.truncate": truncate,
    "conversation.item.delete": delete,
    "conversation.item.retrieve": retrieve,
    "response.cancel": cancel,
    "output_audio_buffer.clear": clear_output,
}
