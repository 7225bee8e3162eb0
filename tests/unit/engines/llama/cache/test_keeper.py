"""What nobody may count on in a slot, and what no organisation learns of another."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fixtures.kept_prompts import Asker, FilesInMemory, asking, key_of

from antiphon.engines.supervisor.child import Endpoint
from antiphon.errors import EngineFailed
from antiphon.prefix.entry import MINUTE_S, Removal, Removed, Tier
from antiphon.prefix.record import Record
from antiphon.prefix.sequence import TokenSequence

PROMPT = tuple(range(1, 1200))
LONGER = (*PROMPT, *range(2000, 2100))
OTHER = tuple(range(5000, 6200))


@pytest.fixture
async def asker(tmp_path: Path) -> AsyncIterator[Asker]:
    """Somebody who asks a process of one slot."""
    async with asking(tmp_path, num_slots=1) as made:
        yield made


@pytest.mark.parametrize("tokens", [LONGER, OTHER])
async def test_how_a_prompt_was_lost_does_not_tell_what_another_organisation_asked(
    asker: Asker, tokens: tuple[int, ...]
):
    """It gave way to another's prompt, whether or not that begins with it."""
    await asker.ask("org-1", PROMPT)
    await asker.ask("org-2", tokens)
    lost = asker.cache._account.history.losses(_record(asker, await _again(asker)))
    assert [one.removed.reason for one in lost] == [Removal.SPACE]


async def test_what_has_expired_is_no_hit_even_before_its_slot_is_erased(asker: Asker):
    """The request that comes after ten minutes finds it so."""
    await asker.ask("org-1", PROMPT)
    asker.clock.at += 11 * MINUTE_S
    told = await asker.ask("org-1", PROMPT)
    assert (told.engine_tokens, told.cached_tokens) == (0, 0)


async def test_what_was_put_into_a_slot_meanwhile_is_not_erased(asker: Asker):
    """A removal that is late finds that its entry is in memory again."""
    await asker.ask("org-1", PROMPT)
    (holding,) = asker.holdings().values()
    assert holding.entry is not None
    await asker.keeper.free([Removed(holding.entry, Tier.MEMORY, Removal.EXPIRED, asker.clock(), is_gone=True)])
    told = await asker.ask("org-1", PROMPT)
    assert told.engine_tokens == 1152
    assert asker.server.calls.actions["erase"] == 0


async def test_a_slot_whose_erasure_failed_is_erased_before_another_organisation_has_it(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
):
    """It stays its owner's until then."""
    await asker.ask("org-1", PROMPT)
    with monkeypatch.context() as patched:
        patched.setattr(asker.server, "post", _refusing)
        await asker.cache.remove_all()
        await asker.quiet()
    await asker.ask("org-2", OTHER)
    assert asker.server.calls.actions["erase"] == 1


async def test_a_request_of_an_earlier_run_leaves_nothing_to_count_on(tmp_path: Path):
    """Its answer ended after the process had, which another request has noticed."""
    async with asking(tmp_path, num_slots=2) as two:
        seat = await two.keeper.take(two.asked("org-1", PROMPT))
        seat.computes(TokenSequence(list(PROMPT)))
        seat.note_computed()
        two.server.kill()
        await two.ask("org-1", OTHER)
        seat.release()
        assert [holding.asked.tokens for holding in two.holdings().values()] == [OTHER]


async def test_a_file_that_went_before_its_slot_was_ready_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No request fails for it."""
    async with asking(tmp_path, num_slots=1, files=FilesInMemory()) as asker:
        await asker.ask("org-1", PROMPT)
        await asker.ask("org-2", OTHER)
        supervisor = asker.server.supervisor

        async def ready() -> Endpoint:
            if supervisor.slots.num_busy:
                await asker.cache.remove_all("org-1")
            return Endpoint(supervisor.run, "key")

        monkeypatch.setattr(supervisor, "ready", ready)
        told = await asker.ask("org-1", PROMPT)
    assert told.engine_tokens == 0


async def _again(asker: Asker) -> str:
    asked = asker.asked("org-1", PROMPT)
    await asyncio.create_task(asker.tell(asked))
    return asked.request_id


def _record(asker: Asker, request_id: str) -> Record:
    record = asker.cache._account.history.find(key_of("org-1").organization, request_id)
    assert record is not None
    return record


async def _refusing(path: str, body: bytes) -> bytes:
    raise EngineFailed(f"{path} {len(body)}")
