"""Brings the tables up to date.

The version that the code needs is written here, so that a server whose database is up to date starts without loading
the migrations or the library that runs them.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from antiphon.errors import StartRefused

VERSION = "0002"  # of the newest migration; a test compares

MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"
_LOCK = 4_711_001  # names the migration among PostgreSQL's advisory locks


def upgrade(engine: Engine) -> None:
    """Run the missing migrations in one transaction. Raises `StartRefused` for a database that cannot be opened."""
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if current_version(connection) != VERSION:
                migrate(connection)
    except OperationalError as failure:
        url = engine.url.render_as_string(hide_password=True)
        raise StartRefused(f"The database {url} cannot be opened: {failure.orig}.") from None


def current_version(connection: Connection) -> str | None:
    """Return the version of the tables, None where there are none."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 - a constant


def migration_config(connection: Connection | None = None) -> Any:  # noqa: ANN401 - the type is alembic's, loaded late
    """Return alembic's configuration, bound to `connection`."""
    from alembic.config import Config  # noqa: PLC0415 - only an old database needs it

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection, version: str = "head") -> None:
    """Run the migrations up to `version` on an open transaction. Raises `StartRefused` for a newer database."""
    from alembic import command  # noqa: PLC0415 - only an old database needs it
    from alembic.util import CommandError  # noqa: PLC0415 - only an old database needs it

    try:
        command.upgrade(migration_config(connection), version)
    except CommandError as failure:
        raise StartRefused(f"The database belongs to another version of Antiphon: {failure}.") from None
