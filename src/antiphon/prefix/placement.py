"""Where a request runs: the free slot in which it, and what the slot held for others, costs the least time.

What is reused ends on a boundary of the chunks in which the engine computes, wherever it comes from: the rest of the
prompt is then computed in the same pieces as without a hit, and the answer is the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from antiphon.prefix.entry import MINUTE_S, Entry, Tier
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.report import LEAST_CACHED_TOKENS
from antiphon.prefix.sequence import TokenSequence
from antiphon.prefix.tree import Match

# Of less no hit would be told: a file is not worth its writing.
MIN_SAVED_TOKENS = LEAST_CACHED_TOKENS
# Nobody is expected to come back to a slot after this time.
LAST_USE_S = 10 * MINUTE_S


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is to be computed: for whom, and in chunks of how many tokens.

    `step_tokens` is 1 where an answer may depend on what was held, as in a spoken conversation. `cache_key` is the
    request's `prompt_cache_key`.
    """

    key: PrefixKey
    sequence: TokenSequence
    step_tokens: int
    cache_key: str | None = None

    def reusable_tokens(self, shared_tokens: int) -> int:
        """Return how many of the tokens that something shares can be used: whole chunks, and never the last token."""
        return self.sequence.cut(min(shared_tokens, max(0, self.sequence.num_tokens - 1)), self.step_tokens)


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A slot that nobody works in, and what its last request left there; by `key` it is for nobody else.

    `on_disk` is what the disk holds of the beginning of `held`, as `PrefixTree.longest_prefix` tells it. `is_savable`
    is whether `held` may be written to the disk. `is_reserved` keeps the slot for a conversation other than the one
    that asks: it is taken only where no other is free.
    """

    number: int
    key: PrefixKey | None = None
    held: TokenSequence | None = None
    used_at: float = float("-inf")
    cache_key: str | None = None
    on_disk: Match | None = None
    is_savable: bool = True
    is_reserved: bool = False

    @property
    def num_held_tokens(self) -> int:
        """How many tokens the slot holds."""
        return 0 if self.held is None else self.held.num_tokens

    def shared_tokens(self, key: PrefixKey | None, sequence: TokenSequence | None) -> int:
        """Return how many tokens of the beginning of `sequence` it holds; none under another key."""
        if self.held is None or sequence is None or key is None or key != self.key:
            return 0
        return self.held.shared_tokens(sequence)


@dataclass(frozen=True, slots=True)
class Speeds:
    """What was measured of an engine and of the disk below it.

    Raises `ValueError` for a speed that is not above zero.
    """

    prefill_tokens_per_s: float
    restore_bytes_per_s: float
    restore_overhead_s: float
    save_bytes_per_s: float
    bytes_per_token: float

    def __post_init__(self) -> None:
        """Refuse speeds at which nothing ever ends."""
        if min(self.prefill_tokens_per_s, self.restore_bytes_per_s, self.save_bytes_per_s) <= 0:
            raise ValueError("A speed is above zero.")

    def compute_s(self, num_tokens: int) -> float:
        """Return how long the engine computes so many tokens of a prompt."""
        return num_tokens / self.prefill_tokens_per_s

    def restore_s(self, num_bytes: float) -> float:
        """Return how long it takes until a file of this size is in a slot."""
        return self.restore_overhead_s + num_bytes / self.restore_bytes_per_s

    def save_s(self, num_bytes: float) -> float:
        """Return how long a slot is not free while so many bytes are written out of it."""
        return num_bytes / self.save_bytes_per_s


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a request runs, and what is done before: first save, then erase, then restore `from_disk`.

    `reused_tokens` of its prompt are there then; the slot's state is cut to them, whatever more it holds. `from_disk`
    is to be held from now on, since what is saved first may take its room.
    """

    slot: int
    reused_tokens: int
    from_disk: Entry | None = None
    erase_first: bool = False
    save_first: bool = False


def place(
    prompt: Prompt, slots: Sequence[FreeSlot], matches: Iterable[Match], speeds: Speeds, now: float
) -> Placement | None:
    """Return where a request runs; None without a free slot.

    `slots` are all that are free. `matches` is what the disk shares with the prompt, as `PrefixTree.matches` yields it
    for this tier: the longest first. The least sum is chosen of the request's own time and of the time that is lost
    with what a slot holds. Where sums differ by no more than a chunk's time, the slot with the same `prompt_cache_key`
    goes first, then the one that the prompt continues, then an empty one, then the least recently used.
    """
    asked = _Asked(prompt, slots, speeds, now)
    candidates = [slot for slot in slots if not slot.is_reserved] or slots
    stored = _stored_way(prompt, matches, speeds)
    plans = [asked.plan(slot, stored) for slot in candidates]
    if not plans:
        return None
    enough_s = min(plan.total_s for plan in plans) + speeds.compute_s(prompt.step_tokens)
    near = [plan for plan in plans if plan.total_s <= enough_s]
    return _placement(prompt, min(near, key=lambda plan: _preference(prompt, plan)))


class _Way(NamedTuple):
    """How a prompt begins: with so many tokens that are there, perhaps out of a file, and what it takes in all."""

    reused_tokens: int
    cost_s: float
    from_disk: Entry | None = None


class _Loss(NamedTuple):
    """The time that is expected to be lost with what a slot holds, and whether it is saved before."""

    cost_s: float
    save_first: bool = False


class _Plan(NamedTuple):
    """What it would mean to take a slot."""

    slot: FreeSlot
    way: _Way
    loss: _Loss
    num_lost_tokens: int

    @property
    def total_s(self) -> float:
        return self.way.cost_s + self.loss.cost_s


def _stored_way(prompt: Prompt, matches: Iterable[Match], speeds: Speeds) -> _Way | None:
    """Return the fastest way to begin with a file: a shorter match may be in a file that is read sooner."""
    best: _Way | None = None
    for match in matches:
        reused_tokens = prompt.reusable_tokens(match.num_tokens)
        rest_s = speeds.compute_s(prompt.sequence.num_tokens - reused_tokens)
        if reused_tokens == 0 or (best is not None and best.cost_s <= rest_s):
            break  # shorter matches leave more to compute than the best takes in all
        stay = match.entry.stays.get(Tier.DISK)
        if stay is None or match.entry.key != prompt.key:
            continue
        cost_s = speeds.restore_s(stay.num_bytes) + rest_s
        if best is None or cost_s < best.cost_s:
            best = _Way(reused_tokens, cost_s, match.entry)
    return best


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted, what there is, and how fast it is."""

    prompt: Prompt
    slots: Sequence[FreeSlot]
    speeds: Speeds
    now: float

    def plan(self, slot: FreeSlot, stored: _Way | None) -> _Plan:
        """Return what it means to take a slot, with what it holds or with what a file holds."""
        prompt = self.prompt
        shared_tokens = slot.shared_tokens(prompt.key, prompt.sequence)
        reused_tokens = prompt.reusable_tokens(shared_tokens)
        way = _Way(reused_tokens, self.speeds.compute_s(prompt.sequence.num_tokens - reused_tokens))
        if stored is not None and stored.cost_s < way.cost_s:
            way = stored
        elsewhere = (other.shared_tokens(slot.key, slot.held) for other in self.slots if other is not slot)
        loss = self._loss(slot, max(shared_tokens, *elsewhere, 0))
        return _Plan(slot, way, loss, slot.num_held_tokens - shared_tokens)

    def _loss(self, slot: FreeSlot, num_kept_tokens: int) -> _Loss:
        """Return what is lost with a slot's content, of which `num_kept_tokens` stay in this or in another slot.

        It is the time to have it again, by whichever way is faster, as often as it is expected to be wanted: with a
        probability that falls evenly from the last use on.
        """
        probability = max(0.0, 1 - max(0.0, self.now - slot.used_at) / LAST_USE_S)
        again_s = self._again_s(slot, num_kept_tokens)
        dropped_s = probability * again_s
        if slot.is_savable and slot.num_held_tokens >= MIN_SAVED_TOKENS:
            num_bytes = slot.num_held_tokens * self.speeds.bytes_per_token
            saved_s = self.speeds.save_s(num_bytes) + probability * min(again_s, self.speeds.restore_s(num_bytes))
            if saved_s < dropped_s:
                return _Loss(saved_s, save_first=True)
        return _Loss(dropped_s)

    def _again_s(self, slot: FreeSlot, num_kept_tokens: int) -> float:
        """Return how long it takes to have a slot's content again, from what other slots and the disk keep of it."""
        again_s = self.speeds.compute_s(slot.num_held_tokens - num_kept_tokens)
        stay = None if slot.on_disk is None else slot.on_disk.entry.stays.get(Tier.DISK)
        if slot.on_disk is None or stay is None:
            return again_s
        unsaved_tokens = slot.num_held_tokens - slot.on_disk.num_tokens
        return min(again_s, self.speeds.restore_s(stay.num_bytes) + self.speeds.compute_s(unsaved_tokens))


def _preference(prompt: Prompt, plan: _Plan) -> tuple[bool, bool, bool, float, int]:
    """The order of slots that cost about the same, the first being the least."""
    slot = plan.slot
    has_same_key = prompt.cache_key is not None and (slot.key, slot.cache_key) == (prompt.key, prompt.cache_key)
    is_in_place = plan.way.reused_tokens > 0 and plan.way.from_disk is None
    is_continued = is_in_place and plan.num_lost_tokens < prompt.step_tokens
    return not has_same_key, not is_continued, slot.num_held_tokens > 0, slot.used_at, slot.number


def _placement(prompt: Prompt, plan: _Plan) -> Placement:
    return Placement(
        slot=plan.slot.number,
        reused_tokens=plan.way.reused_tokens,
        from_disk=plan.way.from_disk,
        erase_first=plan.slot.key is not None and plan.slot.key != prompt.key,
        save_first=plan.loss.save_first,
    )
