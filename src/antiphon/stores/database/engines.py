"""How the database is reached: one engine that writes and one that reads.

SQLite takes one writer at a time. Its transactions begin with `BEGIN IMMEDIATE`, so that two processes wait for each
other at the start and never fail in the middle; readers see the last commit and wait for nobody (WAL).
"""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from antiphon.errors import StartRefused
from antiphon.settings import Settings

_FILE = "antiphon.db"
_BUSY_TIMEOUT_MS = 10_000
NUM_READERS = 4


def database_url(settings: Settings) -> URL:
    """Return where the database is. Raises `StartRefused` for a URL that cannot be."""
    if settings.database_url is None:
        return URL.create("sqlite", database=str(settings.data_dir / _FILE))
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        raise StartRefused("The option 'database_url' is no database URL, such as postgresql://host/name.") from None
    drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    backend = url.drivername.partition("+")[0]
    if backend not in drivers:
        raise StartRefused(f"The database '{backend}' is not known: use sqlite or postgresql.")
    return url.set(drivername=drivers[backend])


def open_engines(url: URL) -> tuple[Engine, Engine]:
    """Return the engine that writes and the one that reads; nothing is connected yet."""
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        return _sqlite_engine(url, "BEGIN IMMEDIATE", pool_size=1), _sqlite_engine(url, "BEGIN", pool_size=NUM_READERS)
    try:
        writer = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
        return writer, create_engine(url, pool_size=NUM_READERS, max_overflow=0, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise StartRefused("PostgreSQL needs a driver: install antiphon with the extra 'postgres'.") from None


def _sqlite_engine(url: URL, begin: str, *, pool_size: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=0)

    def connected(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own type
        connection.isolation_level = None  # the driver begins nothing by itself: `begun` does
        for pragma in (
            f"busy_timeout = {_BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",  # a commit is on the disk before its request is answered
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine
