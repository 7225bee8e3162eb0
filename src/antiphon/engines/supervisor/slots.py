"""How many requests an engine works on at once, and how many may wait."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from antiphon.errors import EngineOverloaded


class Slots:
    """Admits `num_slots` at once, first come first served; `max_waiting` more may wait."""

    def __init__(self, num_slots: int, max_waiting: int) -> None:
        self.num_slots = num_slots
        self.num_busy = 0
        self.num_waiting = 0
        self._max_waiting = max_waiting
        self._free = asyncio.Semaphore(num_slots)
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[None, None]:
        """Hold a slot for the length of a block. Raises `EngineOverloaded` where too many wait already."""
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
        self.num_busy += 1
        try:
            yield
        finally:
            self.num_busy -= 1
            self._free.release()
            self._note_idle()

    async def idle(self) -> None:
        """Wait until nobody works and nobody waits."""
        await self._idle.wait()

    def _note_idle(self) -> None:
        if self.num_busy == 0 and self.num_waiting == 0:
            self._idle.set()
