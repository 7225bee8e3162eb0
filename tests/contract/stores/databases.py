"""The databases that the stores' suites run on: SQLite always, PostgreSQL where a URL of an empty one is given."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import create_engine

from antiphon.settings import Settings
from antiphon.stores.database.database import Database
from antiphon.stores.database.engines import database_url
from antiphon.stores.database.tables import metadata

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL")
KINDS = ["sqlite", *(["postgresql"] if POSTGRESQL else [])]


@asynccontextmanager
async def open_database(kind: str, folder: Path) -> AsyncIterator[Database]:
    """An empty database with today's tables."""
    url = database_url(Settings(data_dir=folder, database_url=POSTGRESQL if kind == "postgresql" else None))
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()
        if kind == "postgresql":
            engine = create_engine(url)
            with engine.begin() as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(table.delete())
            engine.dispose()
