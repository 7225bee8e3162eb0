"""A private folder in memory for what an engine writes in clear, which no process leaves behind for long.

A process holds the kernel's lock on its folder; the kernel lets go of it however the process ends, and the next process
to start removes every folder that nobody holds.
"""

import fcntl
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Self
from weakref import finalize

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory
_MOUNTS = Path("/proc/self/mounts")


@dataclass(frozen=True, slots=True)
class MemoryPlaces:
    """Where a folder may be: in `shared_memory` if it is a tmpfs with `wanted_bytes` free, or else in `fallback`.

    `mounts` is the kernel's table of what is mounted where.
    """

    fallback: Path
    wanted_bytes: int
    shared_memory: Path = _SHARED_MEMORY
    mounts: Path = _MOUNTS


class MemoryFolder:
    """A folder at `path` that only its owner may enter; `warning` says in words where it is not in memory."""

    def __init__(self, path: Path, descriptor: int, warning: str | None) -> None:
        self.path = path
        self.warning = warning
        self._close = finalize(self, _remove_folder, path, descriptor)  # also when the interpreter ends

    @classmethod
    def make(cls, places: MemoryPlaces) -> Self:
        """Make a folder for this process, and remove those of dead ones. Raises `OSError` where none can be made."""
        warning = _objection(places)
        parent = places.shared_memory / f"antiphon-{os.getuid()}"
        if warning is None and not _is_private(parent):
            warning = f"{parent} belongs to somebody else"
        for abandoned in _parents(places, parent):
            _sweep(abandoned)
        if warning is None:
            return cls(*_make_within(parent), None)
        sentence = f"The states of prompts lie on disk in clear while they are saved, in {places.fallback}: {warning}."
        places.fallback.mkdir(mode=0o700, parents=True, exist_ok=True)
        places.fallback.chmod(0o700)
        return cls(*_make_within(places.fallback), sentence)

    def close(self) -> None:
        """Remove the folder with everything in it; the second time it does nothing."""
        self._close()


def _objection(places: MemoryPlaces) -> str | None:
    """Return why shared memory will not do."""
    shared = places.shared_memory
    if not shared.is_dir() or str(shared) not in _memory_mounts(places.mounts):
        return f"{shared} is not a folder in memory"
    if not os.access(shared, os.W_OK | os.X_OK):
        return f"{shared} cannot be written to"
    free_bytes = shutil.disk_usage(shared).free
    if free_bytes < places.wanted_bytes:
        return f"{shared} has {free_bytes} bytes free, and {places.wanted_bytes} are wanted"
    return None


def _memory_mounts(mounts: Path) -> Sequence[str]:
    try:
        rows = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ()
    return [row[1] for row in rows if len(row) > 2 and row[2] in {"tmpfs", "ramfs"}]


def _is_private(parent: Path) -> bool:
    """Make a folder where there is none, and tell whether it is ours alone, and no link to elsewhere."""
    with suppress(FileExistsError):
        parent.mkdir(mode=0o700)
    status = parent.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) == 0o700


def _parents(places: MemoryPlaces, parent: Path) -> list[Path]:
    return [folder for folder in (parent, places.fallback) if folder.is_dir() and _is_private(folder)]


def _make_within(parent: Path) -> tuple[Path, int]:
    """Make and lock a folder, while no other process looks for abandoned ones."""
    guard = _lock(parent, fcntl.LOCK_EX)
    try:
        path = parent / f"{os.getpid()}-{token_hex(4)}"
        path.mkdir(mode=0o700)
        return path, _lock(path, fcntl.LOCK_EX)
    finally:
        os.close(guard)


def _sweep(parent: Path) -> None:
    guard = _lock(parent, fcntl.LOCK_EX)
    try:
        for path in list(parent.iterdir()):
            try:
                os.close(_lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB))
            except OSError:
                continue  # somebody lives there, or it is none of our folders
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(guard)


def _lock(path: Path, how: int) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove_folder(path: Path, descriptor: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(descriptor)
