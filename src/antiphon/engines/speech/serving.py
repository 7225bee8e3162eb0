"""The child's side of the protocol: a process that performs works, `serve` being all of its `main`.

One thread reads and writes, others work. The process ends when its standard input closes. A fault in a work that the
libraries below are known to raise is told and the next work goes on; any other ends the process, which its
supervisor starts again.
"""

import asyncio
import hmac
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

from antiphon.engines.speech.queue import Perform, QueuedWork, WorkQueue
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
    read_asked,
)

# What native libraries raise where they cannot do what they are asked.
_FAULTS = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, OSError, MemoryError)


class Refused(Exception):
    """What was asked is at fault; the message says in a sentence what to ask instead."""


def serve(load: Callable[[Mapping[str, Any]], Perform], *, num_threads: int = 1) -> None:
    """Load an engine by the configuration on standard input, say where it listens, and serve until that closes.

    `load` returns what performs a work: it takes a payload, yields payloads, and raises `Refused`. It is called in
    `num_threads` threads at once.
    """
    # Ctrl-C reaches the whole process group; the parent decides when the work in flight has ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    config = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    perform = load(config)
    queue = WorkQueue()
    for _ in range(num_threads):
        threading.Thread(target=_work_for_ever, args=(queue, perform), daemon=True).start()

    def announce(port: int) -> None:
        answers.write(json.dumps({"port": port}) + "\n")
        answers.flush()

    asyncio.run(listen(queue, config["api_key"], announce))


async def listen(queue: WorkQueue, key: str, announce: Callable[[int], None]) -> None:
    """Take works from every connection on a free port of loopback, which is announced, until cancelled."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(queue, writer)
        with suppress(EOFError, OSError, BadFrame):
            await connection.run(reader, key)
        connection.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        announce(server.sockets[0].getsockname()[1])
        await server.serve_forever()


def step(queue: WorkQueue, perform: Perform) -> None:
    """Take one step of the work whose turn it is, waiting for one."""
    work = queue.take()
    if work.is_cancelled:
        _close(work.steps)
        return
    try:
        if work.steps is None:
            work.steps = perform(work.payload)
            work.payload = b""
        told = next(work.steps, None)
    except Refused as refusal:
        work.answer(Failed(work.work_id, is_refusal=True, message=str(refusal)))
    except _FAULTS as fault:
        traceback.print_exc()
        work.answer(Failed(work.work_id, is_refusal=False, message=f"{type(fault).__name__}: {fault}"))
    else:
        _answer(queue, work, told)


def _answer(queue: WorkQueue, work: QueuedWork, told: bytes | None) -> None:
    if told is None:
        work.answer(Ended(work.work_id))
        return
    if not work.is_cancelled:
        work.answer(Told(work.work_id, told))
    queue.put_back(work)


def _close(steps: Iterator[bytes] | None) -> None:
    if steps is not None and hasattr(steps, "close"):
        cast("Any", steps).close()


def _work_for_ever(queue: WorkQueue, perform: Perform) -> None:
    try:
        while True:
            step(queue, perform)
    finally:  # by a fault: nobody would notice that a thread is gone
        traceback.print_exc()
        os._exit(1)


def _end_with_the_parent() -> None:
    """Wait until the parent closes our standard input or is gone, and end without ceremony."""
    while sys.stdin.read(1024):
        pass
    os._exit(0)


class _Connection:
    """One connection and the works that came over it."""

    def __init__(self, queue: WorkQueue, writer: asyncio.StreamWriter) -> None:
        self._queue = queue
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._works: dict[int, QueuedWork] = {}

    async def run(self, reader: asyncio.StreamReader, key: str) -> None:
        """Take what is asked until the connection ends."""
        hello = await read_asked(reader)
        if not isinstance(hello, Hello) or not hmac.compare_digest(hello.key.encode(), key.encode()):
            raise BadFrame("the key is wrong")
        self._write(Welcome())
        while True:
            asked = await read_asked(reader)
            if isinstance(asked, Start):
                work = self._queue.add(asked.work_id, asked.payload, self._answer, is_urgent=asked.is_urgent)
                self._works[asked.work_id] = work
            elif isinstance(asked, More) and asked.work_id in self._works:
                self._queue.want_more(self._works[asked.work_id])
            elif isinstance(asked, Cancel) and asked.work_id in self._works:
                self._queue.cancel(self._works.pop(asked.work_id))

    def close(self) -> None:
        """Give up the works that nobody is there for any more."""
        for work in self._works.values():
            self._queue.cancel(work)
        self._works.clear()
        self._writer.close()

    def _answer(self, answered: Answered) -> None:
        """Send an answer, from any thread."""
        self._loop.call_soon_threadsafe(self._write, answered)

    def _write(self, answered: Answered) -> None:
        if isinstance(answered, (Ended, Failed)):
            self._works.pop(answered.work_id, None)
        if not self._writer.is_closing():
            self._writer.write(frame(answered))
