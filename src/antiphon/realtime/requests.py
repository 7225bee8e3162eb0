"""What each client event asks for, held against the session: it is done, or refused in words with nothing done.

Refusals are `RequestError`s, which the session tells as `error` events.
"""

import msgspec

from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.realtime.answering import AnswerRules
from antiphon.realtime.client_events import (
    FRONT,
    AppendAudio,
    CancelResponse,
    CreateItem,
    CreateResponse,
    DeleteItem,
    RetrieveItem,
    TruncateItem,
    UpdateSession,
)
from antiphon.realtime.config import ResponseOptions
from antiphon.realtime.items import AudioContent, ImageContent, Item, ItemReference, MessageItem
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies
from antiphon.realtime.server_events import (
    AudioCleared,
    ItemDeleted,
    ItemRetrieved,
    ItemTruncated,
    SessionUpdated,
    StatusDetails,
)
from antiphon.realtime.turntaking import TurnRules
from antiphon.realtime.waiting import WaitingEvents, size_of

_LEAST_COMMIT_MS = 100
_CANCELLED = StatusDetails(reason="client_cancelled")


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


class ItemRequests:
    """`conversation.item.*`. Items that come while the model answers are taken once it has."""

    def __init__(self, parts: Parts, replies: Replies, answers: AnswerRules) -> None:
        self.waiting = WaitingEvents()
        self._parts = parts
        self._replies = replies
        self._answers = answers

    def create(self, event: CreateItem) -> None:
        """Add an item. Raises `InvalidRequest`."""
        self._check(event)
        item = event.item if event.item.id else msgspec.structs.replace(event.item, id=self._parts.ids("item_"))
        # Without a response nothing waits, or is let go on one after the other.
        if self._replies.current is not None:
            self.waiting.add(msgspec.structs.replace(event, item=item))
        else:
            self._answers.add(item, self._place_of(event))

    def retrieve(self, event: RetrieveItem) -> None:
        """Show an item. Raises `InvalidRequest`."""
        if not self._waits(event):
            self._parts.outbox.say(ItemRetrieved(self._found(event.item_id, "item_retrieve_invalid_item_id")))

    def delete(self, event: DeleteItem) -> None:
        """Take an item out; a response that is making it ends. Raises `InvalidRequest`."""
        if self._waits(event):
            return
        self._found(event.item_id, "item_delete_invalid_item_id")
        self._stop_making(event.item_id)
        self._parts.conversation.remove(event.item_id)
        self._parts.hearing.forget_item(event.item_id)
        self._parts.outbox.say(ItemDeleted(event.item_id))
        self._replies.warm()

    def truncate(self, event: TruncateItem) -> None:
        """Keep what was heard of a spoken answer; one that is still being spoken ends. Raises `InvalidRequest`."""
        if self._waits(event):
            return
        item = self._found(event.item_id, "item_truncate_invalid_item_id")
        content = _spoken_content(item, event.content_index)
        if event.audio_end_ms > -(-content.num_samples * 1000 // content.format.rate_hz):
            raise InvalidRequest(
                f"Audio content of {int(content.duration_ms)}ms is already shorter than {event.audio_end_ms}ms",
                param="audio_end_ms",
                code="invalid_value",
            )
        self._stop_making(event.item_id)
        self._cut(event)
        self._parts.ears.playback.cut(self._parts.now_ms)  # who says what was heard has stopped the player
        self._parts.outbox.say(
            ItemTruncated(item_id=event.item_id, content_index=event.content_index, audio_end_ms=event.audio_end_ms)
        )
        self._replies.warm()

    def _cut(self, event: TruncateItem) -> None:
        item = self._parts.conversation.get(event.item_id)
        assert isinstance(item, MessageItem)
        content = list(item.content)
        content[event.content_index] = _spoken_content(item, event.content_index).until(event.audio_end_ms)
        self._parts.conversation.replace(msgspec.structs.replace(item, content=tuple(content)))

    def _found(self, item_id: str, code: str) -> Item:
        current, item = self._replies.current, self._parts.conversation.get(item_id)
        if item is None:
            raise InvalidRequest(f"Item with item_id not found: {item_id}", param="item_id", code=code)
        growing = current.outputs.snapshot(item_id) if current is not None else None
        return growing or item

    def _stop_making(self, item_id: str) -> None:
        current = self._replies.current
        if current is not None and current.outputs.snapshot(item_id) is not None:
            current.end("cancelled", _CANCELLED)

    def _waits(self, event: RetrieveItem | TruncateItem | DeleteItem) -> bool:
        """Whether the event is about an item that is still to be taken, and waits for it."""
        if self._replies.current is None or not self.waiting.brings(event.item_id):
            return False
        self._check_room(0)
        self.waiting.add(event)
        return True

    def _check_room(self, num_bytes: int) -> None:
        conversation, waiting, limits = self._parts.conversation, self.waiting, self._parts.limits
        if len(conversation) + len(waiting) >= limits.max_items:
            raise InvalidRequest(
                f"The conversation holds {limits.max_items} items at most. Delete some of them, or begin a new "
                "session.",
                code="conversation_full",
            )
        if conversation.num_chars + waiting.num_bytes + num_bytes > limits.max_item_chars:
            raise InvalidRequest(
                f"The items of a conversation hold {limits.max_item_chars} bytes at most. Delete some of them, or "
                "begin a new session.",
                code="conversation_full",
            )

    def _check(self, event: CreateItem) -> None:
        parts, item_id, previous_id = self._parts, event.item.id, event.previous_item_id
        self._check_room(size_of(event))
        is_taken = item_id in parts.conversation or self.waiting.brings(item_id) or item_id == parts.turn_item_id
        if item_id and is_taken:
            raise InvalidRequest(
                f"Error adding item: an item with id '{item_id}' is in the conversation already.",
                param="item.id",
                code="item_create_duplicate_item_id",
            )
        is_here = previous_id is None or previous_id == FRONT or previous_id in parts.conversation
        is_to_come = self._replies.current is not None and self.waiting.brings(previous_id)
        if not is_here and not is_to_come:
            raise InvalidRequest(
                f"Previous item with item_id not found: {previous_id}",
                param="previous_item_id",
                code="item_create_invalid_previous_item_id",
            )
        check_content(event.item, self._parts, "item")

    def _place_of(self, event: CreateItem) -> str | None:
        if event.previous_item_id is None:
            return self._parts.conversation.last_id
        return None if event.previous_item_id == FRONT else event.previous_item_id


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

    def _check_voice(self, voice: str, *, may_change: bool, param: str) -> None:
        if voice == self._parts.config.voice:
            return
        if not may_change:
            raise InvalidRequest(
                "Cannot update a conversation's voice if assistant audio is present.",
                param=param,
                code="cannot_update_voice",
            )
        known = self._parts.abilities.voices
        if known and voice not in known:
            names = ", ".join(sorted(known))
            raise InvalidRequest(
                f"Invalid value: '{voice}'. Supported voices are: {names}.", param=param, code="invalid_value"
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
        for index, item in enumerate(event.options.input or ()):
            param = f"response.input[{index}]"
            if not isinstance(item, ItemReference):
                check_content(item, self._parts, param)
            elif item.id not in self._parts.conversation:
                raise InvalidRequest(
                    f"Item with item_id not found: {item.id}", param=param, code="item_reference_invalid_item_id"
                )


def check_content(item: Item, parts: Parts, param: str) -> None:
    """Check that an item of the client's holds nothing that only we make, or that the model cannot take.

    Raises `InvalidRequest`.
    """
    if not isinstance(item, MessageItem):
        return
    for index, part in enumerate(item.content):
        where = f"{param}.content[{index}]"
        if isinstance(part, ImageContent) and not parts.abilities.takes_images:
            raise UnsupportedRequest(f"The model {parts.config.model} cannot see images.", param=where)
        if isinstance(part, AudioContent) and item.role != "user":
            raise InvalidRequest(
                f"Audio of the {item.role} cannot be given: only a user's message may hold audio.",
                param=where,
                code="invalid_value",
            )


def _spoken_content(item: Item, content_index: int) -> AudioContent:
    """Return the audio that the model spoke. Raises `InvalidRequest` where there is none in this place."""
    if isinstance(item, MessageItem) and item.role == "assistant" and 0 <= content_index < len(item.content):
        content = item.content[content_index]
        if isinstance(content, AudioContent):
            return content
    raise InvalidRequest(
        "Only model output audio messages can be truncated", param="item_id", code="unsupported_content_type"
    )
