"""What every prompt cache does for those who look into it."""

from collections.abc import AsyncIterator

import pytest
from tests.contract.caches.caches import KEEPING, NOT_KEEPING, Subject

from antiphon.errors import NotFound
from antiphon.ports import PromptCache
from antiphon.wire.cache import CacheEntry, CacheEntryChange


@pytest.fixture(params=[*KEEPING, *NOT_KEEPING])
async def empty(request: pytest.FixtureRequest) -> AsyncIterator[PromptCache]:
    """Each cache before anything was asked."""
    if request.param in NOT_KEEPING:
        async with NOT_KEEPING[request.param]() as cache:
            yield cache
    else:
        async with KEEPING[request.param]() as subject:
            yield subject.cache


@pytest.fixture(params=KEEPING)
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """Each cache that keeps something."""
    async with KEEPING[request.param]() as one:
        yield one


async def kept(subject: Subject, organization: str = "acme") -> CacheEntry:
    """Ask something new for an organisation, and return the entry that it left."""
    before = {entry.id for entry in subject.cache.entries()}
    await subject.ask(organization)
    (entry,) = [entry for entry in subject.cache.entries() if entry.id not in before]
    return entry


async def altered(subject: Subject, entry: CacheEntry, **change: object) -> CacheEntry:
    """Change an entry as a body of JSON would."""
    return await subject.cache.alter(entry.id, CacheEntryChange.model_validate(change))


def stays_s(entry: CacheEntry) -> int:
    """Return how long an entry stays after its last use; that it ends is asserted."""
    assert entry.expires_at is not None
    return entry.expires_at - entry.last_used_at


async def test_nothing_is_kept_before_anything_was_asked(empty: PromptCache):
    """There is nothing to list, and nothing to free."""
    assert list(empty.entries()) == []
    assert await empty.remove_all() == 0
    assert sum(tier.num_entries for counts in empty.counts() for tier in counts.tiers.values()) == 0


async def test_what_is_not_there_is_not_found(empty: PromptCache):
    """An entry to free, one to change, and a request."""
    with pytest.raises(NotFound):
        await empty.remove("entry_of_nobody")
    with pytest.raises(NotFound):
        await empty.alter("entry_of_nobody", CacheEntryChange(pinned=True))
    with pytest.raises(NotFound):
        await empty.explain("acme", "chatcmpl-of-nobody")


async def test_a_kept_prompt_is_listed_for_its_organisation(subject: Subject):
    """With its size, where it is, and how long it stays."""
    entry = await kept(subject, "acme")

    assert entry.organization == "acme"
    assert entry.num_tokens > 0
    assert entry.bytes > 0
    assert entry.tiers
    assert not entry.pinned
    assert entry.created_at <= entry.last_used_at < (entry.expires_at or 0)


async def test_the_most_recently_used_comes_first(subject: Subject):
    """Whoever used it."""
    for organization in ("acme", "other", "acme"):
        await subject.ask(organization)
    used_at = [entry.last_used_at for entry in subject.cache.entries()]

    assert len(used_at) == 3
    assert used_at == sorted(used_at, reverse=True)


async def test_a_freed_entry_is_gone(subject: Subject):
    """A second time there is nothing to free; another entry stays."""
    freed, other = await kept(subject), await kept(subject)
    await subject.cache.remove(freed.id)

    assert [entry.id for entry in subject.cache.entries()] == [other.id]
    with pytest.raises(NotFound):
        await subject.cache.remove(freed.id)


async def test_one_organisations_entries_are_freed_together(subject: Subject):
    """Another's stay, and what was freed is counted."""
    await kept(subject, "acme")
    stays = await kept(subject, "other")
    await kept(subject, "acme")

    assert await subject.cache.remove_all("nobody") == 0
    assert await subject.cache.remove_all("acme") == 2
    assert [entry.id for entry in subject.cache.entries()] == [stays.id]


async def test_all_entries_are_freed_together(subject: Subject):
    """A pinned one too: whoever frees everything means it."""
    await altered(subject, await kept(subject, "acme"), pinned=True)
    await kept(subject, "other")

    assert await subject.cache.remove_all() == 2
    assert list(subject.cache.entries()) == []


async def test_what_is_pinned_does_not_expire(subject: Subject):
    """Until it is let go, and then it has an end as before."""
    entry = await kept(subject)
    pinned = await altered(subject, entry, pinned=True)
    listed = list(subject.cache.entries())
    released = await altered(subject, entry, pinned=False)

    assert (pinned.pinned, pinned.expires_at) == (True, None)
    assert listed == [pinned]
    assert not released.pinned
    assert stays_s(released) == stays_s(entry)


async def test_a_time_counts_from_the_last_use(subject: Subject):
    """It is listed as it was answered."""
    entry = await kept(subject)
    answered = await altered(subject, entry, ttl_s=7200)

    assert stays_s(answered) == 7200
    assert list(subject.cache.entries()) == [answered]


async def test_a_change_leaves_what_it_does_not_speak_of(subject: Subject):
    """A time outlives pinning, and a change of nothing changes nothing."""
    entry = await kept(subject)
    timed = await altered(subject, entry, ttl_s=7200)

    assert await altered(subject, entry) == timed
    await altered(subject, entry, pinned=True)
    assert await altered(subject, entry, pinned=False) == timed


async def test_null_clears_a_time(subject: Subject):
    """The cache's own time holds again."""
    entry = await kept(subject)
    await altered(subject, entry, ttl_s=7200)

    assert stays_s(await altered(subject, entry, ttl_s=None)) == stays_s(entry)


async def test_a_request_is_explained_to_its_organisation_alone(subject: Subject):
    """To another it never was."""
    request_id = await subject.ask("acme")
    explained = await subject.cache.explain("acme", request_id)

    assert explained.id == request_id
    assert 0 <= explained.cached_tokens <= explained.matched_tokens < explained.prompt_tokens
    with pytest.raises(NotFound):
        await subject.cache.explain("other", request_id)


async def test_counts_agree_with_what_is_listed(subject: Subject):
    """In each tier as many as are listed in it, and what was deleted is counted once."""
    freed = await kept(subject)
    await kept(subject)
    await subject.cache.remove(freed.id)
    (entry,) = subject.cache.entries()
    (counts,) = subject.cache.counts()

    held = {name: tier.num_entries for name, tier in counts.tiers.items() if tier.num_entries}
    assert counts.model == entry.model
    assert held == dict.fromkeys(entry.tiers, 1)
    assert counts.evictions["deleted"] == len(freed.tiers)
