"""What every store of ephemeral keys does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.contract.stores.databases import KINDS, open_database

from antiphon.callers import Caller, EphemeralSecret, KeyRecord
from antiphon.ports import EphemeralSecrets
from antiphon.stores.database.database import Database
from antiphon.stores.database.tables import ephemeral_secrets
from antiphon.stores.ephemeral_secrets import EphemeralSecretRows
from antiphon.stores.keys import KeyRows
from antiphon.testing.clock import FakeClock
from antiphon.testing.ephemeral_secrets import EphemeralSecretsInMemory

OWNER = Caller("acme", "radio", "key_1")
MANY = 1000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(now_s=1000)


@pytest.fixture(params=["memory", *KINDS])
async def secrets(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[EphemeralSecrets]:
    if request.param == "memory":
        yield EphemeralSecretsInMemory(clock)
        return
    async with open_database(request.param, tmp_path) as database:
        yield EphemeralSecretRows(database, clock)


def record(expires_at: int = 1600, caller: Caller = OWNER) -> EphemeralSecret:
    return EphemeralSecret(caller, '{"voice": "verse"}', expires_at)


async def test_a_key_leads_to_its_owner_and_its_session(secrets: EphemeralSecrets):
    """As often as it is used."""
    await secrets.add(record(), "ek_one", MANY)
    assert await secrets.find("ek_one") == record()
    assert await secrets.find("ek_one") == record()


async def test_a_key_of_the_owner_of_the_machine_is_kept_too(secrets: EphemeralSecrets):
    """Nobody's key made it."""
    ours = record(caller=Caller("default", "default"))
    await secrets.add(ours, "ek_one", MANY)
    assert await secrets.find("ek_one") == ours


async def test_a_key_that_was_never_made_leads_nowhere(secrets: EphemeralSecrets):
    """Not even one that cannot be written."""
    assert await secrets.find("ek_two") is None
    assert await secrets.find("\ud800") is None


async def test_a_key_ends_when_it_expires(secrets: EphemeralSecrets, clock: FakeClock):
    """In the second that it names."""
    await secrets.add(record(expires_at=1600), "ek_one", MANY)
    clock.advance(599)
    assert await secrets.find("ek_one") is not None
    clock.advance(1)
    assert await secrets.find("ek_one") is None


async def test_a_caller_has_so_many_keys_and_no_more(secrets: EphemeralSecrets, clock: FakeClock):
    """The next one is not remembered, and it is told when the first expires, which makes room."""
    assert await secrets.add(record(expires_at=1600), "ek_one", 2) is None
    assert await secrets.add(record(expires_at=1100), "ek_two", 2) is None
    assert await secrets.add(record(expires_at=1700), "ek_three", 2) == 1100
    assert await secrets.find("ek_three") is None
    clock.advance(100)
    assert await secrets.add(record(expires_at=1700), "ek_three", 2) is None
    assert await secrets.find("ek_three") == record(expires_at=1700)


async def test_keys_of_others_take_no_room(secrets: EphemeralSecrets):
    """Another key, project or organisation, or nobody's key."""
    others = [
        Caller("acme", "radio", "key_2"),
        Caller("acme", "radio"),
        Caller("acme", "press", "key_1"),
        Caller("globex", "radio", "key_1"),
    ]
    for number, caller in enumerate([OWNER, *others]):
        assert await secrets.add(record(caller=caller), f"ek_{number}", 1) is None
    assert await secrets.add(record(caller=others[1]), "ek_more", 1) == 1600


async def test_a_key_ends_with_the_key_that_made_it(database: Database, clock: FakeClock):
    """Whoever lost the right to ask has lost what was asked with it."""
    keys, secrets = KeyRows(database, clock, clock), EphemeralSecretRows(database, clock)
    await keys.add(KeyRecord("key_1", "acme", "radio", is_admin=False, shown="sk-...", created_at=1), "sk-one")
    await secrets.add(record(), "ek_one", MANY)
    assert await secrets.find("ek_one") is not None
    await keys.revoke("key_1", revoked_at=1000)
    assert await secrets.find("ek_one") is None


async def test_expired_keys_are_forgotten(database: Database, clock: FakeClock):
    """When the next one is made."""
    secrets = EphemeralSecretRows(database, clock)
    await secrets.add(record(expires_at=1001), "ek_one", MANY)
    clock.advance(10)
    await secrets.add(record(), "ek_two", MANY)
    count = select(func.count()).select_from(ephemeral_secrets)
    assert await database.read(lambda connection: connection.execute(count).scalar()) == 1
