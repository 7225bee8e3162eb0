"""The folder of sealed prefixes for an event loop: work in threads of its own, told speeds, safe to cancel."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, time
from typing import TypeVar

from antiphon.prefix.entry import Entry
from antiphon.prefix.header import FoundPrefix, PrefixHeader
from antiphon.stores.prefixes.folder import SealedFolder
from antiphon.stores.prefixes.payload import Tick
from antiphon.stores.prefixes.room import Room
from antiphon.stores.prefixes.sealing import Seal

T = TypeVar("T")

_NUM_THREADS = 3  # one writes, and a prompt that waits for its state finds another one free
_WEIGHT = 0.3  # of the newest measurement in an average


class Pace:
    """How fast the disk was lately, by exponential averages of bytes and of seconds; None before the first work."""

    def __init__(self) -> None:
        self.bytes_per_s: float | None = None
        self._num_bytes = 0.0
        self._elapsed_s = 0.0

    def note(self, num_bytes: int, elapsed_s: float) -> None:
        """Count one piece of work; large ones weigh more than small ones."""
        self._num_bytes = (1 - _WEIGHT) * self._num_bytes + _WEIGHT * num_bytes
        self._elapsed_s = (1 - _WEIGHT) * self._elapsed_s + _WEIGHT * elapsed_s
        if self._elapsed_s > 0:
            self.bytes_per_s = self._num_bytes / self._elapsed_s


class PrefixFolder:
    """Sealed prefixes in a folder. Whoever uses it decides what has to go before something else fits.

    A cancelled call is over, and has left nothing behind, when the cancellation goes on.
    """

    def __init__(self, path: Path, secret: str | None, room: Room, now: Callable[[], float] = time) -> None:
        self._put_pace = Pace()
        self._take_out_pace = Pace()
        self._seal = Seal(secret.encode() if secret else None)
        self._folder = SealedFolder(path, self._seal, room, now)
        self._threads = ThreadPoolExecutor(_NUM_THREADS, thread_name_prefix="prefixes")
        self._writing = asyncio.Lock()

    @property
    def num_bytes(self) -> int:
        """How many bytes the files take."""
        return self._folder.num_bytes

    @property
    def put_bytes_per_s(self) -> float | None:
        """How many bytes of an engine's state went in in a second; None before the first."""
        return self._put_pace.bytes_per_s

    @property
    def take_out_bytes_per_s(self) -> float | None:
        """How many bytes of an engine's state came out in a second; None before the first."""
        return self._take_out_pace.bytes_per_s

    def file_bytes(self, header: PrefixHeader, payload_bytes: int) -> int:
        """Return how many bytes the file for a state of this length would take: what the budget counts."""
        return self._seal.file_bytes(header, payload_bytes)

    async def scan(self) -> list[FoundPrefix]:
        """Make the folder fit for use and return what earlier processes left, the last used first.

        To be called once, before anything else. Raises `OSError` if there can be no folder.
        """
        return await self._work(lambda _: self._folder.scan())

    async def put(self, raw_path: Path, header: PrefixHeader) -> int:
        """Seal the state at `raw_path`, which stays, and return the bytes of the file once it is on the disk.

        Raises `PrefixNotKept` for want of room or for what the disk said.
        """
        async with self._writing:
            started_at = monotonic()
            try:
                file_bytes = await self._work(lambda tick: self._folder.put(raw_path, header, tick))
            except asyncio.CancelledError:
                self._threads.submit(self._folder.remove, header.id)
                raise
            self._put_pace.note(file_bytes, monotonic() - started_at)
            return file_bytes

    async def take_out(self, entry: Entry, raw_path: Path) -> int:
        """Write the state of an entry to `raw_path`, verified, and return its bytes.

        Raises `PrefixMiss` where the file is gone or not fit for use: then it is removed, and nothing is at `raw_path`
        that was not there before.
        """
        started_at = monotonic()
        payload_bytes = await self._work(lambda tick: self._folder.take_out(entry, raw_path, tick))
        self._take_out_pace.note(payload_bytes, monotonic() - started_at)
        return payload_bytes

    async def amend(self, prefix_id: str, expires_at: float, is_pinned: bool) -> None:
        """Give a file another end of its time, or pin it. Raises `PrefixMiss` and `PrefixNotKept`."""
        async with self._writing:
            await self._work(lambda tick: self._folder.amend(prefix_id, expires_at, is_pinned, tick))

    async def remove(self, prefix_id: str) -> None:
        """Remove a file; one that is not there is no error."""
        await self._work(lambda _: self._folder.remove(prefix_id))

    async def close(self) -> None:
        """Wait for what is under way; nothing may be asked afterwards."""
        await asyncio.to_thread(self._threads.shutdown)

    async def _work(self, work: Callable[[Tick], T]) -> T:
        stop = threading.Event()

        def tick() -> None:
            if stop.is_set():
                raise _StoppedWork

        future = asyncio.get_running_loop().run_in_executor(self._threads, work, tick)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([future])
            future.exception()  # read, so that nobody complains that it was not
            raise


class _StoppedWork(Exception):
    """Ends work that nobody waits for any more."""
