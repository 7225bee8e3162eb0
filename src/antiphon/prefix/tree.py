"""The tree of prefixes: what is held for whom, what of it a prompt begins with, and what has to go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from antiphon.ids import Ids, random_id
from antiphon.prefix.entry import Allowance, Entry, Place, Removal, Removed, Tier
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.radix import Level, Radix
from antiphon.prefix.sequence import TokenSequence
from antiphon.prefix.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Match:
    """The first `num_tokens` tokens of a prompt are those of `entry`, which may go on otherwise."""

    entry: Entry
    num_tokens: int


@dataclass(frozen=True, slots=True)
class Insertion:
    """What came of putting a prefix somewhere: its entry, None if it does not fit, and who had to leave."""

    entry: Entry | None
    removed: tuple[Removed, ...] = ()


class PrefixTree:
    """Held prefixes by their complete key; prefixes of two keys never meet.

    Instants are seconds of one clock, whose readings an entry from an earlier process shares: seconds since 1970.
    Whoever gets a `Removed` frees the bytes in that tier; the tree only keeps account.
    """

    def __init__(self, allowances: Mapping[Tier, Allowance], ids: Ids = random_id) -> None:
        self._shelves = {tier: Shelf(tier, allowance) for tier, allowance in allowances.items()}
        self._index = _Index()
        self._ids = ids

    def insert(
        self, key: PrefixKey, sequence: TokenSequence, place: Place, now: float, entry_id: str | None = None
    ) -> Insertion:
        """Note that a tier holds the state after `sequence`, which counts as a use of it.

        A known sequence keeps its entry; `entry_id` is for the entry of an earlier process. Whoever was used least
        recently leaves the tier if bytes are short. Raises `ValueError` for an empty sequence or a taken id.
        """
        if sequence.num_tokens == 0:
            raise ValueError("Nothing is held of an empty sequence.")
        known = self._index.find(key, sequence)
        if known is None and entry_id in self.entries:
            raise ValueError(f"{entry_id} is the id of another prefix.")
        leaving = self._shelves[place.tier].room_makers(place.num_bytes, known)
        if leaving is None:
            return Insertion(None)
        removed = tuple(self.drop(entry, place.tier, Removal.SPACE, now) for entry in leaving)
        entry = known or Entry(entry_id or self._ids("prefix_"), key, sequence)
        self._index.link(entry)
        self._shelves[place.tier].put(entry, place, now)
        return Insertion(entry, removed)

    def has_room(self, tier: Tier, num_bytes: int) -> bool:
        """Whether `num_bytes` more would be taken, others leaving for them where they must."""
        return self._shelves[tier].room_makers(num_bytes) is not None

    def longest_prefix(
        self, key: PrefixKey, sequence: TokenSequence, now: float, tier: Tier | None = None
    ) -> Match | None:
        """Return what shares most with the beginning of `sequence`, in one tier or in any; see `matches`."""
        return next(self.matches(key, sequence, now, tier), None)

    def matches(self, key: PrefixKey, sequence: TokenSequence, now: float, tier: Tier | None = None) -> Iterator[Match]:
        """Yield what shares the beginning of `sequence`: for each length the shortest entry, the longest length first.

        Among equally short entries it is the one used last. What has expired is left out. To be used before the tree
        changes.
        """
        tiers = self._shelves if tier is None else (tier,)
        for level in self._index.levels(key, sequence):
            living = [entry for entry in level.values if any(self._lives(entry, each, now) for each in tiers)]
            if living:
                yield Match(min(living, key=_cost_to_use), level.num_tokens)

    def touch(self, entry: Entry, tier: Tier, now: float) -> None:
        """Note that an entry was used in a tier. Raises `KeyError` where it does not stay there."""
        self._shelves[tier].touch(entry, now)

    def hold(self, entry: Entry) -> None:
        """Keep an entry from being taken away until it is released as often as it is held.

        Raises `ValueError` for one that is gone.
        """
        if self.entries.get(entry.id) is not entry:
            raise ValueError(f"{entry.id} is held nowhere any more.")
        entry.num_holds += 1

    def release(self, entry: Entry, now: float) -> tuple[Removed, ...]:
        """Give back one hold; what was deleted meanwhile leaves with the last. Raises `ValueError` without a hold."""
        if entry.num_holds == 0:
            raise ValueError(f"Nobody holds {entry.id}.")
        entry.num_holds -= 1
        is_leaving = entry.is_doomed and entry.num_holds == 0
        return self._drop_everywhere(entry, now) if is_leaving else ()

    def drop(self, entry: Entry, tier: Tier, reason: Removal, now: float) -> Removed:
        """Note that an entry leaves a tier, pinned or not; from its last tier it leaves the tree.

        Raises `ValueError` for an entry that somebody holds, and `KeyError` for one that does not stay in the tier.
        """
        if entry.num_holds:
            raise ValueError(f"{entry.id} is held.")
        self._shelves[tier].take(entry)
        if not entry.stays:
            self._index.unlink(entry)
        return Removed(entry, tier, reason, now, is_gone=not entry.stays)

    def delete(self, entry: Entry, now: float) -> tuple[Removed, ...]:
        """Take an entry away for ever, pinned or not. No prompt matches it any more.

        What somebody holds leaves its tiers with `release`.
        """
        if entry.num_holds == 0:
            return self._drop_everywhere(entry, now)
        entry.is_doomed = True
        self._index.unlink(entry)
        return ()

    def expire(self, now: float) -> tuple[Removed, ...]:
        """Take away what has expired, but for what somebody holds."""
        over = [(entry, tier) for tier, shelf in self._shelves.items() for entry in shelf.expired(now)]
        return tuple(self.drop(entry, tier, Removal.EXPIRED, now) for entry, tier in over)

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every entry that a prompt can match, by its id."""
        return self._index.by_id

    def num_bytes(self, tier: Tier) -> int:
        """Return how many bytes a tier takes."""
        return self._shelves[tier].num_bytes

    def _lives(self, entry: Entry, tier: Tier, now: float) -> bool:
        return tier in entry.stays and not self._shelves[tier].is_over(entry, now)

    def _drop_everywhere(self, entry: Entry, now: float) -> tuple[Removed, ...]:
        return tuple(self.drop(entry, tier, Removal.DELETED, now) for tier in tuple(entry.stays))


class _Index:
    """The entries that a prompt can match: by id, and by key and sequence."""

    def __init__(self) -> None:
        self.by_id: dict[str, Entry] = {}
        self._by_key: dict[PrefixKey, Radix[Entry]] = {}

    def find(self, key: PrefixKey, sequence: TokenSequence) -> Entry | None:
        """Return the entry of exactly this sequence."""
        radix = self._by_key.get(key)
        return None if radix is None else radix.get(sequence)

    def levels(self, key: PrefixKey, sequence: TokenSequence) -> Iterator[Level[Entry]]:
        """Yield the entries of a key by how much of the sequence they share, the most first."""
        radix = self._by_key.get(key)
        return iter(()) if radix is None else radix.levels(sequence)

    def link(self, entry: Entry) -> None:
        """Let prompts match an entry; a second time changes nothing."""
        if self.by_id.setdefault(entry.id, entry) is entry:
            self._by_key.setdefault(entry.key, Radix()).put(entry.sequence, entry)

    def unlink(self, entry: Entry) -> None:
        """Let no prompt match an entry; a second time changes nothing."""
        if self.by_id.get(entry.id) is not entry:
            return
        del self.by_id[entry.id]
        radix = self._by_key[entry.key]
        radix.remove(entry.sequence)
        if radix.is_empty:
            del self._by_key[entry.key]


def _cost_to_use(entry: Entry) -> tuple[int, float]:
    """The order in which entries are preferred that share as much: the shortest is read fastest; then the newest."""
    return entry.num_tokens, -max(stay.used_at for stay in entry.stays.values())
