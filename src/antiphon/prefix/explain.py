"""Why a request found what it found in the cache, and no more."""

from dataclasses import dataclass
from typing import NamedTuple

from antiphon.prefix.difference import Change, Difference, first_change
from antiphon.prefix.entry import Removal
from antiphon.prefix.history import History, Lost
from antiphon.prefix.likeness import Nearest, likest
from antiphon.prefix.reason import Reason, advice
from antiphon.prefix.record import Record
from antiphon.prefix.report import LEAST_CACHED_TOKENS, cached_tokens


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a request found, and why no more.

    `cached_tokens` is what OpenAI's contract tells of `reused_tokens`. `reason` is None where all was used that could
    be; `advice` is then empty, and one sentence otherwise. `difference` is None where nothing is known to differ.
    `removal` and `removed_at` say why and when it was lost, for `EVICTED` and `EXPIRED`; None where that is forgotten.
    """

    request_id: str
    prompt_tokens: int
    reused_tokens: int
    cached_tokens: int
    reason: Reason | None = None
    advice: str = ""
    nearest_id: str | None = None
    difference: Difference | None = None
    removal: Removal | None = None
    removed_at: float | None = None


def explain(record: Record, history: History) -> Explanation:
    """Return why a request that was noted in the history found what it found.

    What expired must have been taken out of the tree, and noted, by the time the request was placed.
    """
    outcome = record.outcome
    finding = _find(record, history)
    removed = None if finding.lost is None else finding.lost.removed
    return Explanation(
        request_id=record.id,
        prompt_tokens=record.num_tokens,
        reused_tokens=outcome.reused_tokens,
        cached_tokens=cached_tokens(outcome.reused_tokens, record.num_tokens),
        reason=finding.reason,
        advice="" if finding.reason is None else advice(finding.reason, record, removed),
        nearest_id=None if finding.nearest is None else finding.nearest.record.id,
        difference=finding.difference,
        removal=None if removed is None else removed.reason,
        removed_at=None if removed is None else removed.at,
    )


class _Finding(NamedTuple):
    """What came of the search: a reason, with what belongs to it."""

    reason: Reason | None
    nearest: Nearest | None = None
    difference: Difference | None = None
    lost: Lost | None = None


def _find(record: Record, history: History) -> _Finding:
    near = history.nearest(record)
    nearest = None if near is None else likest(record, near)
    change = None if nearest is None else first_change(record, nearest)
    found = _Finding(_refusal(record), nearest, None if change is None else change.difference)
    if found.reason is not None:
        return found
    if nearest is not None and record.reusable_tokens(nearest.shared_tokens) > record.outcome.reused_tokens:
        reason, lost = _loss(record, nearest, history)
        return found._replace(reason=reason, lost=lost)
    if cached_tokens(record.outcome.reused_tokens, record.num_tokens):
        return found._replace(reason=None if change is None else change.reason)
    return _elsewhere(record, nearest, history) or _miss(found, change)


def _refusal(record: Record) -> Reason | None:
    """Return why no hit could be told whatever is held."""
    if record.outcome.wanted_tokens == 0:
        return Reason.NOT_WANTED
    if record.outcome.not_cacheable is not None:
        return Reason.NOT_CACHEABLE
    return Reason.TOO_SHORT if record.num_tokens < LEAST_CACHED_TOKENS else None


def _miss(found: _Finding, change: Change | None) -> _Finding:
    """Return why too little was there to be used."""
    if found.nearest is None or not found.nearest.is_alike:
        return _Finding(Reason.FIRST_REQUEST)
    return found._replace(reason=Reason.TOO_SHORT if change is None else change.reason)


def _loss(record: Record, nearest: Nearest, history: History) -> tuple[Reason, Lost | None]:
    """Return why what an earlier request computed was not used, and its removal if that is remembered."""
    reused_tokens = record.outcome.reused_tokens
    if record.reusable_tokens(record.outcome.held_tokens) > reused_tokens:
        return Reason.BUSY, None
    for lost in history.losses(record):
        if record.reusable_tokens(lost.shared_tokens) <= reused_tokens:
            break
        if lost.removed.at >= nearest.record.at:
            is_expired = lost.removed.reason is Removal.EXPIRED
            return (Reason.EXPIRED if is_expired else Reason.EVICTED), lost
    is_known = history.knows_losses_since(record.prompt.key.organization, nearest.record.at)
    return (Reason.BUSY if is_known else Reason.EVICTED), None


def _elsewhere(record: Record, nearest: Nearest | None, history: History) -> _Finding | None:
    """Return what was computed under another key, if that is more like the request than all under its own."""
    near = history.nearest_elsewhere(record)
    if near is None:
        return None
    other = likest(record, near)
    has_opening = record.opening != "" and other.record.opening == record.opening
    if has_opening and nearest is not None and nearest.record.opening == record.opening:
        return None
    shares_more = other.shared_tokens > (0 if nearest is None else nearest.shared_tokens)
    if not has_opening and not (shares_more and other.shared_tokens >= LEAST_CACHED_TOKENS):
        return None
    ours, theirs = record.prompt.key, other.record.prompt.key
    if ours.weights_digest != theirs.weights_digest:
        reason = Reason.OTHER_MODEL
    elif ours.adapter_digests != theirs.adapter_digests:
        reason = Reason.OTHER_ADAPTER
    elif ours.template_digest != theirs.template_digest:
        reason = Reason.OTHER_TEMPLATE
    else:
        reason = Reason.OTHER_MODEL  # the same weights, by an engine that computes otherwise
    return _Finding(reason, other)
