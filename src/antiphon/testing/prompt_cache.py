"""A prompt cache of which a test says what it keeps and what its requests found."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from antiphon.errors import NotFound
from antiphon.generation.caching import CacheCounts, TierCounts
from antiphon.wire.cache import CacheEntry, CacheEntryChange, CacheExplanation, TierName

# How long an entry stays after its last use if nobody says otherwise: ten minutes.
OWN_TTL_S = 600.0


class PromptCacheInMemory:
    """Keeps the `kept` entries; `explanations` are by organisation and request."""

    def __init__(
        self,
        kept: Iterable[CacheEntry] = (),
        explanations: Mapping[tuple[str, str], CacheExplanation] | None = None,
    ) -> None:
        self._entries = {entry.id: entry for entry in kept}
        self._ttls: dict[str, float | None] = {}
        self._explanations = dict(explanations or {})
        self._deleted = Counter[str]()

    def keep(self, entry: CacheEntry) -> None:
        """Keep one more entry."""
        self._entries[entry.id] = entry

    def note(self, organization: str, explanation: CacheExplanation) -> None:
        """Remember what a request of an organisation found."""
        self._explanations[organization, explanation.id] = explanation

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
        self._forget(self._found(entry_id))

    async def remove_all(self, organization: str | None = None) -> int:
        """Forget all entries, or an organisation's; return how many."""
        leaving = [one for one in self._entries.values() if organization in {None, one.organization}]
        for entry in leaving:
            self._forget(entry)
        return len(leaving)

    async def alter(self, entry_id: str, change: CacheEntryChange) -> CacheEntry:
        """Change an entry and return it. Raises `NotFound`."""
        entry = self._found(entry_id)
        pinned = entry.pinned if change.pinned is None else change.pinned
        ttl_s = self._ttls[entry_id] = change.ttl_after(self._ttls.get(entry_id))
        ends = None if pinned else entry.last_used_at + int(OWN_TTL_S if ttl_s is None else ttl_s)
        self._entries[entry_id] = msgspec.structs.replace(entry, pinned=pinned, expires_at=ends)
        return self._entries[entry_id]

    def counts(self) -> Sequence[CacheCounts]:
        """Return what is kept and was deleted, by model."""
        models = {entry.model for entry in self._entries.values()} | self._deleted.keys()
        return [
            CacheCounts(model, evictions={"deleted": self._deleted[model]}, tiers=self._tiers(model))
            for model in sorted(models)
        ]

    def _tiers(self, model: str) -> dict[str, TierCounts]:
        tiers: tuple[TierName, ...] = ("memory", "disk")
        ours = [one for one in self._entries.values() if one.model == model]
        held = {tier: [one for one in ours if tier in one.tiers] for tier in tiers}
        return {tier: TierCounts(len(ones), sum(one.bytes for one in ones)) for tier, ones in held.items()}

    def _forget(self, entry: CacheEntry) -> None:
        del self._entries[entry.id]
        self._ttls.pop(entry.id, None)
        self._deleted[entry.model] += 1

    def _found(self, entry_id: str) -> CacheEntry:
        if entry_id not in self._entries:
            raise NotFound(f"No entry '{entry_id}' is kept.")
        return self._entries[entry_id]
