"""The generation of October 2024, with what came to it until summer 2025."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from antiphon.errors import InvalidRequest
from antiphon.realtime import server_events as said
from antiphon.realtime.client_events import ClientEvent, CreateItem, CreateResponse, UpdateSession
from antiphon.realtime.config import SessionConfig, SessionKind, Transcription
from antiphon.realtime.dialects import events_out as out
from antiphon.realtime.dialects.beta_in import response_options, session_changes, transcription_changes
from antiphon.realtime.dialects.beta_out import WORDS, response_view, session_view
from antiphon.realtime.dialects.frames_in import SHARED_READERS, JsonObject, Reader, parsed, read_frame
from antiphon.realtime.dialects.ga_in import DEFAULT_TRANSCRIBER
from antiphon.realtime.dialects.items_in import item_of
from antiphon.realtime.dialects.items_out import item_view
from antiphon.wire.reading import read_value
from antiphon.wire.realtime import beta, beta_frames, frames

DEFAULT_MODEL = "gpt-4o-realtime-preview"
_TEMPERATURE = 0.8
# The machine names what is wrong in the words of GA.
_PARAMS = {
    "session.audio.input.format": "session.input_audio_format",
    "session.audio.input.transcription.model": "session.input_audio_transcription.model",
    "session.audio.output.voice": "session.voice",
    "response.audio.output.voice": "response.voice",
}


class Beta:
    """The beta dialect.

    `tells_own` where the client asked for events of ours, `tells_times` for the times at which words sound.
    """

    name: Literal["beta"] = "beta"

    def __init__(self, *, tells_own: bool = False, tells_times: bool = False) -> None:
        transcript_deltas = out.transcript_deltas(beta_frames.AudioTranscriptDelta, tells_times=tells_times)
        self._writers = {**_WRITERS, said.TranscriptDelta: transcript_deltas}
        if tells_own:
            self._writers.update(out.OWN_WRITERS)

    def initial(self, model: str, kind: SessionKind = "realtime") -> SessionConfig:
        """Return the set-up of a session that was asked for nothing; `model` of a transcription may be ''."""
        transcription = None if kind == "realtime" else Transcription(model=model or DEFAULT_TRANSCRIBER)
        return SessionConfig(
            model=model,
            kind=kind,
            output_modalities=("text", "audio"),
            transcription=transcription,
            temperature=_TEMPERATURE,
        )

    def read(self, text: str | bytes, config: SessionConfig) -> ClientEvent:
        """Return what a frame means; what cannot be read is a `MalformedEvent`."""
        return read_frame(text, config, _READERS)

    def write(self, event: said.ServerEvent, ids: out.Ids) -> list[bytes]:
        """Return the frames that say an event, as UTF-8; beta has no word for a finished item or an idle user."""
        return out.write_event(event, ids, self._writers)

    def session_view(self, session_id: str, config: SessionConfig, expires_at: int | None) -> Mapping[str, Any]:
        """Return the session object as JSON values."""
        return msgspec.to_builtins(session_view(session_id, config, expires_at))

    def config_from_session(self, session: object, kind: SessionKind = "realtime") -> SessionConfig:
        """Return the set-up that a REST body, which is a session, asks for. Raises `InvalidRequest`."""
        if kind == "transcription":
            transcription = read_value(beta.TranscriptionSession, session)
            start = self.initial("", kind)
            return transcription_changes(transcription, start).applied_to(start)
        realtime = read_value(beta.Session, session)
        start = self.initial(realtime.model or DEFAULT_MODEL, kind)
        return session_changes(realtime, start, ()).applied_to(start)


def _refuse_other(kind: SessionKind, config: SessionConfig) -> None:
    if config.kind != kind:
        raise InvalidRequest(
            f"Passing a {kind} session update event to a {config.kind} session is not allowed.",
            code="invalid_session_type",
            param="type",
        )


def _update(value: JsonObject, config: SessionConfig) -> ClientEvent:
    event = parsed(beta.UpdateSessionEvent, value)
    _refuse_other("realtime", config)
    return UpdateSession(changes=session_changes(event.session, config, ("session",)), event_id=event.event_id)


def _update_transcription(value: JsonObject, config: SessionConfig) -> ClientEvent:
    event = parsed(beta.UpdateTranscriptionEvent, value)
    _refuse_other("transcription", config)
    return UpdateSession(changes=transcription_changes(event.session, config), event_id=event.event_id)


def _create_item(value: JsonObject, config: SessionConfig) -> ClientEvent:
    event = parsed(beta.CreateItemEvent, value)
    return CreateItem(
        item=item_of(event.item, ("item",), config.input_format),
        previous_item_id=event.previous_item_id or None,
        event_id=event.event_id,
    )


def _create_response(value: JsonObject, config: SessionConfig) -> ClientEvent:
    event = parsed(beta.CreateResponseEvent, value)
    return CreateResponse(options=response_options(event.response, config), event_id=event.event_id)


def _created(event: said.SessionCreated, event_id: str) -> frames.Frame:
    view = session_view(event.id, event.config, event.expires_at)
    if event.config.kind == "transcription":
        return beta_frames.TranscriptionSessionCreated(event_id=event_id, session=view)
    return frames.SessionCreated(event_id=event_id, session=view)


def _updated(event: said.SessionUpdated, event_id: str) -> frames.Frame:
    view = session_view(event.id, event.config, event.expires_at)
    if event.config.kind == "transcription":
        return beta_frames.TranscriptionSessionUpdated(event_id=event_id, session=view)
    return frames.SessionUpdated(event_id=event_id, session=view)


def _item_created(event: said.ItemAdded, event_id: str) -> frames.Frame:
    return beta_frames.ItemCreated(
        event_id=event_id, previous_item_id=event.previous_item_id, item=item_view(event.item, WORDS)
    )


def _error(event: said.ErrorTold, event_id: str) -> frames.Frame:
    fault = event.fault
    param = _PARAMS.get(fault.param, fault.param) if fault.param is not None else None
    return out.error(msgspec.structs.replace(event, fault=msgspec.structs.replace(fault, param=param)), event_id)


def _response_created(event: said.ResponseCreated, event_id: str) -> frames.Frame:
    return frames.ResponseCreated(event_id=event_id, response=response_view(event.response))


def _response_done(event: said.ResponseDone, event_id: str) -> frames.Frame:
    return frames.ResponseDone(event_id=event_id, response=response_view(event.response))


_READERS: Mapping[str, Reader] = {
    "session.update": _update,
    "transcription_session.update": _update_transcription,
    **SHARED_READERS,
    "conversation.item.create": _create_item,
    "response.create": _create_response,
}

_WRITERS: Mapping[type, out.Writer] = {
    **out.SHARED_WRITERS,
    **out.items(WORDS),
    said.ErrorTold: _error,
    said.SessionCreated: _created,
    said.SessionUpdated: _updated,
    said.ItemAdded: _item_created,
    said.ResponseCreated: _response_created,
    said.ResponseDone: _response_done,
    said.TextDelta: out.text_deltas(beta_frames.TextDelta),
    said.TextDone: out.texts(beta_frames.TextDone),
    said.TranscriptDone: out.transcripts(beta_frames.AudioTranscriptDone),
    said.AudioDelta: out.audio_deltas(beta_frames.AudioDelta),
    said.AudioDone: out.audio_ends(beta_frames.AudioDone),
    said.ArgumentsDone: out.arguments_ends(names_function=False),
}
