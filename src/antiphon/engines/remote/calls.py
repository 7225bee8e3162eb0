"""Calls to one upstream, with what keeps either side from harm: a bound on those in flight, the circuit breaker, and
tries again while nothing has been told.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog

from antiphon.engines.http import Upstream, UpstreamRefusal
from antiphon.engines.remote.breaker import CircuitBreaker
from antiphon.engines.remote.refusals import Asked, Failure, failure_of
from antiphon.engines.remote.retries import BackOff
from antiphon.errors import (
    AntiphonError,
    EngineError,
    EngineFailed,
    EngineOverloaded,
    EngineTimedOut,
    EngineUnavailable,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_DONE = b"[DONE]"
_log = structlog.get_logger("antiphon.engines")


class Reader(Protocol[T_co]):
    """Reads the answer to one call."""

    def read(self, data: bytes) -> Sequence[T_co]:
        """Return what a chunk, or a whole answer, tells. Raises `UpstreamRefusal` or an `EngineError`."""
        ...

    @property
    def is_counted(self) -> bool:
        """Whether the upstream told what the answer cost."""
        ...

    def end(self) -> T_co:
        """Return what is known once all has been read. Raises an `EngineError` if something is missing."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """What to send, for which of the upstream's models, and whether the answer comes as a stream.

    A stream is one of server-sent events, or of bytes where it `is_raw`. `headers` go beside those of every request.
    """

    path: str
    model: str
    body: bytes
    streams: bool
    is_raw: bool = False
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What a call needs of the world: seconds that never go back, seconds since 1970, chance in [0, 1), and waiting."""

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    draw: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Calls:
    """The calls to the upstream of the engine `name`, at most `max_in_flight` at once."""

    def __init__(
        self, name: str, upstream: Upstream, world: World, *, key: str | None, back_off: BackOff, max_in_flight: int
    ) -> None:
        self._name = name
        self._upstream = upstream
        self._world = world
        self._key = key
        self._back_off = back_off
        self._max_in_flight = max_in_flight
        self._breaker = CircuitBreaker(world.clock)
        self._num_in_flight = 0
        self._warned = False

    @property
    def num_in_flight(self) -> int:
        """How many calls are being made now."""
        return self._num_in_flight

    async def told(self, call: Call, new_reader: Callable[[], Reader[T]]) -> AsyncGenerator[T, None]:
        """Make the call and yield what its answer tells; closing the generator closes the connection.

        Raises `EngineOverloaded` where too many are in flight, `EngineUnavailable` while the circuit is open, and,
        once no try is left, an `EngineError` or what `failure_of` makes of the upstream's refusal.
        """
        with self._place():
            failures: list[Failure] = []
            while True:
                admitted = self._admit(failures)
                has_told = False
                try:
                    reader = new_reader()
                    async with aclosing(self._pieces(call)) as pieces:
                        async for piece in pieces:
                            for fact in reader.read(piece):
                                if not has_told:
                                    has_told = True
                                    self._breaker.succeeded(admitted)
                                yield fact
                    last = reader.end()
                except (UpstreamRefusal, EngineError) as fault:
                    failures.append(self._failure(fault, call))
                    self._report(failures[-1], admitted)
                else:
                    self._breaker.succeeded(admitted)
                    self._note_count(call, is_counted=reader.is_counted)
                    yield last
                    return
                finally:
                    self._breaker.abandoned(admitted)  # which it was, unless an outcome was reported
                if has_told:
                    raise _in_mid_stream(failures[-1].error)
                await self._world.sleep(self._wait_s(failures))

    @contextmanager
    def _place(self) -> Generator[None]:
        if self._num_in_flight >= self._max_in_flight:
            raise EngineOverloaded(
                f"The engine '{self._name}' works on {self._num_in_flight} requests already: try again in a moment."
            )
        self._num_in_flight += 1
        try:
            yield
        finally:
            self._num_in_flight -= 1

    def _admit(self, failures: Sequence[Failure]) -> int:
        """Return the breaker's pass; a call that failed before the circuit opened tells why it did."""
        admitted = self._breaker.admit()
        if admitted is not None:
            return admitted
        if failures:
            raise failures[-1].error
        raise EngineUnavailable(
            f"The engine '{self._name}' has failed several times in a row and is left alone for "
            f"{max(1, round(self._breaker.wait_s()))} s: try again after that."
        )

    async def _pieces(self, call: Call) -> AsyncGenerator[bytes, None]:
        if not call.streams:
            yield await self._upstream.post(call.path, call.body, call.headers)
            return
        pieces = self._upstream.pieces if call.is_raw else self._upstream.stream
        async with aclosing(pieces(call.path, call.body, call.headers)) as events:
            async for data in events:
                if data and (call.is_raw or data != _DONE):
                    yield data

    def _note_count(self, call: Call, *, is_counted: bool) -> None:
        """Warn the operator, once, of an upstream whose answers seem to cost nothing."""
        if not (is_counted or self._warned):
            self._warned = True
            _log.warning("engine answers without usage: its tokens count as 0", engine=self._name, model=call.model)

    def _failure(self, fault: UpstreamRefusal | EngineError, call: Call) -> Failure:
        if isinstance(fault, UpstreamRefusal):
            return failure_of(fault, Asked(self._name, call.model, self._key), self._world.now())
        return Failure(fault, is_transient=isinstance(fault, (EngineFailed, EngineUnavailable)), is_upstreams=True)

    def _report(self, failure: Failure, admitted: int) -> None:
        if failure.is_upstreams:
            self._breaker.failed(admitted)
        else:
            self._breaker.succeeded(admitted)

    def _wait_s(self, failures: Sequence[Failure]) -> float:
        """Return how long to wait before the next try. Raises the last failure's error if there is to be none."""
        failure = failures[-1]
        wait_s = None
        if failure.is_transient:
            wait_s = self._back_off.wait_s(len(failures), self._world.draw(), failure.retry_after_s)
        if wait_s is None:
            raise failure.error
        return wait_s


def _in_mid_stream(error: AntiphonError) -> AntiphonError:
    """Return the error of an answer that broke off: whatever the upstream says by then, its work is lost."""
    return error if isinstance(error, EngineTimedOut) else EngineFailed(error.message)
