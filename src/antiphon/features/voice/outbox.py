"""What a session says, until its client has taken it: bounded in bytes, and kept for a while where it may be resumed.

One socket at a time takes frames. A new one takes the place of the old one, which then gets no more. Whoever fills the
box waits; a client that takes nothing for long while the box is full is no client any more.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

MAX_WAITING_BYTES = 4 * 1024 * 1024  # a minute of audio and more
MAX_KEPT_BYTES = 4 * 1024 * 1024
STALLED_AFTER_S = 10.0


class Frame(NamedTuple):
    """One event as it is sent, and its id."""

    event_id: str
    data: bytes


class Ending(NamedTuple):
    """The code and the reason with which a socket is closed."""

    code: int
    reason: str


class Rewound(NamedTuple):
    """How many frames are sent again, and whether that is all that the client did not get."""

    num_frames: int
    is_whole: bool


class ClientStalled(Exception):
    """The box is full and nobody takes from it."""


class Outbox:
    """Frames in order. What was taken is kept, up to `MAX_KEPT_BYTES`, where the session `is_resumable`."""

    def __init__(self, *, is_resumable: bool, stalled_after_s: float = STALLED_AFTER_S) -> None:
        self._is_resumable = is_resumable
        self._stalled_after_s = stalled_after_s
        self._waiting: deque[Frame] = deque()
        self._num_waiting_bytes = 0
        self._taken: deque[Frame] = deque()
        self._num_kept_bytes = 0
        self._num_taken = 0
        self._holder: object | None = None
        self._changed = asyncio.Event()
        self._moved = asyncio.Event()
        self.ending: Ending | None = None
        self.ended = asyncio.Event()

    def add(self, frames: Sequence[Frame], *, first: bool = False) -> None:
        """Put frames in, whether or not there is room, behind all others or ahead; after the end they are dropped."""
        if self.ending is not None:
            return
        if first:
            self._waiting.extendleft(reversed(frames))
        else:
            self._waiting.extend(frames)
        self._num_waiting_bytes += sum(len(frame.data) for frame in frames)
        self._changed.set()

    async def room(self) -> None:
        """Wait until there is room. Raises `ClientStalled`.

        A session that can be resumed waits: its client's network may be gone, and its socket is known to be dead later.
        """
        while self._num_waiting_bytes >= MAX_WAITING_BYTES and self.ending is None:
            self._moved.clear()
            num_taken, holder = self._num_taken, self._holder
            is_patient = self._is_resumable or holder is None
            try:
                async with asyncio.timeout(None if is_patient else self._stalled_after_s):
                    await self._moved.wait()
            except TimeoutError:
                if num_taken == self._num_taken and holder is self._holder:
                    raise ClientStalled from None

    def end(self, ending: Ending, *, at_once: bool = False) -> None:
        """Let nothing follow what waits; `at_once`, not even that. Only the first end counts."""
        if self.ending is not None:
            return
        self.ending = ending
        self.ended.set()
        if at_once:
            self._waiting.clear()
            self._num_waiting_bytes = 0
        self._changed.set()
        self._moved.set()

    def attach(self) -> object:
        """Return the right to take frames, which ends for whoever had it."""
        self._holder = object()
        self._changed.set()
        self._moved.set()
        return self._holder

    def detach(self, holder: object) -> bool:
        """Give the right back; return whether it was still the holder's."""
        is_holder = holder is self._holder
        if is_holder:
            self._holder = None
            self._moved.set()
        return is_holder

    async def take(self, holder: object) -> Frame | Ending | None:
        """Return the next frame, how it ends when all are taken, or None to a holder whose right has ended."""
        while True:
            if holder is not self._holder:
                return None
            if self._waiting:
                return self._next()
            if self.ending is not None:
                return self.ending
            self._changed.clear()
            await self._changed.wait()

    def rewind(self, after: str | None) -> Rewound:
        """Let what was taken after the event `after` be taken once more; without a name, what was not taken yet waits.

        It is not whole where that event is not kept any more.
        """
        kept = list(self._taken)
        place = next((place for place, frame in enumerate(kept) if frame.event_id == after), None)
        again = kept[place + 1 :] if place is not None else []
        for frame in reversed(again):
            self._taken.pop()
            self._num_kept_bytes -= len(frame.data)
            self._waiting.appendleft(frame)
            self._num_waiting_bytes += len(frame.data)
        return Rewound(len(self._waiting), is_whole=place is not None)

    def _next(self) -> Frame:
        frame = self._waiting.popleft()
        self._num_waiting_bytes -= len(frame.data)
        self._num_taken += 1
        self._moved.set()
        if self._is_resumable:
            self._taken.append(frame)
            self._num_kept_bytes += len(frame.data)
            while self._num_kept_bytes > MAX_KEPT_BYTES:
                self._num_kept_bytes -= len(self._taken.popleft().data)
        return frame
