"""One writer of a model at a time, over all processes of this machine."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

# A pull takes seconds at least; nobody notices a fifth of one.
_LOOK_AGAIN_S = 0.2


@asynccontextmanager
async def lock_when_free(path: Path, on_wait: Callable[[], None]) -> AsyncGenerator[None, None]:
    """Hold the lock file `path`, waiting for it where it is held; `on_wait` is called once before waiting.

    The kernel lets go of the lock when the process ends, however that happens. The file itself stays.
    """
    descriptor = _open(path)
    try:
        if not _try_lock(descriptor):
            on_wait()
            # No event tells that another process has let go of a file.
            while not _try_lock(descriptor):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock file `path`."""
    if not path.exists():
        return False
    descriptor = _open(path)
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
