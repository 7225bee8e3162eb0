"""What every store of keys does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.stores.databases import KINDS, open_database

from antiphon.callers import Caller, KeyRecord
from antiphon.errors import NotFound
from antiphon.ports import Keys
from antiphon.stores.database.database import Database
from antiphon.stores.keys import REMEMBERED_FOR_S, KeyRows
from antiphon.testing.clock import FakeClock
from antiphon.testing.keys import KeysInMemory


@pytest.fixture(params=["memory", *KINDS])
async def keys(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Keys]:
    if request.param == "memory":
        yield KeysInMemory()
        return
    clock = FakeClock()
    async with open_database(request.param, tmp_path) as database:
        yield KeyRows(database, clock, clock)


def record(key_id: str, organization: str = "acme", *, created_at: int = 1, is_admin: bool = False) -> KeyRecord:
    return KeyRecord(key_id, organization, "radio", is_admin, "sk-...abcd", created_at)


async def test_a_key_leads_to_its_holder(keys: Keys):
    """Whoever has the secret is the caller that the record names."""
    await keys.add(record("key_1", is_admin=True), "sk-one")
    assert await keys.find("sk-one") == Caller("acme", "radio", "key_1", is_admin=True)


async def test_a_secret_that_was_never_given_leads_nowhere(keys: Keys):
    """Not even one that begins like a real one."""
    await keys.add(record("key_1"), "sk-one")
    assert await keys.find("sk-on") is None
    assert await keys.find("\ud800") is None


async def test_a_revoked_key_stops_at_once(keys: Keys):
    """Also where it was just used."""
    await keys.add(record("key_1"), "sk-one")
    await keys.find("sk-one")
    ended = await keys.revoke("key_1", revoked_at=9)
    assert ended.revoked_at == 9
    assert await keys.find("sk-one") is None


async def test_a_key_is_revoked_once(keys: Keys):
    """The second time changes nothing."""
    await keys.add(record("key_1"), "sk-one")
    await keys.revoke("key_1", revoked_at=9)
    assert (await keys.revoke("key_1", revoked_at=20)).revoked_at == 9


async def test_a_key_that_is_not_there_cannot_be_revoked(keys: Keys):
    """The error names it."""
    with pytest.raises(NotFound, match="key_9"):
        await keys.revoke("key_9", revoked_at=1)


async def test_keys_are_listed_oldest_first(keys: Keys):
    """Two of one organisation and one of another, and no secret among them."""
    await keys.add(record("key_b", created_at=2), "sk-b")
    await keys.add(record("key_a", created_at=1), "sk-a")
    await keys.add(record("key_c", "globex", created_at=3), "sk-c")
    assert [known.id for known in await keys.records()] == ["key_a", "key_b", "key_c"]


async def test_what_another_process_revokes_stops_within_five_seconds(database: Database):
    """The memory of a process holds no longer than that."""
    clock = FakeClock()
    ours, theirs = KeyRows(database, clock, clock), KeyRows(database, clock, clock)
    await ours.add(record("key_1"), "sk-one")
    assert await ours.find("sk-one") is not None
    await theirs.revoke("key_1", revoked_at=2)
    clock.advance(REMEMBERED_FOR_S)
    assert await ours.find("sk-one") is None


async def test_a_use_is_noted(database: Database):
    """The list tells when a key was last used, to the minute."""
    clock = FakeClock()
    keys = KeyRows(database, clock, clock)
    await keys.add(record("key_1"), "sk-one")
    await keys.find("sk-one")
    clock.advance(30)
    await keys.find("sk-one")
    assert [known.last_used_at for known in await keys.records()] == [int(clock.now_s) - 30]
    clock.advance(30)
    await keys.find("sk-one")
    assert [known.last_used_at for known in await keys.records()] == [int(clock.now_s)]


async def test_a_known_key_needs_no_database(database: Database):
    """Within its five seconds a key is known without a look at the disk."""
    clock = FakeClock()
    keys = KeyRows(database, clock, clock)
    await keys.add(record("key_1"), "sk-one")
    known = await keys.find("sk-one")
    await database.close()
    assert await keys.find("sk-one") == known
