"""Our side of the protocol: one connection to the process of a speech engine, over which all its works go."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from itertools import count

from antiphon.engines.speech.wire import (
    Answered,
    BadFrame,
    Cancel,
    Ended,
    Failed,
    Hello,
    More,
    Start,
    Told,
    Welcome,
    frame,
    read_answered,
)
from antiphon.engines.supervisor.child import ChildSpec, Endpoint
from antiphon.engines.supervisor.slots import Slots
from antiphon.engines.supervisor.supervisor import Supervisor
from antiphon.errors import EngineFailed, EngineTimedOut, InvalidRequest

# A large file that is not in the page cache is read first.
READY_TIMEOUT_S = 20.0
# From one answer of a work to the next, the works before it included.
ANSWER_TIMEOUT_S = 300.0

_BROKEN = (OSError, EOFError, BadFrame)


class SpeechLink:
    """A supervised process and the works that it does; it starts with the first of them.

    All works go to the process at once, which knows what is urgent; one more than `max_works` is `EngineOverloaded`.
    """

    def __init__(self, name: str, spec: ChildSpec, *, max_works: int) -> None:
        self.name = name
        slots = Slots(max_works, max_waiting=0)
        self.supervisor = Supervisor(name, spec, slots, probe=is_well, ready_timeout_s=READY_TIMEOUT_S)
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()

    async def work(self, payload: bytes, *, is_urgent: bool = False) -> AsyncGenerator[bytes, None]:
        """Yield what the process tells of one work; closing the generator cancels it.

        A process that ends before it told anything is asked again once it is back. Raises `InvalidRequest` where the
        process refuses what is asked, and an `EngineError`.
        """
        with await self.supervisor.slots.take():
            dead: _Connection | None = None
            has_told = False
            while True:
                connection = await self._connected(dead)
                try:
                    async with aclosing(connection.told(payload, is_urgent=is_urgent)) as answers:
                        async for told in answers:
                            has_told = True
                            yield told
                except _BROKEN:
                    if has_told or dead is not None:
                        raise self._failed() from None
                    dead = connection
                else:
                    return

    async def drain(self, grace_s: float) -> None:
        """Let the works in flight finish for at most `grace_s`, and end the process."""
        await self.supervisor.drain(grace_s)
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _connected(self, dead: "_Connection | None") -> "_Connection":
        """Return the connection to the present run of the process, another one than `dead`."""
        async with self._connecting:
            endpoint = await self.supervisor.ready(other_than=dead.endpoint if dead is not None else None)
            old = self._connection
            if old is not None and old.endpoint == endpoint and not old.is_broken:
                return old
            if old is not None:
                await old.close()
            try:
                self._connection = await _Connection.open(self.name, endpoint)
            except _BROKEN:
                # The process has ended a moment ago, and its supervisor does not know yet.
                endpoint = await self.supervisor.ready(other_than=endpoint)
                self._connection = await self._opened(endpoint)
            return self._connection

    async def _opened(self, endpoint: Endpoint) -> "_Connection":
        try:
            return await _Connection.open(self.name, endpoint)
        except _BROKEN:
            raise self._failed() from None

    def _failed(self) -> EngineFailed:
        return EngineFailed(
            f"The engine '{self.name}' ended while it worked on this request; it is being started again: try again."
        )


class _Connection:
    """One connection to one run of the process. Whatever ends it ends all its works, each with a `BadFrame`."""

    def __init__(
        self, name: str, endpoint: Endpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.endpoint = endpoint
        self._name = name
        self._writer = writer
        self._ids = count(1)
        self._answers: dict[int, asyncio.Queue[Told | Ended | Failed | None]] = {}
        self._reading = asyncio.create_task(self._read(reader), name=f"answers of {name}")

    @classmethod
    async def open(cls, name: str, endpoint: Endpoint) -> "_Connection":
        """Connect, and be welcome. Raises what is in `_BROKEN`."""
        return cls(name, endpoint, *await _welcomed(endpoint))

    @property
    def is_broken(self) -> bool:
        """Whether no more work can go over it."""
        return self._reading.done()

    async def told(self, payload: bytes, *, is_urgent: bool) -> AsyncGenerator[bytes, None]:
        """Yield what one work tells. Raises what is in `_BROKEN` where the connection ends before the work."""
        if self.is_broken:
            raise BadFrame("the connection has ended")
        work_id = next(self._ids)
        answers = self._answers[work_id] = asyncio.Queue()
        self._writer.write(frame(Start(work_id, is_urgent, payload)))
        try:
            while isinstance(answer := await self._next(answers), Told):
                yield answer.payload
                self._writer.write(frame(More(work_id)))
        finally:
            if self._answers.pop(work_id, None) is not None and not self.is_broken:
                self._writer.write(frame(Cancel(work_id)))
        if isinstance(answer, Failed):
            raise self._translated(answer)
        if answer is None:
            raise BadFrame("the connection has ended")

    async def close(self) -> None:
        """End the connection."""
        self._reading.cancel()
        await asyncio.wait({self._reading})
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _next(self, answers: "asyncio.Queue[Told | Ended | Failed | None]") -> Told | Ended | Failed | None:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await answers.get()
        except TimeoutError:
            raise EngineTimedOut(f"The engine '{self._name}' did not answer in time: try again.") from None

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            with suppress(*_BROKEN):
                while True:
                    self._tell(await read_answered(reader))
        finally:
            for answers in self._answers.values():
                answers.put_nowait(None)
            self._answers.clear()

    def _tell(self, answer: Answered) -> None:
        if isinstance(answer, Welcome):
            return
        # What is told of a work after its cancellation is dropped here.
        answers = self._answers.get(answer.work_id)
        if answers is not None:
            answers.put_nowait(answer)
            if not isinstance(answer, Told):
                del self._answers[answer.work_id]

    def _translated(self, failed: Failed) -> EngineFailed | InvalidRequest:
        if failed.is_refusal:
            return InvalidRequest(failed.message)
        return EngineFailed(f"The engine '{self._name}' failed at this request: {failed.message}")


async def _welcomed(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    try:
        writer.write(frame(Hello(endpoint.api_key)))
        await read_answered(reader)  # the welcome: a wrong key is answered with the end of the connection
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def is_well(endpoint: Endpoint) -> bool:
    """Whether the process still welcomes."""
    try:
        _, writer = await _welcomed(endpoint)
    except _BROKEN:
        return False
    writer.close()
    return True
