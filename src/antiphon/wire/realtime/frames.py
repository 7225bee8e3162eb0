"""The server's events that both generations have under one name. `event_id` is each frame's own."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from antiphon.wire.realtime.objects import AnyItem, Error, RateLimit, Sent


class Frame(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type", tag="event"):
    """One frame."""

    event_id: str


class EventError(Sent, frozen=True, kw_only=True):
    """What an `error` event says; here what is not known is null. `event_id` is that of the client's event."""

    type: str
    code: str | None
    message: str
    param: str | None
    event_id: str | None


class ErrorFrame(Frame, frozen=True, kw_only=True, tag="error"):
    """Something that the client sent, or that happened, is wrong; the session goes on."""

    error: EventError


class SessionCreated(Frame, frozen=True, kw_only=True, tag="session.created"):
    """The first frame of all."""

    session: Sent


class SessionUpdated(Frame, frozen=True, kw_only=True, tag="session.updated"):
    """The set-up after a change."""

    session: Sent


class ItemRetrieved(Frame, frozen=True, kw_only=True, tag="conversation.item.retrieved"):
    """An item with its audio."""

    item: AnyItem


class ItemTruncated(Frame, frozen=True, kw_only=True, tag="conversation.item.truncated"):
    """A spoken answer was cut."""

    item_id: str
    content_index: int
    audio_end_ms: int


class ItemDeleted(Frame, frozen=True, kw_only=True, tag="conversation.item.deleted"):
    """An item is out."""

    item_id: str


class DurationUsage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="duration"):
    """Transcription is charged by the second."""

    seconds: float


class TranscriptionDelta(Frame, frozen=True, kw_only=True, tag="conversation.item.input_audio_transcription.delta"):
    """More of what the user said."""

    item_id: str
    content_index: int
    delta: str
    logprobs: None = None


class TranscriptionCompleted(
    Frame, frozen=True, kw_only=True, tag="conversation.item.input_audio_transcription.completed"
):
    """All that the user said."""

    item_id: str
    content_index: int
    transcript: str
    logprobs: None = None
    usage: DurationUsage


class TranscriptionFailed(Frame, frozen=True, kw_only=True, tag="conversation.item.input_audio_transcription.failed"):
    """What the user said could not be read."""

    item_id: str
    content_index: int
    error: Error


class AudioCommitted(Frame, frozen=True, kw_only=True, tag="input_audio_buffer.committed"):
    """The buffer became an item."""

    previous_item_id: str | None
    item_id: str


class AudioCleared(Frame, frozen=True, kw_only=True, tag="input_audio_buffer.cleared"):
    """The buffer is empty."""


class SpeechStarted(Frame, frozen=True, kw_only=True, tag="input_audio_buffer.speech_started"):
    """The user speaks."""

    audio_start_ms: int
    item_id: str


class SpeechStopped(Frame, frozen=True, kw_only=True, tag="input_audio_buffer.speech_stopped"):
    """The user is done."""

    audio_end_ms: int
    item_id: str


class ResponseCreated(Frame, frozen=True, kw_only=True, tag="response.created"):
    """A response begins."""

    response: Sent


class ResponseDone(Frame, frozen=True, kw_only=True, tag="response.done"):
    """A response ends."""

    response: Sent


class OutputItemAdded(Frame, frozen=True, kw_only=True, tag="response.output_item.added"):
    """A response has one more item."""

    response_id: str
    output_index: int
    item: AnyItem


class OutputItemDone(OutputItemAdded, frozen=True, kw_only=True, tag="response.output_item.done"):
    """The item is whole."""


class Piece(Frame, frozen=True, kw_only=True, tag="piece"):
    """What all frames about a part of an item say: where in the response it belongs."""

    response_id: str
    item_id: str
    output_index: int
    content_index: int


class TextPiece(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """A part that is written; the generations agree on its name here."""

    text: str


class AudioPiece(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="audio"):
    """A part that is spoken."""

    transcript: str


class ContentPartAdded(Piece, frozen=True, kw_only=True, tag="response.content_part.added"):
    """An item has one more part, empty as yet."""

    part: TextPiece | AudioPiece


class ContentPartDone(ContentPartAdded, frozen=True, kw_only=True, tag="response.content_part.done"):
    """The part is whole."""


class DeltaPiece(Piece, frozen=True, kw_only=True, tag="delta"):
    """More words."""

    delta: str


class TextWhole(Piece, frozen=True, kw_only=True, tag="text"):
    """All written words of a part."""

    text: str


class TranscriptDelta(DeltaPiece, frozen=True, kw_only=True, tag="transcript_delta"):
    """More spoken words; `start_time`, in seconds of the item's audio, is there for clients that asked."""

    start_time: float | UnsetType = UNSET


class TranscriptWhole(Piece, frozen=True, kw_only=True, tag="transcript"):
    """All spoken words of a part."""

    transcript: str


class AudioPieceDelta(Piece, frozen=True, kw_only=True, tag="audio_delta"):
    """More audio, which JSON writes as base64."""

    delta: bytes


class ArgumentsDelta(Frame, frozen=True, kw_only=True, tag="response.function_call_arguments.delta"):
    """More of a call's arguments."""

    response_id: str
    item_id: str
    output_index: int
    call_id: str
    delta: str


class ArgumentsDone(Frame, frozen=True, kw_only=True, tag="response.function_call_arguments.done"):
    """The whole arguments of a call; GA names the function."""

    response_id: str
    item_id: str
    output_index: int
    call_id: str
    name: str | UnsetType
    arguments: str


class RateLimitsUpdated(Frame, frozen=True, kw_only=True, tag="rate_limits.updated"):
    """What is left."""

    rate_limits: Sequence[RateLimit]


class TurnTimed(Frame, frozen=True, kw_only=True, tag="antiphon.turn.timed"):
    """When each stage of a spoken turn happened, for clients that asked."""

    response_id: str
    stages_ms: Mapping[str, float]
