"""The database itself: tables and migrations agree, and work is done whole or not at all."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, make_url, select, text
from sqlalchemy.exc import IntegrityError

from antiphon.errors import Conflict, StartRefused
from antiphon.settings import Settings
from antiphon.stores.database.database import Database
from antiphon.stores.database.engines import database_url
from antiphon.stores.database.schema import VERSION, current_version, migration_config
from antiphon.stores.database.tables import metadata, organizations

ACME = {"id": "acme", "created_at": 1}


async def exit_status(program: str) -> int | None:
    """Run a Python program and return its exit status."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    async with asyncio.timeout(60):
        return await process.wait()


def names(connection: Connection) -> list[str]:
    return list(connection.execute(select(organizations.c.id).order_by(organizations.c.id)).scalars())


async def test_the_migrations_make_the_tables_of_the_code(database: Database):
    """Nothing is missing on either side."""
    differences = await database.read(
        lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
    )
    assert differences == []


async def test_the_version_that_the_code_asks_for_is_the_newest(database: Database):
    """Else a server would start on tables that are out of date."""
    assert ScriptDirectory.from_config(migration_config()).get_current_head() == VERSION
    assert await database.read(current_version) == VERSION


async def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path):
    """Opening it a second time changes nothing."""
    url = database_url(Settings(data_dir=tmp_path))
    first = await Database.open(url)
    await first.write(lambda connection: connection.execute(insert(organizations), ACME).rowcount)
    await first.close()
    second = await Database.open(url)
    assert await second.read(names) == ["acme"]
    await second.close()


async def test_work_that_fails_is_undone_alone(database: Database):
    """Of three that share a transaction the one that breaks a rule fails, and the others are kept."""

    def write(name: str) -> "asyncio.Future[int]":
        return asyncio.ensure_future(
            database.write(lambda connection: connection.execute(insert(organizations), {**ACME, "id": name}).rowcount)
        )

    outcomes = await asyncio.gather(write("acme"), write("acme"), write("globex"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, IntegrityError, int]
    assert await database.read(names) == ["acme", "globex"]


async def test_an_error_of_ours_undoes_its_work(database: Database):
    """A store may refuse in the middle of its transaction."""

    def write(connection: Connection) -> None:
        connection.execute(insert(organizations), ACME)
        raise Conflict("no")

    with pytest.raises(Conflict):
        await database.write(write)
    assert await database.read(names) == []


async def test_a_bug_in_one_work_does_not_stop_the_next(database: Database):
    """Its transaction fails with it, and the writer goes on."""

    def broken(_connection: Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(broken)
    await database.write(lambda connection: connection.execute(insert(organizations), ACME).rowcount)
    assert await database.read(names) == ["acme"]


async def test_a_caller_that_no_longer_waits_disturbs_nobody(database: Database):
    """Its work is done all the same, and so is the next one's."""
    first = asyncio.ensure_future(
        database.write(lambda connection: connection.execute(insert(organizations), ACME).rowcount)
    )
    await asyncio.sleep(0)
    first.cancel()
    await database.write(lambda connection: connection.execute(insert(organizations), {**ACME, "id": "b"}).rowcount)
    assert await database.read(names) == ["acme", "b"]


async def test_two_servers_on_one_file_wait_for_each_other(tmp_path: Path):
    """Writes of two processes' worth of connections interleave without a 'database is locked'."""
    url = database_url(Settings(data_dir=tmp_path))
    servers = [await Database.open(url), await Database.open(url)]
    writes = [
        servers[number % 2].write(
            lambda connection, number=number: (
                connection.execute(insert(organizations), {"id": f"{number:03}", "created_at": 1}).rowcount
            )
        )
        for number in range(100)
    ]
    await asyncio.gather(*writes)
    assert len(await servers[0].read(names)) == 100
    for server in servers:
        await server.close()


async def test_a_commit_survives_the_death_of_its_process(tmp_path: Path):
    """A process that dies right after its write was acknowledged has not lost it."""
    program = f"""
import asyncio, os
from sqlalchemy import insert, make_url
from antiphon.stores.database.database import Database
from antiphon.stores.database.tables import organizations
async def main():
    database = await Database.open(make_url("sqlite:///{tmp_path}/a.db"))
    await database.write(lambda c: c.execute(insert(organizations), {{"id": "acme", "created_at": 1}}).rowcount)
    os._exit(7)
asyncio.run(main())
"""
    assert await exit_status(program) == 7
    database = await Database.open(make_url(f"sqlite:///{tmp_path}/a.db"))
    assert await database.read(names) == ["acme"]
    await database.close()


async def test_a_server_whose_tables_are_up_to_date_starts_without_alembic(tmp_path: Path):
    """The library that runs migrations is loaded only when there are some to run."""
    url = f"sqlite:///{tmp_path}/a.db"
    await (await Database.open(make_url(url))).close()
    program = f"""
import asyncio, sys
from sqlalchemy import make_url
from antiphon.stores.database.database import Database
async def main():
    await (await Database.open(make_url("{url}"))).close()
asyncio.run(main())
sys.exit("alembic" in sys.modules)
"""
    assert await exit_status(program) == 0


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path):
    """Its tables are not understood, so they are left alone."""
    url = make_url(f"sqlite:///{tmp_path}/a.db")
    database = await Database.open(url)
    await database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")).rowcount)
    await database.close()
    with pytest.raises(StartRefused, match="another version"):
        await Database.open(url)


@pytest.mark.parametrize("url", ["mysql://localhost/a", "no url"])
def test_a_database_of_an_unknown_kind_is_refused(url: str):
    """In one sentence that says which are known, or what a URL is."""
    with pytest.raises(StartRefused, match="postgresql"):
        database_url(Settings(database_url=url))


async def test_a_database_that_cannot_be_opened_is_refused(tmp_path: Path):
    """A folder in the place of the file, for example."""
    (tmp_path / "a.db").mkdir()
    with pytest.raises(StartRefused, match="cannot be opened"):
        await Database.open(make_url(f"sqlite:///{tmp_path}/a.db"))
