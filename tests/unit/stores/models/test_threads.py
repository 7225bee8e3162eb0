"""Long work in threads."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from antiphon.stores.models.threads import Tick, in_thread


async def test_long_work_leaves_the_loops_threads_to_others():
    """However much of it there is."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    began, may_end = asyncio.Event(), threading.Event()

    def work(tick: Tick) -> bool:
        tick(1, 2)
        return may_end.wait(20)

    works = [asyncio.create_task(in_thread(work, lambda _done, _total: began.set())) for _ in range(3)]
    try:
        async with asyncio.timeout(10):
            await began.wait()
            assert await asyncio.to_thread(lambda: "done") == "done"
    finally:
        may_end.set()
        assert await asyncio.gather(*works) == [True] * 3


async def test_work_that_nobody_waits_for_is_over_before_the_cancellation_goes_on():
    """And its thread with it."""
    began, seen = asyncio.Event(), list[threading.Thread]()

    def work(tick: Tick) -> None:
        seen.append(threading.current_thread())
        while True:
            tick(1, 2)

    waiting = asyncio.create_task(in_thread(work, lambda _done, _total: began.set()))
    async with asyncio.timeout(10):
        await began.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    (thread,) = seen
    thread.join(10)
    assert not thread.is_alive()
