"""Keys are minted once, and a server that requires them does not start without one."""

import re

import pytest

from antiphon.callers import Caller
from antiphon.errors import InvalidRequest, StartRefused
from antiphon.features.keys import KeyRing
from antiphon.settings import Settings
from antiphon.testing.clock import FakeClock
from antiphon.testing.ids import CountingIds
from antiphon.testing.keys import KeysInMemory


@pytest.fixture
def keys() -> KeysInMemory:
    return KeysInMemory()


@pytest.fixture
def ring(keys: KeysInMemory) -> KeyRing:
    return KeyRing(keys, CountingIds(), FakeClock())


async def test_a_key_is_a_secret_of_256_bits(ring: KeyRing, keys: KeysInMemory):
    """It opens its project, and only its ends are remembered for show."""
    secret = await ring.mint("acme", "radio")
    assert re.fullmatch(r"sk-[A-Za-z0-9_-]{43}", secret)
    assert await keys.find(secret) == Caller("acme", "radio", "key_1")
    (record,) = await ring.records()
    assert record.shown == f"sk-...{secret[-4:]}"


async def test_an_administrators_key_shows_what_it_is(ring: KeyRing):
    """By its beginning."""
    assert (await ring.mint("acme", "radio", is_admin=True)).startswith("sk-admin-")


@pytest.mark.parametrize("name", ["", "a b", "ä", "-a", "a" * 65, "a\n"])
async def test_a_name_that_would_break_a_header_is_refused(ring: KeyRing, name: str):
    """Organisations and projects are named in headers and paths."""
    with pytest.raises(InvalidRequest, match="organization"):
        await ring.mint(name, "radio")
    with pytest.raises(InvalidRequest, match="project"):
        await ring.mint("acme", name)


async def test_a_server_that_strangers_can_reach_needs_a_key(ring: KeyRing):
    """One that is not revoked, or the operator's own."""
    open_to_all = Settings(host="0.0.0.0")
    with pytest.raises(StartRefused, match="antiphon keys create"):
        await ring.check_start(open_to_all)
    await ring.mint("acme", "radio")
    await ring.check_start(open_to_all)
    await ring.revoke("key_1")
    with pytest.raises(StartRefused):
        await ring.check_start(open_to_all)
    await ring.check_start(Settings(host="0.0.0.0", admin_key="sk-operator"))


async def test_a_server_on_loopback_needs_none(ring: KeyRing):
    """Unless keys are required there too."""
    await ring.check_start(Settings())
    with pytest.raises(StartRefused):
        await ring.check_start(Settings(auth="required"))
