"""Long work in a thread, which ends soon after the task that waits for it was cancelled."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

Tick = Callable[[int, int], None]
"""Called by the work from time to time with the bytes that are done and of how many; it raises to end the work."""


class _StoppedWork(Exception):
    """Ends work that nobody waits for any more."""


async def in_thread(work: Callable[[Tick], T], on_progress: Callable[[int, int], None]) -> T:
    """Return what `work` returns. `on_progress` is called in the event loop.

    The thread is the work's own: what takes minutes would keep the loop's few from those whom somebody waits for.

    When the caller is cancelled, the work is over, at its next tick, before the cancellation goes on: what it wrote
    to is free then.
    """
    loop = asyncio.get_running_loop()
    stop = threading.Event()

    def tick(done_bytes: int, total_bytes: int) -> None:
        if stop.is_set():
            raise _StoppedWork
        loop.call_soon_threadsafe(on_progress, done_bytes, total_bytes)

    thread = ThreadPoolExecutor(1, thread_name_prefix="model-files")
    future = loop.run_in_executor(thread, work, tick)
    thread.shutdown(wait=False)  # it ends with the work
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([future])
        future.exception()  # read, so that nobody complains that it was not
        raise
