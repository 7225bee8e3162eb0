"""How much of the disk sealed prefixes take, and may take."""

import shutil
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from antiphon.prefix.misses import PrefixNotKept


@dataclass(frozen=True, slots=True)
class Room:
    """How much of the disk the files may take, and how much of it stays free for everybody else."""

    budget_bytes: int
    min_free_bytes: int = 1024**3


class TakenRoom:
    """The sizes of the files in the folder `path`, and of those that are being written; for threads."""

    def __init__(self, path: Path, room: Room) -> None:
        self._path = path
        self._room = room
        self._sizes = dict[str, int]()
        self._promised_bytes = 0
        self._lock = threading.Lock()

    @property
    def budget_bytes(self) -> int:
        """How many bytes the files may take."""
        return self._room.budget_bytes

    @property
    def num_bytes(self) -> int:
        """How many bytes the files take."""
        with self._lock:
            return sum(self._sizes.values())

    def begin(self, sizes: Mapping[str, int]) -> None:
        """Begin with the files that are there, by their ids."""
        with self._lock:
            self._sizes = dict(sizes)

    def count(self, prefix_id: str, file_bytes: int) -> None:
        """Note that a file is there."""
        with self._lock:
            self._sizes[prefix_id] = file_bytes

    def forget(self, prefix_id: str) -> None:
        """Note that a file is gone; one that was not there is no error."""
        with self._lock:
            self._sizes.pop(prefix_id, None)

    @contextmanager
    def promised(self, replaced_id: str | None, file_bytes: int) -> Generator[None]:
        """Hold room for a file while it is written. `replaced_id` names the one whose bytes the budget gets back.

        Raises `PrefixNotKept` where there is no room.
        """
        free_bytes = shutil.disk_usage(self._path).free
        with self._lock:
            held = sum(self._sizes.values()) - (self._sizes.get(replaced_id, 0) if replaced_id else file_bytes)
            if held + self._promised_bytes + file_bytes > self._room.budget_bytes:
                raise PrefixNotKept("The prefix is over the budget of the disk.")
            if free_bytes - self._promised_bytes - file_bytes < self._room.min_free_bytes:
                raise PrefixNotKept("The disk has too little free space for the prefix.")
            self._promised_bytes += file_bytes
        try:
            yield
        finally:
            with self._lock:
                self._promised_bytes -= file_bytes
