"""The prompt cache as callers and administrators see it: what a request found, what is kept, pinning and freeing."""

from antiphon.callers import Caller
from antiphon.errors import InvalidRequest
from antiphon.ports import PromptCache
from antiphon.wire.cache import (
    CacheEntriesDeleted,
    CacheEntry,
    CacheEntryChange,
    CacheEntryList,
    CacheExplanation,
)

MAX_PAGE = 100


class CachedPrompts:
    """Answers `/antiphon/v1/cache`."""

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache

    async def explain(self, caller: Caller, request_id: str) -> CacheExplanation:
        """Tell what a request of the caller's organisation found. Raises `NotFound` for any other id."""
        return await self._cache.explain(caller.organization, request_id)

    def list(self, *, organization: str | None = None, after: str | None = None, limit: int = 20) -> CacheEntryList:
        """Return a page of what is kept, from the entry behind `after` on.

        Raises `InvalidRequest` for a limit out of 1 to 100, and where `after` names nothing that is kept.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise InvalidRequest(f"'limit' must be from 1 to {MAX_PAGE}.", param="limit")
        entries = [entry for entry in self._cache.entries() if organization in {None, entry.organization}]
        begin = 0 if after is None else _place_behind(after, [entry.id for entry in entries])
        page = entries[begin : begin + limit]
        return CacheEntryList(
            data=page,
            first_id=page[0].id if page else None,
            last_id=page[-1].id if page else None,
            has_more=begin + limit < len(entries),
        )

    async def delete(self, entry_id: str) -> CacheEntriesDeleted:
        """Free one entry. Raises `NotFound`."""
        await self._cache.remove(entry_id)
        return CacheEntriesDeleted(num_deleted=1)

    async def delete_all(self, organization: str | None = None) -> CacheEntriesDeleted:
        """Free all entries, or an organisation's."""
        return CacheEntriesDeleted(num_deleted=await self._cache.remove_all(organization))

    async def alter(self, entry_id: str, change: CacheEntryChange) -> CacheEntry:
        """Pin an entry, or say how long it stays. Raises `NotFound`."""
        return await self._cache.alter(entry_id, change)


def _place_behind(after: str, ids: list[str]) -> int:
    if after not in ids:
        raise InvalidRequest(f"No entry '{after}' is kept any more: begin again without 'after'.", param="after")
    return ids.index(after) + 1
