"""The works that wait in a process for one of its threads: urgent ones first, each kind in the order of arrival.

A work is an iterator that is taken a step at a time: between two steps a more urgent work may come first. A step
itself cannot be stopped.
"""

import heapq
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from antiphon.engines.speech.wire import WINDOW, Answered

Perform = Callable[[bytes], Iterator[bytes]]


@dataclass(order=True, slots=True)
class QueuedWork:
    """A work, and where its answers go: `answer` may be called from any thread.

    `num_wanted` answers may still be told before the listener takes one; `is_resting` says that none may.
    """

    is_patient: bool
    number: int
    work_id: int = field(compare=False)
    payload: bytes = field(compare=False)
    answer: Callable[[Answered], None] = field(compare=False)
    num_wanted: int = field(default=WINDOW, compare=False)
    is_resting: bool = field(default=False, compare=False)
    is_cancelled: bool = field(default=False, compare=False)
    steps: Iterator[bytes] | None = field(default=None, compare=False)


class WorkQueue:
    """Works in the order in which they are to be taken, shared by all threads."""

    def __init__(self) -> None:
        self._heap: list[QueuedWork] = []
        self._changed = threading.Condition()
        self._num_added = 0

    def add(self, work_id: int, payload: bytes, answer: Callable[[Answered], None], *, is_urgent: bool) -> QueuedWork:
        """Let a work wait, and return it."""
        with self._changed:
            self._num_added += 1
            work = QueuedWork(not is_urgent, self._num_added, work_id, payload, answer)
            self._push(work)
        return work

    def take(self) -> QueuedWork:
        """Return the work whose turn it is, waiting for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._heap)
            return heapq.heappop(self._heap)

    def put_back(self, work: QueuedWork) -> None:
        """Let a work that told something wait for its next step in the place that it had, or rest."""
        with self._changed:
            work.num_wanted -= 1
            work.is_resting = work.num_wanted <= 0 and not work.is_cancelled
            if not work.is_resting:
                self._push(work)

    def want_more(self, work: QueuedWork) -> None:
        """Note that the listener took an answer; a work that rested goes on."""
        with self._changed:
            work.num_wanted += 1
            self._wake(work)

    def cancel(self, work: QueuedWork) -> None:
        """Let the work be closed when its turn comes."""
        with self._changed:
            work.is_cancelled = True
            self._wake(work)

    def _wake(self, work: QueuedWork) -> None:
        if work.is_resting:
            work.is_resting = False
            self._push(work)

    def _push(self, work: QueuedWork) -> None:
        heapq.heappush(self._heap, work)
        self._changed.notify()
