"""The work of a session that is under way: a task each, by its id; and the line in which spoken texts wait."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Works:
    """Tasks in a group of the session's.

    `lost` is told of work that ended as if it had been closed, though nobody closed it: something that it waited for
    was cancelled by somebody else. A group thinks nothing of that, and whoever waits for the work would wait for ever.
    """

    def __init__(self, group: asyncio.TaskGroup, lost: Callable[[str], None]) -> None:
        self._group = group
        self._lost = lost
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, work_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Let work begin; work of the same id that is under way is closed."""
        self.close(work_id)
        task = self._group.create_task(work)
        self._tasks[work_id] = task
        task.add_done_callback(lambda _: self._forget(work_id, task))

    def close(self, work_id: str) -> None:
        """Cancel work and wait for nothing; what is over, or never was, is no error."""
        task = self._tasks.pop(work_id, None)
        if task is not None:
            task.cancel()

    def close_all(self) -> None:
        """Cancel all work."""
        for work_id in tuple(self._tasks):
            self.close(work_id)

    def _forget(self, work_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(work_id) is task:
            del self._tasks[work_id]
            if task.cancelled():
                self._lost(work_id)


class Line:
    """Lets one pass at a time, in the order of their coming. Who leaves makes room at once, done or not."""

    def __init__(self) -> None:
        self._turns: dict[str, asyncio.Event] = {}

    def join(self, work_id: str) -> asyncio.Event:
        """Return the event that is set when it is the turn of `work_id`."""
        turn = self._turns[work_id] = asyncio.Event()
        self._call_next()
        return turn

    def leave(self, work_id: str) -> None:
        """Give up the place, wherever it is."""
        if self._turns.pop(work_id, None) is not None:
            self._call_next()

    def _call_next(self) -> None:
        first = next(iter(self._turns.values()), None)
        if first is not None:
            first.set()
