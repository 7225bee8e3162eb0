"""Server events as frames: the part of it in which the generations agree."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from antiphon.realtime import server_events as said
from antiphon.realtime.dialects.items_out import ItemWords, fault_view, item_view
from antiphon.wire.realtime import frames, objects

Ids = Callable[[str], str]
# An event and the id of its frame, to the frame.
Writer = Callable[[Any, str], msgspec.Struct | Mapping[str, Any]]


def write_event(event: said.ServerEvent, ids: Ids, writers: Mapping[type, Writer]) -> list[bytes]:
    """Return the frame that says an event; none where the dialect has no word for it."""
    writer = writers.get(type(event))
    return [] if writer is None else [msgspec.json.encode(writer(event, ids("event_")))]


def text_deltas(frame: type[frames.DeltaPiece]) -> Writer:
    """Write a `TextDelta` as this frame."""

    def write(event: said.TextDelta, event_id: str) -> frames.Frame:
        return frame(**_quintet(event.place, event_id), delta=event.delta)

    return write


def texts(frame: type[frames.TextWhole]) -> Writer:
    """Write a `TextDone` as this frame."""

    def write(event: said.TextDone, event_id: str) -> frames.Frame:
        return frame(**_quintet(event.place, event_id), text=event.text)

    return write


def transcript_deltas(frame: type[frames.TranscriptDelta], *, tells_times: bool) -> Writer:
    """Write a `TranscriptDelta` as this frame, with the time at which its words begin or without."""

    def write(event: said.TranscriptDelta, event_id: str) -> frames.Frame:
        start_time = round(event.start_ms / 1000, 3) if tells_times else msgspec.UNSET
        return frame(**_quintet(event.place, event_id), delta=event.delta, start_time=start_time)

    return write


def transcripts(frame: type[frames.TranscriptWhole]) -> Writer:
    """Write a `TranscriptDone` as this frame."""

    def write(event: said.TranscriptDone, event_id: str) -> frames.Frame:
        return frame(**_quintet(event.place, event_id), transcript=event.transcript)

    return write


def audio_deltas(frame: type[frames.AudioPieceDelta]) -> Writer:
    """Write an `AudioDelta` as this frame."""

    def write(event: said.AudioDelta, event_id: str) -> frames.Frame:
        place = event.place
        return frame(
            event_id=event_id,
            response_id=place.response_id,
            item_id=place.item_id,
            output_index=place.output_index,
            content_index=place.content_index,
            delta=event.audio,
        )

    return write


def audio_ends(frame: type[frames.Piece]) -> Writer:
    """Write an `AudioDone` as this frame."""

    def write(event: said.AudioDone, event_id: str) -> frames.Frame:
        return frame(**_quintet(event.place, event_id))

    return write


def arguments_ends(*, names_function: bool) -> Writer:
    """Write an `ArgumentsDone`, with the function's name or without."""

    def write(event: said.ArgumentsDone, event_id: str) -> frames.Frame:
        return frames.ArgumentsDone(
            **_call_place(event.place, event_id),
            call_id=event.call_id,
            name=event.name if names_function else msgspec.UNSET,
            arguments=event.arguments,
        )

    return write


def items(words: ItemWords) -> Mapping[type, Writer]:
    """Return the writers of events about items that differ in nothing but the items."""

    def retrieved(event: said.ItemRetrieved, event_id: str) -> frames.Frame:
        return frames.ItemRetrieved(event_id=event_id, item=item_view(event.item, words, with_audio=True))

    def added(event: said.OutputItemAdded, event_id: str) -> frames.Frame:
        return frames.OutputItemAdded(
            event_id=event_id,
            response_id=event.response_id,
            output_index=event.output_index,
            item=item_view(event.item, words),
        )

    def done(event: said.OutputItemDone, event_id: str) -> frames.Frame:
        return frames.OutputItemDone(
            event_id=event_id,
            response_id=event.response_id,
            output_index=event.output_index,
            item=item_view(event.item, words),
        )

    return {said.ItemRetrieved: retrieved, said.OutputItemAdded: added, said.OutputItemDone: done}


def error(event: said.ErrorTold, event_id: str) -> frames.Frame:
    """Write an `ErrorTold`."""
    fault = event.fault
    error = frames.EventError(
        type=fault.type, code=fault.code, message=fault.message, param=fault.param, event_id=event.cause
    )
    return frames.ErrorFrame(event_id=event_id, error=error)


def _truncated(event: said.ItemTruncated, event_id: str) -> frames.Frame:
    return frames.ItemTruncated(
        event_id=event_id,
        item_id=event.item_id,
        content_index=event.content_index,
        audio_end_ms=event.audio_end_ms,
    )


def _deleted(event: said.ItemDeleted, event_id: str) -> frames.Frame:
    return frames.ItemDeleted(event_id=event_id, item_id=event.item_id)


def _transcribed_more(event: said.TranscriptionDelta, event_id: str) -> frames.Frame:
    return frames.TranscriptionDelta(
        event_id=event_id, item_id=event.item_id, content_index=event.content_index, delta=event.delta
    )


def _transcribed(event: said.TranscriptionCompleted, event_id: str) -> frames.Frame:
    return frames.TranscriptionCompleted(
        event_id=event_id,
        item_id=event.item_id,
        content_index=event.content_index,
        transcript=event.transcript,
        usage=frames.DurationUsage(seconds=event.seconds),
    )


def _not_transcribed(event: said.TranscriptionFailed, event_id: str) -> frames.Frame:
    return frames.TranscriptionFailed(
        event_id=event_id,
        item_id=event.item_id,
        content_index=event.content_index,
        error=fault_view(event.fault),
    )


def _committed(event: said.AudioCommitted, event_id: str) -> frames.Frame:
    return frames.AudioCommitted(event_id=event_id, previous_item_id=event.previous_item_id, item_id=event.item_id)


def _cleared(_event: said.AudioCleared, event_id: str) -> frames.Frame:
    return frames.AudioCleared(event_id=event_id)


def _speech_started(event: said.SpeechStarted, event_id: str) -> frames.Frame:
    return frames.SpeechStarted(event_id=event_id, audio_start_ms=event.audio_start_ms, item_id=event.item_id)


def _speech_stopped(event: said.SpeechStopped, event_id: str) -> frames.Frame:
    return frames.SpeechStopped(event_id=event_id, audio_end_ms=event.audio_end_ms, item_id=event.item_id)


def _part_added(event: said.ContentPartAdded, event_id: str) -> frames.Frame:
    return frames.ContentPartAdded(**_quintet(event.place, event_id), part=_part_view(event.kind, ""))


def _part_done(event: said.ContentPartDone, event_id: str) -> frames.Frame:
    return frames.ContentPartDone(**_quintet(event.place, event_id), part=_part_view(event.kind, event.text))


def _part_view(kind: said.PartKind, text: str) -> frames.TextPiece | frames.AudioPiece:
    return frames.TextPiece(text=text) if kind == "text" else frames.AudioPiece(transcript=text)


def _arguments_delta(event: said.ArgumentsDelta, event_id: str) -> frames.Frame:
    return frames.ArgumentsDelta(**_call_place(event.place, event_id), call_id=event.call_id, delta=event.delta)


def _limits(event: said.RateLimitsUpdated, event_id: str) -> frames.Frame:
    limits = [
        objects.RateLimit(
            name=limit.name, limit=limit.limit, remaining=limit.remaining, reset_seconds=limit.reset_seconds
        )
        for limit in event.limits
    ]
    return frames.RateLimitsUpdated(event_id=event_id, rate_limits=limits)


def _timed(event: said.TurnTimed, event_id: str) -> frames.Frame:
    return frames.TurnTimed(event_id=event_id, response_id=event.response_id, stages_ms=event.stages_ms)


def _own(event: said.OwnEvent, event_id: str) -> Mapping[str, Any]:
    return {"type": event.name, "event_id": event_id, **event.fields}


def _quintet(place: said.Place, event_id: str) -> dict[str, Any]:
    return {**_call_place(place, event_id), "content_index": place.content_index}


def _call_place(place: said.Place, event_id: str) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "response_id": place.response_id,
        "item_id": place.item_id,
        "output_index": place.output_index,
    }


SHARED_WRITERS: Mapping[type, Writer] = {
    said.ErrorTold: error,
    said.ItemTruncated: _truncated,
    said.ItemDeleted: _deleted,
    said.TranscriptionDelta: _transcribed_more,
    said.TranscriptionCompleted: _transcribed,
    said.TranscriptionFailed: _not_transcribed,
    said.AudioCommitted: _committed,
    said.AudioCleared: _cleared,
    said.SpeechStarted: _speech_started,
    said.SpeechStopped: _speech_stopped,
    said.ContentPartAdded: _part_added,
    said.ContentPartDone: _part_done,
    said.ArgumentsDelta: _arguments_delta,
    said.RateLimitsUpdated: _limits,
}

# For clients that asked.
OWN_WRITERS: Mapping[type, Writer] = {said.TurnTimed: _timed, said.OwnEvent: _own}
