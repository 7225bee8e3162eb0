"""What waits to be told to a session, in the order in which it came, and no more than fits in a few megabytes.

Whoever brings more waits until there is room: a client whose audio comes faster than it can be judged is held back by
its socket, an engine by its own stream.
"""

import asyncio
from collections import deque

from antiphon.realtime.client_events import ClientEvent
from antiphon.realtime.facts import Fact

# A client's frame as it came, to be read with the set-up that the session then has; or what is told already.
Happening = str | ClientEvent | Fact

MAX_WAITING_BYTES = 1024 * 1024
_HAPPENING_BYTES = 256  # what each weighs besides its audio


class Inbox:
    """A queue of happenings with one reader."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Happening | None, int]] = deque()
        self._num_bytes = 0
        self._arrived = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    async def put(self, happening: Happening, num_bytes: int = 0) -> None:
        """Add a happening that carries `num_bytes` of audio or text, once there is room.

        One that is larger than all the room goes in where nothing else fills it.
        """
        while not self._has_room.is_set():
            await self._has_room.wait()
        self._add(happening, num_bytes + _HAPPENING_BYTES)

    def add(self, happening: Happening) -> None:
        """Add a happening whether there is room or not, for those who cannot wait."""
        self._add(happening, _HAPPENING_BYTES)

    def wake(self) -> None:
        """Let the reader have None in its turn: the time has come for something."""
        self._add(None, 0)

    async def take(self) -> Happening | None:
        """Return the next happening, None for a wake."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        happening, num_bytes = self._waiting.popleft()
        self._num_bytes -= num_bytes
        if self._num_bytes < MAX_WAITING_BYTES:
            self._has_room.set()
        return happening

    def _add(self, happening: Happening | None, num_bytes: int) -> None:
        self._waiting.append((happening, num_bytes))
        self._num_bytes += num_bytes
        if self._num_bytes >= MAX_WAITING_BYTES:
            self._has_room.clear()
        self._arrived.set()
