"""What the server says, in words that belong to neither dialect; a dialect gives each its name, its id and its JSON.

A dialect may say one of these in two events, or leave it out: `ItemAdded` is `conversation.item.added` to a GA client
and `conversation.item.created` to a beta client, who hears nothing of `ItemDone`.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.config import Modality, SessionConfig
from antiphon.realtime.items import Item

ResponseStatus = Literal["in_progress", "completed", "cancelled", "incomplete", "failed"]
PartKind = Literal["text", "audio"]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """An error as the wire tells it, wherever it stands."""

    message: str
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None


class StatusDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Why a response ended as it did. `reason` is for cancelled and incomplete ones, `fault` for failed ones."""

    reason: Literal["turn_detected", "client_cancelled", "max_output_tokens", "content_filter"] | None = None
    fault: Fault | None = None


class TokenSplit(msgspec.Struct, frozen=True, gc=False):
    """Tokens by what they were."""

    text: int = 0
    audio: int = 0
    image: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.text + self.audio + self.image


class Usage(msgspec.Struct, frozen=True, gc=False):
    """What a response took; `cached` is a part of `input`."""

    input: TokenSplit = TokenSplit()
    cached: TokenSplit = TokenSplit()
    output: TokenSplit = TokenSplit()

    @property
    def total(self) -> int:
        """All tokens in and out."""
        return self.input.total + self.output.total


class ResponseView(msgspec.Struct, frozen=True, kw_only=True):
    """A response as `response.created` and `response.done` show it. `conversation_id` is None out of band."""

    id: str
    status: ResponseStatus
    output_modalities: tuple[Modality, ...]
    voice: str
    output_format: AudioFormat
    details: StatusDetails | None = None
    output: tuple[Item, ...] = ()
    conversation_id: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    usage: Usage | None = None
    metadata: Mapping[str, str] | None = None


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where in a response a piece belongs."""

    response_id: str
    item_id: str
    output_index: int
    content_index: int = 0


class RateLimit(msgspec.Struct, frozen=True, gc=False):
    """What is left of a limit."""

    name: Literal["requests", "tokens"]
    limit: int
    remaining: int
    reset_seconds: float


class SessionCreated(msgspec.Struct, frozen=True, kw_only=True):
    """`session.created`; `expires_at` in seconds since 1970, None where the session may go on for ever."""

    id: str
    config: SessionConfig
    expires_at: int | None


class SessionUpdated(msgspec.Struct, frozen=True, kw_only=True):
    """`session.updated`."""

    id: str
    config: SessionConfig
    expires_at: int | None


class ErrorTold(msgspec.Struct, frozen=True, kw_only=True):
    """`error`; `cause` is the `event_id` of the client event that it answers."""

    fault: Fault
    cause: str | None = None


class ItemAdded(msgspec.Struct, frozen=True, kw_only=True):
    """An item has its place in the conversation."""

    item: Item
    previous_item_id: str | None


class ItemDone(msgspec.Struct, frozen=True, kw_only=True):
    """An item will not grow any more."""

    item: Item
    previous_item_id: str | None


class ItemRetrieved(msgspec.Struct, frozen=True, gc=False):
    """The item with its audio."""

    item: Item


class ItemTruncated(msgspec.Struct, frozen=True, kw_only=True):
    """The item holds what was heard."""

    item_id: str
    content_index: int
    audio_end_ms: int


class ItemDeleted(msgspec.Struct, frozen=True, gc=False):
    """The item is out."""

    item_id: str


class TranscriptionDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More of what the user said."""

    item_id: str
    delta: str
    content_index: int = 0


class TranscriptionCompleted(msgspec.Struct, frozen=True, kw_only=True):
    """All that the user said, and for how many seconds of audio it is charged."""

    item_id: str
    transcript: str
    seconds: float
    content_index: int = 0


class TranscriptionFailed(msgspec.Struct, frozen=True, kw_only=True):
    """What the user said could not be read."""

    item_id: str
    fault: Fault
    content_index: int = 0


class AudioCommitted(msgspec.Struct, frozen=True, kw_only=True):
    """The buffer became an item."""

    item_id: str
    previous_item_id: str | None


class AudioCleared(msgspec.Struct, frozen=True, gc=False):
    """The buffer is empty."""


class SpeechStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The user speaks; ms of all audio that was appended, less the padding."""

    audio_start_ms: int
    item_id: str


class SpeechStopped(msgspec.Struct, frozen=True, kw_only=True):
    """The user is done; ms of all audio that was appended, the silence included."""

    audio_end_ms: int
    item_id: str


class IdleTimedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The user said nothing for so long that the model is asked to go on."""

    audio_start_ms: int
    audio_end_ms: int
    item_id: str


class ResponseCreated(msgspec.Struct, frozen=True, gc=False):
    """A response begins."""

    response: ResponseView


class ResponseDone(msgspec.Struct, frozen=True, gc=False):
    """A response ends, with its usage, and nothing of it follows."""

    response: ResponseView


class OutputItemAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A response has one more item."""

    response_id: str
    output_index: int
    item: Item


class OutputItemDone(msgspec.Struct, frozen=True, kw_only=True):
    """The item is whole."""

    response_id: str
    output_index: int
    item: Item


class ContentPartAdded(msgspec.Struct, frozen=True, kw_only=True):
    """An item has one more part, empty as yet."""

    place: Place
    kind: PartKind


class ContentPartDone(msgspec.Struct, frozen=True, kw_only=True):
    """The part is whole; `text` is its text or its transcript."""

    place: Place
    kind: PartKind
    text: str


class TextDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More written words."""

    place: Place
    delta: str


class TextDone(msgspec.Struct, frozen=True, kw_only=True):
    """All written words."""

    place: Place
    text: str


class TranscriptDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More of the words that the audio speaks, ahead of their audio; `start_ms` is where in the item they begin."""

    place: Place
    delta: str
    start_ms: float


class TranscriptDone(msgspec.Struct, frozen=True, kw_only=True):
    """All words that the audio speaks."""

    place: Place
    transcript: str


class AudioDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More audio in the response's output format: whole samples, a small frame."""

    place: Place
    audio: bytes


class AudioDone(msgspec.Struct, frozen=True, gc=False):
    """All audio of the part was sent."""

    place: Place


class ArgumentsDelta(msgspec.Struct, frozen=True, kw_only=True):
    """More of a call's arguments."""

    place: Place
    call_id: str
    delta: str


class ArgumentsDone(msgspec.Struct, frozen=True, kw_only=True):
    """The whole arguments of a call."""

    place: Place
    call_id: str
    name: str
    arguments: str


class RateLimitsUpdated(msgspec.Struct, frozen=True, gc=False):
    """What is left of the caller's limits."""

    limits: tuple[RateLimit, ...]


class TurnTimed(msgspec.Struct, frozen=True, kw_only=True):
    """`antiphon.turn.timed`, for clients that asked: when each stage of a spoken turn happened.

    `stages_ms` counts from the last voiced frame of the user's turn, by the server's clock.
    """

    response_id: str
    stages_ms: Mapping[str, float]


class OwnEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Another event of ours, for clients that asked; `name` begins with `antiphon.`."""

    name: str
    fields: Mapping[str, Any]


ServerEvent = (
    SessionCreated
    | SessionUpdated
    | ErrorTold
    | ItemAdded
    | ItemDone
    | ItemRetrieved
    | ItemTruncated
    | ItemDeleted
    | TranscriptionDelta
    | TranscriptionCompleted
    | TranscriptionFailed
    | AudioCommitted
    | AudioCleared
    | SpeechStarted
    | SpeechStopped
    | IdleTimedOut
    | ResponseCreated
    | ResponseDone
    | OutputItemAdded
    | OutputItemDone
    | ContentPartAdded
    | ContentPartDone
    | TextDelta
    | TextDone
    | TranscriptDelta
    | TranscriptDone
    | AudioDelta
    | AudioDone
    | ArgumentsDelta
    | ArgumentsDone
    | RateLimitsUpdated
    | TurnTimed
    | OwnEvent
)
