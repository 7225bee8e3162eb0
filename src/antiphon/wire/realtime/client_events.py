"""The client events that read the same in both generations. Which one it is has been told by `type` before."""

from typing import Annotated

import msgspec
from pydantic import Field

from antiphon.wire.realtime.items import Id
from antiphon.wire.request import WireRequest

# JSON can say larger numbers than any client means, and few languages can read them back.
Count = Annotated[int, Field(ge=0, le=2**53)]


class ClientEvent(WireRequest):
    """What all client events have; `event_id` is the client's own, told back in errors."""

    type: str
    event_id: Annotated[str, Field(max_length=512)] | None = None


class AppendEvent(ClientEvent):
    """`input_audio_buffer.append`: base64 audio in the session's input format."""

    audio: str


class BareEvent(ClientEvent):
    """`input_audio_buffer.commit`, `input_audio_buffer.clear` and `output_audio_buffer.clear`."""


class ItemEvent(ClientEvent):
    """`conversation.item.retrieve` and `conversation.item.delete`."""

    item_id: Id


class TruncateEvent(ClientEvent):
    """`conversation.item.truncate`."""

    item_id: Id
    content_index: Count
    audio_end_ms: Count


class CancelEvent(ClientEvent):
    """`response.cancel`: the named response, or the one that is in progress."""

    response_id: Id | None = None


class QuickAppend(
    msgspec.Struct, tag_field="type", tag="input_audio_buffer.append", forbid_unknown_fields=True, frozen=True
):
    """`input_audio_buffer.append` as it almost always comes, with its base64 decoded while it is read."""

    audio: bytes
    event_id: str | None = None
