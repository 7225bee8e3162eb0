"""`antiphon keys create`, `keys list` and `keys revoke`: they work on the database, whether or not a server runs."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from antiphon.callers import KeyRecord
from antiphon.cli_endings import ending_in_a_sentence
from antiphon.features.keys import KeyRing
from antiphon.ids import random_id
from antiphon.settings import Settings, read_settings
from antiphon.stores.database.database import Database
from antiphon.stores.database.engines import database_url
from antiphon.stores.keys import KeyRows

T = TypeVar("T")

_WIDE = 200  # an id that was cut to fit a terminal could not be revoked

DataDir = Annotated[Path | None, typer.Option(help="The folder of all data (ANTIPHON_DATA_DIR).")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of settings.")]


def add_key_commands(app: typer.Typer) -> None:
    """Give `app` the commands `keys create`, `keys list` and `keys revoke`."""
    keys = typer.Typer(help="Keys for callers of a server that requires them.", no_args_is_help=True)
    keys.command("create")(create)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke)
    app.add_typer(keys, name="keys")


def create(
    organization: Annotated[str, typer.Option(help="Who pays; made if it is new.")] = "default",
    project: Annotated[str, typer.Option(help="Whose data the key sees; made if it is new.")] = "default",
    admin: Annotated[bool, typer.Option("--admin", help="Also for the endpoints of administrators.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make a key and print it, this once, alone on a line."""
    typer.echo(_run(data_dir, config, lambda ring: ring.mint(organization, project, is_admin=admin)))


def list_keys(data_dir: DataDir = None, config: Config = None) -> None:
    """List the keys; of each secret only its ends are shown, for nobody knows more."""
    table = Table("id", "key", "organization", "project", "admin", "created", "last used", "revoked", box=None)
    for record in _run(data_dir, config, lambda ring: ring.records()):
        table.add_row(*_row(record))
    Console(width=_WIDE).print(table)


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID")], data_dir: DataDir = None, config: Config = None
) -> None:
    """End a key. Running servers refuse it within five seconds."""
    record = _run(data_dir, config, lambda ring: ring.revoke(key_id))
    typer.echo(f"Revoked {record.id} ({record.shown}).")


def _run(data_dir: Path | None, config: Path | None, work: Callable[[KeyRing], Awaitable[T]]) -> T:
    """Do some work on the keys; an error of ours ends the command with its sentence."""
    with ending_in_a_sentence():
        return asyncio.run(_work_on(read_settings(config, {"data_dir": data_dir}), work))


async def _work_on(settings: Settings, work: Callable[[KeyRing], Awaitable[T]]) -> T:
    async with _key_ring(settings) as ring:
        return await work(ring)


@asynccontextmanager
async def _key_ring(settings: Settings) -> AsyncGenerator[KeyRing, None]:
    database = await Database.open(database_url(settings))
    try:
        yield KeyRing(KeyRows(database, time.monotonic, time.time), random_id, time.time)
    finally:
        await database.close()


def _row(record: KeyRecord) -> tuple[str, ...]:
    times = (record.created_at, record.last_used_at, record.revoked_at)
    role = "yes" if record.is_admin else ""
    return record.id, record.shown, record.organization, record.project, role, *map(_date, times)


def _date(at: int | None) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M") if at is not None else ""
