"""Client events about items that wait for the end of a response, in the order in which they came."""

from collections import deque

from antiphon.realtime.client_events import CreateItem, DeleteItem, RetrieveItem, TruncateItem
from antiphon.realtime.items import FunctionCallItem, num_audio_bytes, num_kept_chars

ItemEvent = CreateItem | RetrieveItem | TruncateItem | DeleteItem


class WaitingEvents:
    """A line of events; which items they bring, and how much room those take."""

    def __init__(self) -> None:
        self._events = deque[ItemEvent]()
        self._item_ids = set[str]()
        self.num_bytes = 0

    def __len__(self) -> int:
        return len(self._events)

    def brings(self, item_id: str | None) -> bool:
        """Whether an item of this id is still to be created."""
        return item_id in self._item_ids

    def brings_call(self, call_id: str) -> bool:
        """Whether a function call of this id is still to be created."""
        creations = (event.item for event in self._events if isinstance(event, CreateItem))
        return any(isinstance(item, FunctionCallItem) and item.call_id == call_id for item in creations)

    def add(self, event: ItemEvent) -> None:
        """Let an event wait. An item that it creates has an id that no other one here has."""
        self._events.append(event)
        if isinstance(event, CreateItem):
            self._item_ids.add(event.item.id)
            self.num_bytes += size_of(event)

    def take(self) -> ItemEvent:
        """Return the first event, which waits no more."""
        event = self._events.popleft()
        if isinstance(event, CreateItem):
            self._item_ids.remove(event.item.id)
            self.num_bytes -= size_of(event)
        return event


def size_of(event: CreateItem) -> int:
    """Return about how many bytes the item of an event takes."""
    return num_kept_chars(event.item) + num_audio_bytes(event.item)
