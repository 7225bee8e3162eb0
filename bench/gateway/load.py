"""Two loads, both bounded in time.

The closed loop keeps a number of requests on their way, and finds out how many a second a server carries. The open loop
sends at a fixed rate whatever comes back, and finds out how long an answer takes.
"""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from bench.gateway.client import Connection, http_request
from bench.gateway.script import Form, WrongAnswer, check, question

# Beyond it an open loop has outrun the server, and what it does not send is a fault.
MAX_IN_FLIGHT = 256


@dataclass(slots=True)
class Outcome:
    """What a load saw. Times are in milliseconds, of right answers alone; `cpu_s` is what they cost the server."""

    first_ms: list[float] = field(default_factory=list[float])
    whole_ms: list[float] = field(default_factory=list[float])
    faults: list[str] = field(default_factory=list[str])
    elapsed_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Right answers a second."""
        return len(self.whole_ms) / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def cpu_ms(self) -> float:
        """The processor time of one answer."""
        return self.cpu_s * 1e3 / max(1, len(self.whole_ms))

    def add(self, other: "Outcome") -> None:
        """Take in what the same load saw another time."""
        self.first_ms += other.first_ms
        self.whole_ms += other.whole_ms
        self.faults += other.faults
        self.elapsed_s += other.elapsed_s
        self.cpu_s += other.cpu_s


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """Over each of `num_connections`, ask again as soon as there is an answer."""

    form: Form
    num_connections: int

    async def run(self, port: int, seconds: float) -> Outcome:
        """Ask the server on `port` for so long, and for the answers that are on their way then."""
        connections = [await Connection.to(port) for _ in range(self.num_connections)]
        asker = _Asker(port, self.form)
        with _no_collector():
            began_at = perf_counter()
            await asyncio.gather(*(asker.keep_asking(connection, began_at + seconds) for connection in connections))
            asker.outcome.elapsed_s = perf_counter() - began_at
        for connection in connections:
            connection.close()
        return asker.outcome


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Ask `per_second` times a second, evenly spaced, each time over a connection that is idle, or else a new one."""

    form: Form
    per_second: int

    async def run(self, port: int, seconds: float) -> Outcome:
        """Ask the server on `port` for so long, and wait for the answers that are on their way then."""
        asker = _Asker(port, self.form)
        idle: list[Connection] = []
        in_flight: set[asyncio.Task[None]] = set()

        async def ask_once() -> None:
            connection = _taken(idle) or await Connection.to(port)
            await asker.ask(connection)
            idle.append(connection)

        with _no_collector():
            began_at = perf_counter()
            for number in range(int(self.per_second * seconds)):
                await asyncio.sleep(max(0.0, began_at + number / self.per_second - perf_counter()))
                if len(in_flight) >= MAX_IN_FLIGHT:
                    asker.outcome.faults.append(f"not sent: {MAX_IN_FLIGHT} requests were on their way")
                    continue
                task = asyncio.create_task(ask_once())
                in_flight.add(task)
                task.add_done_callback(in_flight.discard)
            await asyncio.gather(*in_flight)
            asker.outcome.elapsed_s = perf_counter() - began_at
        for connection in idle:
            connection.close()
        return asker.outcome


Load = ClosedLoop | OpenLoop


class _Asker:
    """Asks one server for answers in one form, checks what comes and notes it."""

    def __init__(self, port: int, form: Form) -> None:
        self._form = form
        self._request = http_request(port, question(form))
        self.outcome = Outcome()

    async def keep_asking(self, connection: Connection, until: float) -> None:
        while perf_counter() < until and connection.is_open:
            await self.ask(connection)

    async def ask(self, connection: Connection) -> None:
        try:
            reply = await connection.ask(self._request)
            check(self._form, reply.status, reply.body)
        except (OSError, WrongAnswer) as fault:
            self.outcome.faults.append(f"{type(fault).__name__}: {fault}")
        else:
            self.outcome.first_ms.append(reply.first_ms)
            self.outcome.whole_ms.append(reply.whole_ms)


def _taken(idle: list[Connection]) -> Connection | None:
    """Take the connection that was used last, passing over those that the server closed meanwhile."""
    while idle:
        connection = idle.pop()
        if connection.is_open:
            return connection
    return None


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the client's own garbage collector out of the times."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
