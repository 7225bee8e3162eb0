"""What a client says, in words that belong to neither dialect. `event_id` is the client's own, told back in errors."""

import msgspec

from antiphon.realtime.config import ResponseOptions, SessionChanges
from antiphon.realtime.items import Item

FRONT = "root"  # the `previous_item_id` of an item that becomes the first


class UpdateSession(msgspec.Struct, frozen=True, kw_only=True):
    """Change the set-up, all of it or nothing."""

    changes: SessionChanges
    event_id: str | None = None


class AppendAudio(msgspec.Struct, frozen=True, kw_only=True):
    """More of the user's audio, in the session's input format; a chunk may end inside a sample."""

    audio: bytes
    event_id: str | None = None


class CommitAudio(msgspec.Struct, frozen=True, kw_only=True):
    """Make the audio in the buffer an item."""

    event_id: str | None = None


class ClearAudio(msgspec.Struct, frozen=True, kw_only=True):
    """Forget the audio in the buffer."""

    event_id: str | None = None


class CreateItem(msgspec.Struct, frozen=True, kw_only=True):
    """Add an item after another, at the front (`FRONT`) or at the end (None). An item without an id has id ''."""

    item: Item
    previous_item_id: str | None = None
    event_id: str | None = None


class RetrieveItem(msgspec.Struct, frozen=True, kw_only=True):
    """Show an item, its audio included."""

    item_id: str
    event_id: str | None = None


class TruncateItem(msgspec.Struct, frozen=True, kw_only=True):
    """Keep of a spoken answer what was heard until `audio_end_ms`."""

    item_id: str
    content_index: int
    audio_end_ms: int
    event_id: str | None = None


class DeleteItem(msgspec.Struct, frozen=True, kw_only=True):
    """Take an item out."""

    item_id: str
    event_id: str | None = None


class CreateResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Let the model answer."""

    options: ResponseOptions = ResponseOptions()
    event_id: str | None = None


class CancelResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Stop a response: the named one, or that of the conversation."""

    response_id: str | None = None
    event_id: str | None = None


class ClearOutput(msgspec.Struct, frozen=True, kw_only=True):
    """`output_audio_buffer.clear`, which only WebRTC and SIP have."""

    event_id: str | None = None


class MalformedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The dialect could not read what came; it is answered with an `error` and nothing else happens."""

    message: str
    code: str | None = None
    param: str | None = None
    type: str = "invalid_request_error"
    event_id: str | None = None


ClientEvent = (
    UpdateSession
    | AppendAudio
    | CommitAudio
    | ClearAudio
    | CreateItem
    | RetrieveItem
    | TruncateItem
    | DeleteItem
    | CreateResponse
    | CancelResponse
    | ClearOutput
    | MalformedEvent
)
