"""How many requests an engine works on at once, and how many may wait."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from antiphon.errors import EngineOverloaded


class Slot:
    """A place at an engine, held until `release` or the end of a `with` block; `number` tells it from the others.

    `is_kept` says that what the engine holds in it is of the resident that it was taken for.
    """

    def __init__(self, slots: "Slots", number: int, *, is_kept: bool = False) -> None:
        self.number = number
        self.is_kept = is_kept
        self._slots: Slots | None = slots

    def __enter__(self) -> Self:
        """Hold the slot for the length of a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self.release()

    def release(self) -> None:
        """Give the slot back; a second time changes nothing."""
        if self._slots is not None:
            self._slots.take_back(self.number)
            self._slots = None


class Slots:
    """Admits `num_slots` at once, first come first served; `max_waiting` more may wait.

    A slot that is given back is the last to be taken again: an engine may need a moment to notice that its work is
    not wanted any more. A resident, who names a place in the engine's memory, gets the slot that it had before, if
    nobody else has had it since and it is free; or else one without a resident, or else the one longest unused.
    """

    def __init__(self, num_slots: int, max_waiting: int) -> None:
        self.num_slots = num_slots
        self.num_waiting = 0
        self._max_waiting = max_waiting
        self._numbers = deque(range(num_slots))
        self._takers: list[str | None] = [None] * num_slots
        self._residents: list[str | None] = [None] * num_slots
        self._free = asyncio.Semaphore(num_slots)
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def num_busy(self) -> int:
        """How many slots are held."""
        return self.num_slots - len(self._numbers)

    async def take(self, resident: str | None = None, choose: Callable[[Sequence[int]], int] | None = None) -> Slot:
        """Return a slot once one is free. Raises `EngineOverloaded` where too many wait already.

        `choose` picks one of the free slots, which it is given in the order in which they were given back; where it
        raises, no slot is taken.
        """
        if self._free.locked() and self.num_waiting >= self._max_waiting:
            raise EngineOverloaded(
                f"The engine works on {self.num_busy} requests and {self.num_waiting} wait: try again later."
            )
        self._idle.clear()
        self.num_waiting += 1
        try:
            await self._free.acquire()
        except asyncio.CancelledError:
            self.num_waiting -= 1
            self._note_idle()
            raise
        self.num_waiting -= 1
        with ExitStack() as undo:
            undo.callback(self._note_idle)
            undo.callback(self._free.release)
            number = self._chosen(resident) if choose is None else choose(tuple(self._numbers))
            self._numbers.remove(number)
            undo.pop_all()
        is_kept = resident is not None and self._residents[number] == resident
        self._takers[number] = resident
        if not is_kept:
            self._residents[number] = None
        return Slot(self, number, is_kept=is_kept)

    def is_free(self, number: int) -> bool:
        """Whether nobody holds a slot and nobody waits for one: `take` would then give any free one at once."""
        return number in self._numbers and not self._free.locked()

    def note_begun(self, number: int) -> None:
        """Note that the engine holds the taker's work in a slot now; before, it holds what was there."""
        self._residents[number] = self._takers[number]

    def take_back(self, number: int) -> None:
        """Let others have a slot; `Slot.release` calls this."""
        self._numbers.append(number)
        self._free.release()
        self._note_idle()

    async def idle(self) -> None:
        """Wait until nobody works and nobody waits."""
        await self._idle.wait()

    def _note_idle(self) -> None:
        if self.num_busy == 0 and self.num_waiting == 0:
            self._idle.set()

    def _chosen(self, resident: str | None) -> int:
        """Return which of the free slots to take; they are in the order in which they were given back."""
        if resident is not None:
            for number in reversed(self._numbers):
                if self._residents[number] == resident:
                    return number
        return next((number for number in self._numbers if self._residents[number] is None), self._numbers[0])
