"""The account in the words of `/antiphon/v1/cache`."""

from antiphon.engines.llama.cache.account import Account
from antiphon.generation.caching import CacheCounts, TierCounts
from antiphon.prefix.entry import Entry, Tier
from antiphon.prefix.explain import Explanation
from antiphon.prefix.record import Record
from antiphon.wire.cache import CacheEntry, CacheExplanation, CacheMiss, TierName


def told_entry(entry: Entry, account: Account) -> CacheEntry:
    """Return an entry as it is listed."""
    about, stays = account.about(entry), entry.stays
    expires_at = max((account.expires_at(entry, tier) for tier in stays), default=account.now())
    return CacheEntry(
        id=entry.id,
        organization=entry.key.organization,
        model=about.model,
        num_tokens=entry.num_tokens,
        bytes=sum(stay.num_bytes for stay in stays.values()),
        tiers=tuple(told_tier(tier) for tier in Tier if tier in stays),
        created_at=int(min((stay.since for stay in stays.values()), default=account.now())),
        last_used_at=int(max((stay.used_at for stay in stays.values()), default=account.now())),
        expires_at=None if entry.is_pinned else int(expires_at),
        pinned=entry.is_pinned,
        num_hits=about.num_hits,
        prompt_cache_key=about.cache_key,
    )


def told_explanation(explanation: Explanation, record: Record, model: str) -> CacheExplanation:
    """Return an explanation as it is told."""
    difference = explanation.difference
    miss = None
    if explanation.reason is not None:
        miss = CacheMiss(
            reason=explanation.reason.value,
            message=explanation.advice,
            token_index=None if difference is None else difference.token_offset,
            message_index=None if difference is None else difference.message_index,
            path=None if difference is None else difference.path,
            nearest_request_id=explanation.nearest_id,
            evicted_at=None if explanation.removed_at is None else int(explanation.removed_at),
            eviction_reason=None if explanation.removal is None else explanation.removal.value,
        )
    return CacheExplanation(
        id=record.id,
        model=model,
        created_at=int(record.at),
        prompt_tokens=explanation.prompt_tokens,
        matched_tokens=explanation.reused_tokens,
        cached_tokens=explanation.cached_tokens,
        tier=None if record.outcome.source_tier is None else told_tier(record.outcome.source_tier),
        entry_id=record.outcome.source_id,
        prompt_cache_key=record.prompt.cache_key,
        miss=miss,
    )


def told_tier(tier: Tier) -> TierName:
    """Return a tier's name as it is told."""
    return "memory" if tier is Tier.MEMORY else "disk"


def told_counts(model: str, account: Account) -> CacheCounts:
    """Return what was counted of a model, and what is held of its prompts."""
    measures = account.measures(model)
    entries = [entry for entry in account.tree.entries.values() if account.about(entry).model == model]
    stays = {tier: [entry.stays[tier] for entry in entries if tier in entry.stays] for tier in Tier}
    return CacheCounts(
        model=model,
        num_lookups=measures.num_lookups,
        num_hits=measures.num_hits,
        asked_tokens=measures.asked_tokens,
        reused_tokens=measures.reused_tokens,
        num_restores=measures.num_restores,
        restored_bytes=measures.restored_bytes,
        num_saves=measures.num_saves,
        evictions=dict(measures.evictions),
        tiers={tier.value: TierCounts(len(held), sum(stay.num_bytes for stay in held)) for tier, held in stays.items()},
    )
