"""A prompt cache of which a test says what it keeps and what its requests found."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from antiphon.errors import NotFound
from antiphon.generation.caching import CacheCounts
from antiphon.wire.cache import CacheEntry, CacheEntryChange, CacheExplanation


class PromptCacheInMemory:
    """Keeps the `kept` entries; `explanations` are by organisation and request."""

    def __init__(
        self,
        kept: Iterable[CacheEntry] = (),
        explanations: Mapping[tuple[str, str], CacheExplanation] | None = None,
        counts: Sequence[CacheCounts] = (),
    ) -> None:
        self._entries = {entry.id: entry for entry in kept}
        self._explanations = dict(explanations or {})
        self._counts = counts

    async def explain(self, organization: str, request_id: str) -> CacheExplanation:
        """Return what was given for that organisation's request. Raises `NotFound`."""
        if (organization, request_id) not in self._explanations:
            raise NotFound(f"Nothing is remembered of a request '{request_id}'.")
        return self._explanations[organization, request_id]

    def entries(self) -> Sequence[CacheEntry]:
        """List the entries, the most recently used first."""
        return sorted(self._entries.values(), key=lambda entry: -entry.last_used_at)

    async def remove(self, entry_id: str) -> None:
        """Forget an entry. Raises `NotFound`."""
        del self._entries[self._found(entry_id).id]

    async def remove_all(self, organization: str | None = None) -> int:
        """Forget all entries, or an organisation's; return how many."""
        leaving = [one.id for one in self._entries.values() if organization in {None, one.organization}]
        for entry_id in leaving:
            del self._entries[entry_id]
        return len(leaving)

    async def alter(self, entry_id: str, change: CacheEntryChange) -> CacheEntry:
        """Change an entry and return it. Raises `NotFound`."""
        entry = self._found(entry_id)
        pinned = entry.pinned if change.pinned is None else change.pinned
        ends = entry.expires_at if change.ttl_s is None else entry.last_used_at + int(change.ttl_s)
        self._entries[entry_id] = msgspec.structs.replace(entry, pinned=pinned, expires_at=None if pinned else ends)
        return self._entries[entry_id]

    def counts(self) -> Sequence[CacheCounts]:
        """Return what was given."""
        return self._counts

    def _found(self, entry_id: str) -> CacheEntry:
        if entry_id not in self._entries:
            raise NotFound(f"No entry '{entry_id}' is kept.")
        return self._entries[entry_id]
