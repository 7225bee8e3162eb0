"""Pauses the processes of less urgent work while somebody waits for a sound."""

import asyncio
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from antiphon.engines.supervisor.pauses import Pauses


class Pausable(Protocol):
    """A process that can stand still."""

    def pause(self) -> None:
        """Stand still; a second time changes nothing."""
        ...

    def resume(self) -> None:
        """Go on; a second time changes nothing."""
        ...


class Hush:
    """Lets `processes()` pause while any block of `hush` lasts, by the rules of `Pauses`.

    `call_later` has the form of the event loop's and is there for tests, like `clock`.
    """

    def __init__(
        self,
        processes: Callable[[], Iterable[Pausable]],
        *,
        clock: Callable[[], float] = monotonic,
        call_later: "Callable[[float, Callable[[], None]], asyncio.TimerHandle] | None" = None,
    ) -> None:
        self._processes = processes
        self._clock = clock
        self._call_later = call_later
        self._num_wanting = 0
        self._pauses = Pauses(clock())
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def hush(self) -> Generator[None, None, None]:
        """Want quiet for the length of the block. Blocks may overlap; it is entered on the event loop's thread."""
        self._num_wanting += 1
        self._step()
        try:
            yield
        finally:
            self._num_wanting -= 1
            self._step()

    def _step(self) -> None:
        """Bring the processes to where they belong now, and come back when that changes by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._pauses = self._pauses.at(self._clock(), is_wanted=self._num_wanting > 0)
        for process in self._processes():
            if self._pauses.is_paused:
                process.pause()
            else:
                process.resume()
        turns_at_s = self._pauses.turns_at_s
        if turns_at_s is not None:
            call_later = self._call_later or asyncio.get_running_loop().call_later
            self._timer = call_later(max(0.0, turns_at_s - self._pauses.at_s), self._step)
