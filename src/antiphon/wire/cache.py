"""`/antiphon/v1/cache`: which prompt prefixes are kept, and why a request found one or did not."""

from typing import Annotated, Literal

import msgspec
from pydantic import Field

from antiphon.wire.request import WireRequest

TierName = Literal["memory", "disk"]


class CacheEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One prefix that is kept. Times are in seconds since 1970; what is pinned does not expire."""

    id: str
    object: Literal["cache.entry"] = "cache.entry"
    organization: str
    model: str
    num_tokens: int
    bytes: int
    tiers: tuple[TierName, ...]
    created_at: int
    last_used_at: int
    expires_at: int | None
    pinned: bool = False
    num_hits: int = 0
    prompt_cache_key: str | None = None


class CacheEntryList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries, the most recently used first."""

    object: Literal["list"] = "list"
    data: list[CacheEntry]
    first_id: str | None
    last_id: str | None
    has_more: bool


class CacheEntriesDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries are gone."""

    object: Literal["cache.entries.deleted"] = "cache.entries.deleted"
    num_deleted: int


class CacheEntryChange(WireRequest):
    """What is to be different of an entry; what is not given stays as it is.

    `ttl_s` is how many seconds the entry stays after its last use; null gives it the cache's own time again.
    """

    pinned: bool | None = None
    ttl_s: Annotated[float, Field(gt=0, le=30 * 24 * 3600)] | None = None

    @property
    def clears_ttl(self) -> bool:
        """Whether the entry is to lose the time that it was given."""
        return self.ttl_s is None and "ttl_s" in self.model_fields_set

    def ttl_after(self, ttl_s: float | None) -> float | None:
        """Return the time of its own that an entry of `ttl_s` has after the change; None is the cache's."""
        return self.ttl_s if self.ttl_s is not None or self.clears_ttl else ttl_s


class CacheMiss(msgspec.Struct, frozen=True, kw_only=True):
    """Why no more of a prompt was found.

    `token_index` is the first token, from 0, that differs from the nearest earlier request, `message_index` and `path`
    say where in the request it stands. `evicted_at` is in seconds since 1970.
    """

    reason: str
    message: str
    token_index: int | None = None
    message_index: int | None = None
    path: str | None = None
    nearest_request_id: str | None = None
    evicted_at: int | None = None
    eviction_reason: str | None = None


class CacheExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """What one request found.

    `matched_tokens` were not computed again; `cached_tokens` are those that its usage told. `tier` is where they came
    from. `miss` is there where more could have been found.
    """

    id: str
    object: Literal["cache.request"] = "cache.request"
    model: str
    created_at: int
    prompt_tokens: int
    matched_tokens: int
    cached_tokens: int
    tier: TierName | None = None
    entry_id: str | None = None
    prompt_cache_key: str | None = None
    miss: CacheMiss | None = None
