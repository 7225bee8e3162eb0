"""Work that ends when the client leaves.

A client that hangs up shows only in `receive()`, so something has to wait there while the work goes on. One watcher
task per piece of work does; it ends the work through a timeout of the standard library, which tells its own
cancellation from anybody else's.
"""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

from starlette.requests import Request
from starlette.types import Receive

T = TypeVar("T")

# A client that takes nothing for so long while there is something to take is gone, whatever its socket says.
STALLED_AFTER_S = 60.0


class ClientGone(Exception):
    """The client hung up, or stopped reading: nobody is there to answer."""


class ClientPresence:
    """A block of work (`async with`) that is cancelled when the client leaves; it then raises `ClientGone`.

    The request's body must have been read. `sending_since` is when the send began that is under way, in seconds of the
    loop's clock, or None.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._limit = asyncio.timeout(None)
        self._loop = asyncio.get_running_loop()
        self._watcher: asyncio.Task[None] | None = None
        self._pulse: asyncio.TimerHandle | None = None
        self.sending_since: float | None = None

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        await self._limit.__aenter__()
        self._watcher = self._loop.create_task(self._watch())
        self._pulse = self._loop.call_later(STALLED_AFTER_S / 2, self._check_for_a_stall)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        if self._watcher is not None:
            self._watcher.cancel()
        if self._pulse is not None:
            self._pulse.cancel()
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError:
            raise ClientGone from None

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._limit.reschedule(self._loop.time())

    def _check_for_a_stall(self) -> None:
        now = self._loop.time()
        if self.sending_since is not None and now - self.sending_since >= STALLED_AFTER_S:
            self._limit.reschedule(now)
        else:
            self._pulse = self._loop.call_later(STALLED_AFTER_S / 2, self._check_for_a_stall)


async def answer_or_stop(request: Request, work: Awaitable[T]) -> T:
    """Return what `work` returns, or cancel it and raise `ClientGone` as soon as the client leaves."""
    async with ClientPresence(request.receive):
        return await work
