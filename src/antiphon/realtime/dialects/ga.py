"""The generation of August 2025 and later."""

from collections.abc import Mapping
from typing import Any, Literal, cast

import msgspec

from antiphon.realtime import server_events as said
from antiphon.realtime.client_events import ClientEvent, CreateItem, CreateResponse, UpdateSession
from antiphon.realtime.config import SessionConfig, SessionKind, Transcription
from antiphon.realtime.dialects import events_out as out
from antiphon.realtime.dialects.frames_in import SHARED_READERS, JsonObject, Reader, parsed, read_frame
from antiphon.realtime.dialects.ga_in import (
    DEFAULT_TRANSCRIBER,
    realtime_changes,
    response_options,
    transcription_changes,
)
from antiphon.realtime.dialects.ga_out import WORDS, response_view, session_view
from antiphon.realtime.dialects.items_in import item_of
from antiphon.realtime.dialects.items_out import item_view
from antiphon.wire.reading import read_value
from antiphon.wire.realtime import frames, ga, ga_frames

DEFAULT_MODEL = "gpt-realtime"


class Ga:
    """The GA dialect.

    `tells_own` where the client asked for events of ours, `tells_times` for the times at which words sound.
    """

    name: Literal["ga"] = "ga"

    def __init__(self, *, tells_own: bool = False, tells_times: bool = False) -> None:
        transcript_deltas = out.transcript_deltas(ga_frames.OutputTranscriptDelta, tells_times=tells_times)
        self._writers = {**_WRITERS, said.TranscriptDelta: transcript_deltas}
        if tells_own:
            self._writers.update(out.OWN_WRITERS)

    def initial(self, model: str, kind: SessionKind = "realtime") -> SessionConfig:
        """Return the set-up of a session that was asked for nothing; `model` of a transcription may be ''."""
        if kind == "realtime":
            return SessionConfig(model=model)
        return SessionConfig(model=model, kind=kind, transcription=Transcription(model=model or DEFAULT_TRANSCRIBER))

    def read(self, text: str | bytes, config: SessionConfig) -> ClientEvent:
        """Return what a frame means; what cannot be read is a `MalformedEvent`."""
        return read_frame(text, config, _READERS)

    def write(self, event: said.ServerEvent, ids: out.Ids) -> list[bytes]:
        """Return the frames that say an event, as UTF-8."""
        return out.write_event(event, ids, self._writers)

    def session_view(self, session_id: str, config: SessionConfig, expires_at: int | None) -> Mapping[str, Any]:
        """Return the session object as JSON values."""
        return msgspec.to_builtins(session_view(session_id, config, expires_at))

    def config_from_session(self, session: object, kind: SessionKind = "realtime") -> SessionConfig:
        """Return the set-up that the `session` of a REST body asks for. Raises `InvalidRequest`."""
        kind = _kind_of(session, kind)
        body = {"session": session}
        if kind == "transcription":
            transcription = read_value(ga.TranscriptionSessionBody, body).session
            start = self.initial("", kind)
            return transcription_changes(transcription, start).applied_to(start)
        realtime = read_value(ga.RealtimeSessionBody, body).session
        start = self.initial(realtime.model or DEFAULT_MODEL, kind)
        return realtime_changes(realtime, start, ("session",)).applied_to(start)


def _kind_of(session: object, kind: SessionKind) -> SessionKind:
    asked = cast("JsonObject", session).get("type", kind) if isinstance(session, dict) else kind
    return "transcription" if asked == "transcription" else "realtime"


def _update(value: JsonObject, config: SessionConfig) -> ClientEvent:
    if _kind_of(value.get("session"), config.kind) == "transcription":
        transcription = parsed(ga.UpdateTranscriptionEvent, value)
        changes = transcription_changes(transcription.session, config)
        return UpdateSession(changes=changes, event_id=transcription.event_id)
    event = parsed(ga.UpdateRealtimeEvent, value)
    changes = realtime_changes(event.session, config, ("session",))
    return UpdateSession(changes=changes, event_id=event.event_id)


def _create_item(value: JsonObject, config: SessionConfig) -> ClientEvent:
    event = parsed(ga.CreateItemEvent, value)
    return CreateItem(
        item=item_of(event.item, ("item",), config.input_format),
        previous_item_id=event.previous_item_id or None,
        event_id=event.event_id,
    )


def _create_response(value: JsonObject, config: SessionConfig) -> ClientEvent:
    event = parsed(ga.CreateResponseEvent, value)
    return CreateResponse(options=response_options(event.response, config), event_id=event.event_id)


def _created(event: said.SessionCreated, event_id: str) -> frames.Frame:
    view = session_view(event.id, event.config, event.expires_at)
    return frames.SessionCreated(event_id=event_id, session=view)


def _updated(event: said.SessionUpdated, event_id: str) -> frames.Frame:
    view = session_view(event.id, event.config, event.expires_at)
    return frames.SessionUpdated(event_id=event_id, session=view)


def _item_added(event: said.ItemAdded, event_id: str) -> frames.Frame:
    return ga_frames.ItemAdded(
        event_id=event_id, previous_item_id=event.previous_item_id, item=item_view(event.item, WORDS)
    )


def _item_done(event: said.ItemDone, event_id: str) -> frames.Frame:
    return ga_frames.ItemDone(
        event_id=event_id, previous_item_id=event.previous_item_id, item=item_view(event.item, WORDS)
    )


def _idle(event: said.IdleTimedOut, event_id: str) -> frames.Frame:
    return ga_frames.IdleTimedOut(
        event_id=event_id,
        audio_start_ms=event.audio_start_ms,
        audio_end_ms=event.audio_end_ms,
        item_id=event.item_id,
    )


def _response_created(event: said.ResponseCreated, event_id: str) -> frames.Frame:
    return frames.ResponseCreated(event_id=event_id, response=response_view(event.response))


def _response_done(event: said.ResponseDone, event_id: str) -> frames.Frame:
    return frames.ResponseDone(event_id=event_id, response=response_view(event.response))


_READERS: Mapping[str, Reader] = {
    "session.update": _update,
    **SHARED_READERS,
    "conversation.item.create": _create_item,
    "response.create": _create_response,
}

_WRITERS: Mapping[type, out.Writer] = {
    **out.SHARED_WRITERS,
    **out.items(WORDS),
    said.SessionCreated: _created,
    said.SessionUpdated: _updated,
    said.ItemAdded: _item_added,
    said.ItemDone: _item_done,
    said.IdleTimedOut: _idle,
    said.ResponseCreated: _response_created,
    said.ResponseDone: _response_done,
    said.TextDelta: out.text_deltas(ga_frames.OutputTextDelta),
    said.TextDone: out.texts(ga_frames.OutputTextDone),
    said.TranscriptDone: out.transcripts(ga_frames.OutputTranscriptDone),
    said.AudioDelta: out.audio_deltas(ga_frames.OutputAudioDelta),
    said.AudioDone: out.audio_ends(ga_frames.OutputAudioDone),
    said.ArgumentsDone: out.arguments_ends(names_function=True),
}
