"""The one way to write and to read.

Drivers block, so they run in threads; a thread hop costs less than a driver that only looks asynchronous, and the same
code serves both databases. All writes that wait while a transaction commits go into the next one together: each caller
waits for a commit of its own work, and a disk that syncs 200 times a second still takes thousands of writes.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from antiphon.errors import AntiphonError
from antiphon.stores.database.engines import NUM_READERS, open_engines
from antiphon.stores.database.schema import upgrade

T = TypeVar("T")
Work = Callable[[Connection], T]

_MAX_BATCH = 256


class _Write(NamedTuple):
    work: Work[Any]
    outcome: asyncio.Future[Any]


class Database:
    """An open database; `await Database.open(url)` makes one and brings its tables up to date."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer = writer
        self._reader = reader
        self._writer_thread = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._reader_threads = ThreadPoolExecutor(NUM_READERS, thread_name_prefix="database-reader")
        self._waiting: list[_Write] = []
        self._committer: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: URL) -> "Database":
        """Connect and bring the tables up to date. Raises `StartRefused`."""
        database = cls(*open_engines(url))
        await asyncio.get_running_loop().run_in_executor(database._writer_thread, upgrade, database._writer)
        return database

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return what it returns, once that is on the disk.

        `work` runs in another thread; the transaction is undone for whatever it raises. A caller that is cancelled no
        longer waits, and the work may be done all the same.
        """
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Write(work, outcome))
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_all())
        return await outcome

    async def read(self, work: Work[T]) -> T:
        """Run `work`, which only reads, in another thread and return what it returns."""
        return await asyncio.get_running_loop().run_in_executor(self._reader_threads, _read, self._reader, work)

    async def close(self) -> None:
        """Finish what was begun and disconnect."""
        if self._committer is not None:
            await self._committer
        self._writer_thread.shutdown()
        self._reader_threads.shutdown()
        self._writer.dispose()
        self._reader.dispose()

    async def _commit_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:_MAX_BATCH], self._waiting[_MAX_BATCH:]
            works = [write.work for write in batch]
            committed = loop.run_in_executor(self._writer_thread, _commit, self._writer, works)
            await asyncio.wait([committed])
            _settle(batch, committed)
        self._committer = None


def _settle(batch: Sequence[_Write], committed: "asyncio.Future[list[Any]]") -> None:
    failure = committed.exception()
    outcomes: list[Any] = committed.result() if failure is None else [failure] * len(batch)
    for write, outcome in zip(batch, outcomes, strict=True):
        if write.outcome.done():  # its caller no longer waits
            continue
        if isinstance(outcome, BaseException):
            write.outcome.set_exception(outcome)
        else:
            write.outcome.set_result(outcome)


def _commit(engine: Engine, works: Sequence[Work[Any]]) -> list[Any]:
    """Run all works in one transaction, each undone alone if it fails; return what they returned or raised."""
    with engine.begin() as connection:
        return [_attempt(connection, work) for work in works]


def _attempt(connection: Connection, work: Work[Any]) -> Any:  # noqa: ANN401 - whatever the work returns
    try:
        with connection.begin_nested():
            return work(connection)
    except (SQLAlchemyError, AntiphonError) as failure:
        return failure


def _read(engine: Engine, work: Work[T]) -> T:
    with engine.connect() as connection:
        return work(connection)
