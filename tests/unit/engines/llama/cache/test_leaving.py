"""Who leaves, who deletes and who wants how much: what a keeper of slots keeps after it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fixtures.kept_prompts import Asker, FilesInMemory, asking
from tests.fixtures.llama_slots import ANSWER_TOKENS, cold_answer

from antiphon.engines.supervisor.child import Endpoint
from antiphon.generation.caching import CacheWishes
from antiphon.prefix.entry import HOUR_S, MINUTE_S
from antiphon.wire.cache import CacheEntryChange

SHORT = tuple(range(2, 302))
LONG = tuple(range(2, 1302))


@pytest.fixture
def files() -> FilesInMemory:
    """A disk."""
    return FilesInMemory()


@pytest.fixture
async def asker(tmp_path: Path, files: FilesInMemory) -> AsyncIterator[Asker]:
    """One slot and a disk."""
    async with asking(tmp_path, num_slots=1, files=files) as one:
        yield one


async def test_who_leaves_within_a_first_prompt_leaves_nothing(asker: Asker):
    """What was computed of it is not counted on."""
    await asker.tell(asker.asked("org", SHORT), leaves_after=2)
    assert asker.holdings() == {}
    assert (await asker.ask("org", SHORT)).engine_tokens == 0


async def test_who_leaves_within_the_rest_of_a_prompt_leaves_what_was_there(asker: Asker):
    """The slot begins with it still."""
    await asker.ask("org", SHORT[:150])
    await asker.tell(asker.asked("org", SHORT), leaves_after=1)
    (holding,) = asker.holdings().values()
    assert list(holding.tokens) == list(SHORT[:128])
    assert [cell.token for cell in asker.server.cells[0][:128]] == list(SHORT[:128])


async def test_who_leaves_within_an_answer_leaves_the_prompt(asker: Asker):
    """In whole chunks, and nothing of the answer."""
    await asker.tell(asker.asked("org", SHORT), leaves_after=6)
    (holding,) = asker.holdings().values()
    assert list(holding.tokens) == list(SHORT[:256])
    told = await asker.ask("org", SHORT)
    assert (told.text, told.cached_tokens) == (cold_answer(SHORT), 256)


async def test_a_prompt_that_goes_on_as_the_cut_did_has_the_same_answer(asker: Asker):
    """The token behind a slot that was cut is computed again where the next prompt has it there."""
    await asker.ask("org", LONG)
    cut_at = 1280
    after = (*LONG[:cut_at], asker.server.cells[0][cut_at].token, 9, 9)
    told = await asker.ask("org", after)
    assert (told.text, told.cached_tokens) == (cold_answer(after), cut_at)


async def test_what_is_deleted_as_its_slot_is_taken_is_not_used(asker: Asker, monkeypatch: pytest.MonkeyPatch):
    """The request had chosen the slot for it."""
    await asker.ask("org", SHORT)
    ready, num_asked = asker.server.supervisor.ready, 0

    async def ready_once_deleted(*, other_than: Endpoint | None = None) -> Endpoint:
        nonlocal num_asked
        num_asked += 1
        if num_asked == 2:
            await asker.cache.remove_all("org")
        return await ready(other_than=other_than)

    monkeypatch.setattr(asker.server.supervisor, "ready", ready_once_deleted)
    told = await asker.ask("org", SHORT)
    assert (told.text, told.engine_tokens) == (cold_answer(SHORT), 0)


async def test_what_is_deleted_as_it_is_written_is_not_sealed(
    asker: Asker, files: FilesInMemory, monkeypatch: pytest.MonkeyPatch
):
    """Neither the slot nor the disk has it afterwards."""
    post = asker.server.post

    async def post_and_delete(path: str, body: bytes) -> bytes:
        answer = await post(path, body)
        if path.endswith("save"):
            await asker.cache.remove_all("org")
        return answer

    monkeypatch.setattr(asker.server, "post", post_and_delete)
    await asker.ask("org", LONG)
    assert (list(asker.cache.entries()), files.kept, asker.holdings()) == ([], {}, {})
    assert asker.server.calls.actions["save"] == 1


async def test_deletion_empties_the_slot_and_the_disk(asker: Asker, files: FilesInMemory):
    """Nothing of it is left in either."""
    await asker.ask("org", LONG)
    (entry,) = asker.cache.entries()
    assert entry.tiers == ("memory", "disk")
    await asker.cache.remove(entry.id)
    await asker.quiet()
    assert (asker.server.cells, files.kept) == ([[]], {})
    assert (await asker.ask("org", LONG)).engine_tokens == 0


async def test_a_prompt_for_the_memory_alone_is_never_written(asker: Asker, files: FilesInMemory):
    """Not when its slot is idle, and not before another prompt takes the slot."""
    await asker.ask("org", LONG, CacheWishes(retention="in_memory"))
    assert (await asker.ask("org", LONG, CacheWishes(retention="in_memory"))).cached_tokens == 1280
    await asker.ask("other", SHORT)
    assert (asker.server.calls.actions["save"], files.kept) == (0, {})
    assert (await asker.ask("org", LONG)).engine_tokens == 0


async def test_no_more_is_used_or_kept_than_is_wanted(asker: Asker):
    """Of a prompt with a breakpoint, in whole chunks."""
    await asker.ask("org", SHORT)
    told = await asker.tell(asker.asked("org", SHORT, wanted_tokens=200))
    assert (told.text, told.cached_tokens) == (cold_answer(SHORT), 192)
    (holding,) = asker.holdings().values()
    assert holding.sequence.num_tokens == 192


async def test_who_wants_nothing_kept_leaves_nothing(asker: Asker):
    """A prompt in mode "explicit" without a breakpoint finds nothing either."""
    await asker.ask("org", SHORT)
    for _ in range(2):
        told = await asker.tell(asker.asked("org", SHORT, wanted_tokens=0))
        assert (told.text, told.engine_tokens) == (cold_answer(SHORT), 0)
    assert (asker.holdings(), list(asker.cache.entries())) == ({}, [])


async def test_what_is_pinned_stays_in_its_slot_past_the_hour(asker: Asker):
    """What is not, does not."""
    await asker.ask("org", SHORT)
    (entry,) = asker.cache.entries()
    await asker.cache.alter(entry.id, CacheEntryChange(pinned=True))
    asker.clock.at += 2 * HOUR_S
    assert (await asker.ask("org", SHORT)).cached_tokens == 256
    await asker.cache.alter(entry.id, CacheEntryChange(pinned=False))
    asker.clock.at += 2 * HOUR_S
    assert (await asker.ask("org", SHORT)).engine_tokens == 0


async def test_a_request_may_have_its_prompt_stay_longer(asker: Asker):
    """Thirty minutes after the last use, where ten would be the cache's own."""
    await asker.ask("org", SHORT, CacheWishes(ttl_s=30 * MINUTE_S))
    asker.clock.at += 29 * MINUTE_S
    assert (await asker.ask("org", SHORT)).cached_tokens == 256


async def test_a_request_with_several_choices_is_explained_by_the_first(asker: Asker):
    """The others find what the first one left, which the request's usage does not tell either."""
    for _ in range(3):
        await asker.tell(asker.asked("org", LONG, request_id="request"))
    explained = await asker.cache.explain("org", "request")
    assert (explained.matched_tokens, explained.cached_tokens) == (0, 0)
    assert explained.miss is not None
    assert explained.miss.reason == "first_request"


async def test_a_slot_is_not_cut_beside_others_work(tmp_path: Path, files: FilesInMemory):
    """Both are written: the one as it is, the other up to where the kept prompt ends."""
    async with asking(tmp_path, num_slots=2, files=files) as asker:
        await asker.tell(asker.asked("org", LONG))
        with await asker.server.supervisor.slots.take(choose=max):
            await asker.quiet()
        await asker.ask("other", LONG)
    whole, cut = (len(json.loads(raw)) for _, raw in files.kept.values())
    assert (whole, cut) == (len(LONG) + ANSWER_TOKENS, 1280 + 1)


async def test_what_a_request_took_over_is_claimed_no_longer_once_its_process_is_gone(tmp_path: Path):
    """Its slot was in work as another request noticed that."""
    async with asking(tmp_path, num_slots=2) as asker:
        await asker.ask("org", SHORT)
        seat = await asker.keeper.take(asker.asked("org", SHORT))
        asker.server.kill()
        await asker.ask("other", SHORT)
        seat.release()
        assert {entry.organization for entry in asker.cache.entries()} == {"other"}
