"""The conversation: items in their order, and which of them the model still knows."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from antiphon.realtime.items import AudioContent, FunctionCallItem, Item, MessageItem, num_audio_bytes, num_kept_chars


class Conversation:
    """Items, each after another. Of old items the audio is given up where it takes too much room."""

    def __init__(self, conversation_id: str, max_audio_bytes: int) -> None:
        self.id = conversation_id
        self._max_audio_bytes = max_audio_bytes
        self._items: dict[str, Item] = {}
        self._order: list[str] = []
        self._forgotten = set[str]()
        self._num_audio_bytes = 0
        self.num_chars = 0  # of all words and pictures

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    @property
    def last_id(self) -> str | None:
        """The id of the last item, None where there is none."""
        return self._order[-1] if self._order else None

    def get(self, item_id: str) -> Item | None:
        """Return an item, None where it is not in the conversation."""
        return self._items.get(item_id)

    def has_call(self, call_id: str) -> bool:
        """Whether a function was called by this id."""
        return any(isinstance(item, FunctionCallItem) and item.call_id == call_id for item in self._items.values())

    def previous_id(self, item_id: str) -> str | None:
        """Return the id of the item before this one, None for the first."""
        if item_id == self.last_id:
            return self._order[-2] if len(self._order) > 1 else None
        place = self._order.index(item_id)
        return self._order[place - 1] if place else None

    def insert(self, item: Item, after: str | None) -> None:
        """Put a new item after another one, or at the front (None). What `after` names must be here."""
        if after is not None and after == self.last_id:
            self._order.append(item.id)
        else:
            self._order.insert(self._order.index(after) + 1 if after is not None else 0, item.id)
        self._keep(item)

    def replace(self, item: Item) -> None:
        """Let an item have another content; nothing happens where it was deleted."""
        if item.id in self._items:
            self._keep(item)

    def remove(self, item_id: str) -> None:
        """Take an item out."""
        self._order.remove(item_id)
        self._count(self._items.pop(item_id), -1)
        self._forgotten.discard(item_id)

    def forget(self, item_ids: Iterable[str]) -> None:
        """Let the model not know these items any more; the client still does."""
        self._forgotten.update(item_id for item_id in item_ids if item_id in self._items)

    def known(self) -> tuple[Item, ...]:
        """Return the items that the model is to know, in order."""
        return tuple(self._items[item_id] for item_id in self._order if item_id not in self._forgotten)

    def _keep(self, item: Item) -> None:
        self._put(item)
        for item_id in self._order:
            if self._num_audio_bytes <= self._max_audio_bytes:
                return
            self._put(without_audio(self._items[item_id]))

    def _put(self, item: Item) -> None:
        before = self._items.get(item.id)
        if before is not None:
            self._count(before, -1)
        self._items[item.id] = item
        self._count(item, 1)

    def _count(self, item: Item, sign: Literal[1, -1]) -> None:
        self._num_audio_bytes += sign * num_audio_bytes(item)
        self.num_chars += sign * num_kept_chars(item)


def without_audio(item: Item) -> Item:
    """Return the item without the bytes of its audio."""
    if not isinstance(item, MessageItem) or not num_audio_bytes(item):
        return item
    content = tuple(part.without_audio() if isinstance(part, AudioContent) else part for part in item.content)
    return msgspec.structs.replace(item, content=content)
