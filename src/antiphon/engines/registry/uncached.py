"""The prompt cache of a server whose engines keep no prompts, or keep them where nobody here can look."""

from collections.abc import Sequence

from antiphon.errors import NotFound
from antiphon.generation.caching import CacheCounts
from antiphon.wire.cache import CacheEntry, CacheEntryChange, CacheExplanation

_NOTHING_KEPT = "No engine of this server keeps prompts in a cache that can be looked into."


class NothingCached:
    """Has no entries, and says so of each that is asked for."""

    async def explain(self, organization: str, request_id: str) -> CacheExplanation:  # noqa: ARG002 - the port's
        """Raise `NotFound`."""
        raise NotFound(_NOTHING_KEPT)

    def entries(self) -> Sequence[CacheEntry]:
        """Return none."""
        return ()

    async def remove(self, entry_id: str) -> None:  # noqa: ARG002 - the port's
        """Raise `NotFound`."""
        raise NotFound(_NOTHING_KEPT)

    async def remove_all(self, organization: str | None = None) -> int:  # noqa: ARG002 - the port's
        """Free nothing."""
        return 0

    async def alter(self, entry_id: str, change: CacheEntryChange) -> CacheEntry:  # noqa: ARG002 - the port's
        """Raise `NotFound`."""
        raise NotFound(_NOTHING_KEPT)

    def counts(self) -> Sequence[CacheCounts]:
        """Return none."""
        return ()
