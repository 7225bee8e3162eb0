"""The items of one response: one grows at a time, and takes its place in the conversation if the response has one."""

from typing import TypeVar

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.conversation import Conversation
from antiphon.realtime.items import Item, ItemStatus
from antiphon.realtime.output import FunctionCall, OutputItem, SpokenMessage, WrittenMessage
from antiphon.realtime.parts import Parts
from antiphon.realtime.server_events import ItemAdded, ItemDone, OutputItemAdded, OutputItemDone, Place

_Grows = TypeVar("_Grows", bound=OutputItem)


class Outputs:
    """Opens and closes items, and tells both. `conversation` is None out of band."""

    def __init__(self, response_id: str, parts: Parts, conversation: Conversation | None) -> None:
        self.items: list[Item] = []
        self._response_id = response_id
        self._ids = parts.ids
        self._outbox = parts.outbox
        self._conversation = conversation
        self._growing: OutputItem | None = None
        # Items go after the newest one of this moment (None: there was none), whatever the user adds meanwhile.
        self._anchor = conversation.last_id if conversation is not None else None

    @property
    def num_begun(self) -> int:
        """How many items the client was told of."""
        return len(self.items) + (self._growing is not None)

    def written(self) -> WrittenMessage:
        """Return the message that is being written, a new one where none is."""
        if isinstance(self._growing, WrittenMessage):
            return self._growing
        return self._opened(WrittenMessage(self._next_place(), self._outbox))

    def spoken(self, audio_format: AudioFormat) -> SpokenMessage:
        """Return the message that is being spoken, a new one where none is."""
        if isinstance(self._growing, SpokenMessage):
            return self._growing
        return self._opened(SpokenMessage(self._next_place(), audio_format, self._outbox))

    def begin_call(self, call_id: str, name: str) -> None:
        """Begin a call."""
        self._opened(FunctionCall(self._next_place(), call_id, name, self._outbox))

    def add_arguments(self, arguments: str) -> None:
        """Add to the call that was begun last."""
        if isinstance(self._growing, FunctionCall):
            self._growing.add(arguments)

    def snapshot(self, item_id: str) -> Item | None:
        """Return the item that is growing, if it is this one, as it is so far."""
        item = self._growing.item("in_progress") if self._growing is not None else None
        return item if item is not None and item.id == item_id else None

    def close(self, status: ItemStatus) -> None:
        """Let the item that is growing, if one is, be what it is so far."""
        growing, self._growing = self._growing, None
        if growing is None:
            return
        item = growing.close(status)
        if self._conversation is not None and item.id in self._conversation:
            self._conversation.replace(item)
            self._outbox.say(ItemDone(item=item, previous_item_id=self._conversation.previous_id(item.id)))
        self._outbox.say(OutputItemDone(response_id=self._response_id, output_index=len(self.items), item=item))
        self.items.append(item)

    def _next_place(self) -> Place:
        self.close("completed")
        return Place(self._response_id, self._ids("item_"), len(self.items))

    def _opened(self, growing: _Grows) -> _Grows:
        item = growing.item("in_progress")
        self._outbox.say(OutputItemAdded(response_id=self._response_id, output_index=len(self.items), item=item))
        if self._conversation is not None:
            is_there = self._anchor is None or self._anchor in self._conversation
            previous_id = self._anchor if is_there else self._conversation.last_id
            self._conversation.insert(item, previous_id)
            self._anchor = item.id
            self._outbox.say(ItemAdded(item=item, previous_item_id=previous_id))
        growing.open()
        self._growing = growing
        return growing
