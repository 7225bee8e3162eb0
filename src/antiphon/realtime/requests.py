"""What client events about audio, the set-up and responses ask for: it is done, or refused with nothing done.

Refusals are `RequestError`s, which the session tells as `error` events.
"""

from collections.abc import Callable

import msgspec

from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.realtime.answering import AnswerRules
from antiphon.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    CreateResponse,
    UpdateSession,
)
from antiphon.realtime.config import ResponseOptions, SessionConfig, Transcription
from antiphon.realtime.item_requests import check_called, check_content
from antiphon.realtime.items import FunctionCallItem, FunctionOutputItem, Item, ItemReference
from antiphon.realtime.limits import MOST_SETUP_BYTES
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies
from antiphon.realtime.server_events import (
    AudioCleared,
    SessionUpdated,
    StatusDetails,
)
from antiphon.realtime.turntaking import TurnRules

_LEAST_COMMIT_MS = 100
# Converted at once, while everybody waits.
_MOST_CONVERTED_MS = 60_000
_SHOWN_NAME_CHARS = 100
_CANCELLED = StatusDetails(reason="client_cancelled")


def check_transcriber(wish: Transcription, recognises: Callable[[str], bool], param: str) -> None:
    """Raise `InvalidRequest` where no model that recognises speech has the name that the client wants to hear by."""
    if not recognises(wish.model):
        raise InvalidRequest(
            f"Invalid value: '{wish.model[:_SHOWN_NAME_CHARS]}' is no transcription model of this server. Use "
            "'whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe' or another that recognises speech: "
            "GET /v1/models lists the models that are here.",
            param=param,
            code="invalid_value",
        )


class AudioRequests:
    """`input_audio_buffer.*`."""

    def __init__(self, parts: Parts, turns: TurnRules, answers: AnswerRules) -> None:
        self._parts = parts
        self._turns = turns
        self._answers = answers

    def append(self, event: AppendAudio) -> None:
        """Hear more; a turn for which there is no more room ends here. Raises `InvalidRequest`."""
        ears, most = self._parts.ears, self._parts.limits.max_buffer_bytes
        if len(ears.input) + len(event.audio) > most and self._turns.turn is not None:
            self._turns.end(self._turns.turn, ears.input.end_ms)
            self._turns.restart()
        if len(ears.input) + len(event.audio) > most:
            raise InvalidRequest(
                f"The input audio buffer holds {most} bytes at most. Commit or clear it before more is appended.",
                param="audio",
                code="input_audio_buffer_full",
            )
        ears.hear(event.audio, self._parts.now_ms)

    def commit(self) -> None:
        """Make an item of what is in the buffer. Raises `InvalidRequest` where that is too little."""
        buffer, turn = self._parts.ears.input, self._turns.turn
        if buffer.duration_ms < _LEAST_COMMIT_MS:
            raise InvalidRequest(
                "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer "
                f"only has {buffer.duration_ms:.2f}ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        audio = buffer.between(buffer.start_ms if turn is None else turn.start_ms, buffer.end_ms)
        self._empty()
        self._answers.commit(turn.item_id if turn is not None else self._parts.ids("item_"), audio)

    def clear(self) -> None:
        """Forget what is in the buffer."""
        self._empty()
        self._parts.outbox.say(AudioCleared())

    def clear_output(self) -> None:
        """Raises `InvalidRequest`: the player's queue is at the client's end of a WebSocket."""
        raise InvalidRequest(
            "output_audio_buffer.clear is only available on WebRTC and SIP connections. On a WebSocket the client "
            "plays the audio: stop it there, and send response.cancel and conversation.item.truncate.",
            code="invalid_event",
        )

    def _empty(self) -> None:
        self._turns.restart()
        self._parts.ears.input.clear()


class SessionRequests:
    """`session.update` and `response.*`."""

    def __init__(self, parts: Parts, replies: Replies, turns: TurnRules, answers: AnswerRules) -> None:
        self._parts = parts
        self._replies = replies
        self._turns = turns
        self._answers = answers

    def update(self, event: UpdateSession) -> None:
        """Change the set-up, all of it or nothing. Raises `InvalidRequest`."""
        parts = self._parts
        config = event.changes.applied_to(parts.config)
        if parts.config.kind == "transcription" and config.kind == "realtime":
            raise InvalidRequest(
                "A transcription session has no model to answer: it cannot become a realtime session. Open another one "
                "with `?model=`.",
                param="session.type",
                code="invalid_session_type",
            )
        self._check_size(config)
        self._check_format(config)
        self._check_transcription(config.transcription)
        self._check_voice(config.voice, may_change=not parts.has_spoken, param="session.audio.output.voice")
        self._check_tools(bool(config.tools), "session.tools")
        parts.config = config
        self._turns.take_up(config)
        parts.outbox.say(SessionUpdated(id=parts.session_id, config=config, expires_at=parts.limits.expires_at))
        self._replies.warm()

    def respond(self, event: CreateResponse) -> None:
        """Let the model answer. Raises `InvalidRequest`."""
        parts, options = self._parts, event.options
        if parts.config.kind == "transcription":
            raise InvalidRequest("A transcription session has no responses.", code="invalid_session_type")
        current = self._replies.current
        if current is not None and not options.is_out_of_band:
            raise InvalidRequest(
                f"Conversation already has an active response in progress: {current.id}. Wait until the response is "
                "finished before creating a new one.",
                code="conversation_already_has_active_response",
            )
        if len(self._replies.active) >= parts.limits.max_parallel_responses:
            raise InvalidRequest(
                f"{parts.limits.max_parallel_responses} responses are in progress, which is as many as there may be. "
                "Wait until one is finished.",
                code="too_many_active_responses",
            )
        config = options.applied_to(parts.config)
        may_change = options.is_out_of_band or not parts.has_spoken
        self._check_voice(config.voice, may_change=may_change, param="response.audio.output.voice")
        self._check_tools(bool(config.tools), "response.tools")
        self._check_input(event)
        self._answers.respond(msgspec.structs.replace(options, input=self._named(options)))

    def cancel(self, event: CancelResponse) -> None:
        """Stop a response. Raises `InvalidRequest` where none is active."""
        found = self._replies.active.get(event.response_id) if event.response_id else self._replies.current
        if found is None:
            raise InvalidRequest(
                "Cancellation failed: no active response found",
                param="response_id" if event.response_id else None,
                code="response_cancel_not_active",
            )
        found.end("cancelled", _CANCELLED)

    def _check_size(self, config: SessionConfig) -> None:
        if len(msgspec.json.encode(config)) > MOST_SETUP_BYTES:
            raise InvalidRequest(
                f"A session's set-up takes {MOST_SETUP_BYTES} bytes of JSON at most, instructions and tools included. "
                "Create items with what is longer.",
                param="session",
                code="session_too_large",
            )

    def _check_format(self, config: SessionConfig) -> None:
        buffer = self._parts.ears.input
        if config.input_format is not buffer.format and buffer.duration_ms > _MOST_CONVERTED_MS:
            raise InvalidRequest(
                f"The input audio format cannot change while the buffer holds more than {_MOST_CONVERTED_MS // 1000} "
                "seconds of audio. Commit or clear it before.",
                param="session.audio.input.format",
                code="cannot_update_format",
            )

    def _check_transcription(self, wish: Transcription | None) -> None:
        if wish is not None and wish != self._parts.config.transcription:
            check_transcriber(wish, self._parts.abilities.recognises, "session.audio.input.transcription.model")

    def _check_voice(self, voice: str, *, may_change: bool, param: str) -> None:
        if voice == self._parts.config.voice:
            return
        known = self._parts.abilities.voices
        if known and voice not in known:
            names = ", ".join(sorted(known))
            raise InvalidRequest(
                f"Invalid value: '{voice}'. Supported voices are: {names}.", param=param, code="invalid_value"
            )
        if not may_change:
            raise InvalidRequest(
                "Cannot update a conversation's voice if assistant audio is present.",
                param=param,
                code="cannot_update_voice",
            )

    def _check_tools(self, has_tools: bool, param: str) -> None:
        if has_tools and not self._parts.abilities.calls_tools:
            raise UnsupportedRequest(f"The model {self._parts.config.model} cannot call functions.", param=param)

    def _named(self, options: ResponseOptions) -> tuple[Item | ItemReference, ...] | None:
        """Return the input with ids of ours: those of the client may stand for other items, in the conversation."""
        if options.input is None:
            return None
        return tuple(
            item if isinstance(item, ItemReference) else msgspec.structs.replace(item, id=self._parts.ids("item_"))
            for item in options.input
        )

    def _check_input(self, event: CreateResponse) -> None:
        called = set[str]()
        for index, asked in enumerate(event.options.input or ()):
            param = f"response.input[{index}]"
            item = self._referenced(asked, param) if isinstance(asked, ItemReference) else asked
            if item is asked:
                check_content(item, self._parts, param)
            if isinstance(item, FunctionCallItem):
                called.add(item.call_id)
            elif isinstance(item, FunctionOutputItem):
                check_called(item, is_called=item.call_id in called)

    def _referenced(self, reference: ItemReference, param: str) -> Item:
        item = self._parts.conversation.get(reference.id)
        if item is None:
            raise InvalidRequest(
                f"Item with item_id not found: {reference.id}", param=param, code="item_reference_invalid_item_id"
            )
        return item
