"""What each `conversation.item.*` asks for, held against the session: it is done, or refused with nothing done.

Refusals are `RequestError`s, which the session tells as `error` events.
"""

import msgspec

from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.realtime.answering import AnswerRules
from antiphon.realtime.client_events import FRONT, CreateItem, DeleteItem, RetrieveItem, TruncateItem
from antiphon.realtime.items import (
    AudioContent,
    FunctionOutputItem,
    ImageContent,
    Item,
    MessageItem,
    num_told_bytes,
)
from antiphon.realtime.limits import MOST_ITEM_BYTES
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies
from antiphon.realtime.server_events import ItemDeleted, ItemRetrieved, ItemTruncated, StatusDetails
from antiphon.realtime.waiting import WaitingEvents, size_of

_CANCELLED = StatusDetails(reason="client_cancelled")


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
        if num_told_bytes(event.item) > MOST_ITEM_BYTES:
            raise InvalidRequest(
                f"The words of one item take {MOST_ITEM_BYTES} bytes of JSON at most. Divide them among several items.",
                param="item",
                code="item_too_large",
            )
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
        if isinstance(event.item, FunctionOutputItem):
            call_id = event.item.call_id
            is_called = parts.conversation.has_call(call_id) or self.waiting.brings_call(call_id)
            check_called(event.item, is_called=is_called)

    def _place_of(self, event: CreateItem) -> str | None:
        if event.previous_item_id is None:
            return self._parts.conversation.last_id
        return None if event.previous_item_id == FRONT else event.previous_item_id


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


def check_called(output: FunctionOutputItem, *, is_called: bool) -> None:
    """Raise `InvalidRequest` for what a function gave that nobody called: no model could be shown it."""
    if not is_called:
        raise InvalidRequest(
            f"Tool call ID '{output.call_id}' not found in conversation. Create the function_call item before its "
            "output.",
            code="invalid_tool_call_id",
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
