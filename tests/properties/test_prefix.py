"""Whatever is put into the tree of prefixes and taken out of it: what holds for every hit and every removal."""

from collections import Counter
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from antiphon.prefix.entry import Allowance, Entry, Place, Removal, Removed, Tier
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.radix import Radix
from antiphon.prefix.sequence import Media, Piece, TokenSequence
from antiphon.prefix.tree import Match, PrefixTree

KEY = PrefixKey("org-1", "weights", "Q4_0", "f16", "build-1", "template")
KEYS = [KEY, replace(KEY, organization="org-2"), replace(KEY, adapter_digests=("adapter",))]
ALLOWANCES = {
    Tier.MEMORY: Allowance(60, idle_s=30, max_age_s=100),
    Tier.DISK: Allowance(100, idle_s=200, max_age_s=300),
}
TIERS = st.sampled_from(list(Tier))

# Few different pieces, so that much is shared.
PIECES = st.sampled_from([0, 1, 2, Media("cat", 3), Media("cat", 3, "low"), Media("dog", 3), Media("dog", 1)])
PROMPTS = st.lists(PIECES, min_size=1, max_size=8)


def positions(pieces: list[Piece]) -> list[object]:
    """What stands at each position: a token, or media with the place in it."""
    return [
        place
        for piece in pieces
        for place in ([piece] if isinstance(piece, int) else [(piece, index) for index in range(piece.num_tokens)])
    ]


def naive_shared(ours: list[Piece], theirs: list[Piece]) -> int:
    """How many positions two prompts share, media whole, told piece by piece."""
    num = 0
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            break
        num += 1 if isinstance(mine, int) else mine.num_tokens
    return num


@given(PROMPTS, PROMPTS)
def test_what_two_prompts_share_is_a_true_prefix(ours: list[Piece], theirs: list[Piece]):
    """As many positions as the pieces say, the same in both, and never a part of an image."""
    shared = TokenSequence(ours).shared_tokens(TokenSequence(theirs))
    assert shared == naive_shared(ours, theirs)
    assert positions(ours)[:shared] == positions(theirs)[:shared]


@given(PROMPTS, st.integers(0, 30), st.integers(1, 5))
def test_a_cut_stands_on_a_step_and_in_no_image(pieces: list[Piece], num_tokens: int, step_tokens: int):
    """It is the greatest such position."""
    whole, starts = positions(pieces), {0}
    for piece in pieces:
        starts.add(max(starts) + (1 if isinstance(piece, int) else piece.num_tokens))
    fit = max(at for at in starts if at <= min(num_tokens, len(whole)) and at % step_tokens == 0)
    assert TokenSequence(pieces).cut(num_tokens, step_tokens) == fit


@given(PROMPTS, st.integers(0, 30))
def test_a_prefix_is_what_was_cut(pieces: list[Piece], num_tokens: int):
    """It has the length of the cut and shares all of it."""
    sequence = TokenSequence(pieces)
    prefix = sequence.prefix(num_tokens)
    assert prefix.num_tokens == sequence.cut(num_tokens) == sequence.shared_tokens(prefix)


@given(PROMPTS)
def test_a_sequence_survives_its_bytes(pieces: list[Piece]):
    """What was written is read as an equal sequence with an equal digest."""
    sequence = TokenSequence(pieces)
    read = TokenSequence.from_bytes(sequence.to_bytes())
    assert (read, hash(read), read.num_tokens) == (sequence, hash(sequence), len(positions(pieces)))
    assert read.digest() == sequence.digest()


@given(st.lists(st.tuples(st.booleans(), PROMPTS), max_size=40), PROMPTS)
def test_a_radix_tree_is_a_dictionary(steps: list[tuple[bool, list[Piece]]], asked: list[Piece]):
    """After any puts and removals it holds the same as a dictionary, and shares what the pieces share."""
    radix, model = Radix[int](), dict[tuple[Piece, ...], int]()
    for number, (is_put, pieces) in enumerate(steps):
        if is_put:
            radix.put(TokenSequence(pieces), number)
            model[tuple(pieces)] = number
        elif model.pop(tuple(pieces), None) is not None:
            radix.remove(TokenSequence(pieces))
        else:
            with pytest.raises(KeyError):
                radix.remove(TokenSequence(pieces))
    assert radix.is_empty == (not model)
    assert radix.get(TokenSequence(asked)) == model.get(tuple(asked))
    told = [(level.num_tokens, value) for level in radix.levels(TokenSequence(asked)) for value in level.values]
    shared = [(naive_shared(asked, list(pieces)), value) for pieces, value in model.items()]
    assert Counter(told) == Counter(one for one in shared if one[0])
    assert [num for num, _ in told] == sorted((num for num, _ in told), reverse=True)


class Model:
    """What the tree should hold, as a plain list: one record for each entry."""

    def __init__(self) -> None:
        self.entries: list[tuple[Entry, PrefixKey, list[Piece]]] = []
        self.used = dict[tuple[str, Tier], int]()  # the number of the last use, by entry and tier
        self.since = dict[tuple[str, Tier], float]()
        self.sizes = dict[tuple[str, Tier], int]()

    def stays(self, tier: Tier) -> list[str]:
        """The ids of what stays in a tier, the least recently used first."""
        return [each for each, where in sorted(self.used, key=lambda stay: self.used[stay]) if where is tier]

    def num_bytes(self, tier: Tier) -> int:
        """The bytes that a tier takes."""
        return sum(size for (_, where), size in self.sizes.items() if where is tier)

    def forget(self, removed: Removed) -> None:
        """Note a removal."""
        stay = removed.entry.id, removed.tier
        del self.used[stay], self.since[stay], self.sizes[stay]
        assert removed.is_gone == all((removed.entry.id, tier) not in self.used for tier in Tier)
        if removed.is_gone:
            self.entries = [record for record in self.entries if record[0] is not removed.entry]


class TreeMachine(RuleBasedStateMachine):
    """Random use of a tree, beside the plain list."""

    @initialize()
    def begin(self) -> None:
        numbers = count()
        self.tree = PrefixTree(ALLOWANCES, ids=lambda prefix: f"{prefix}{next(numbers)}")
        self.model = Model()
        self.now = 0.0
        self.uses = count()
        self.times = dict[tuple[str, Tier], float]()

    def note_use(self, entry: Entry, tier: Tier) -> None:
        self.model.used[entry.id, tier] = next(self.uses)
        self.times[entry.id, tier] = self.now

    def expires_at(self, entry: Entry, tier: Tier) -> float:
        stay = entry.id, tier
        if entry.is_pinned:
            return float("inf")
        if entry.ttl_s is not None:
            return self.times[stay] + entry.ttl_s
        return min(self.times[stay] + ALLOWANCES[tier].idle_s, self.model.since[stay] + ALLOWANCES[tier].max_age_s)

    def find(self, data: st.DataObject) -> Entry:
        return data.draw(st.sampled_from([record[0] for record in self.model.entries]))

    @rule(seconds=st.integers(0, 40))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(key=st.sampled_from(KEYS), pieces=PROMPTS, tier=TIERS, num_bytes=st.integers(1, 70))
    def insert(self, key: PrefixKey, pieces: list[Piece], tier: Tier, num_bytes: int) -> None:
        known = next((record[0] for record in self.model.entries if record[1:] == (key, pieces)), None)
        before = {entry.id: entry for entry in self.all_entries()}
        had_room = self.tree.has_room(tier, num_bytes)
        order = [each for each in self.model.stays(tier) if before[each].may_go and before[each] is not known]
        made = self.tree.insert(key, TokenSequence(pieces), Place(tier, num_bytes), self.now)
        assert made.entry is not None or not had_room
        if made.entry is None:
            assert made.removed == ()
            return
        assert [(one.tier, one.reason) for one in made.removed] == [(tier, Removal.SPACE)] * len(made.removed)
        assert [one.entry.id for one in made.removed] == order[: len(made.removed)], "not the least recently used"
        for one in made.removed:
            self.model.forget(one)
        assert known is None or made.entry is known
        if known is None:
            self.model.entries.append((made.entry, key, pieces))
        self.model.sizes[made.entry.id, tier] = num_bytes
        self.model.since[made.entry.id, tier] = self.now
        self.note_use(made.entry, tier)

    def all_entries(self) -> list[Entry]:
        return [record[0] for record in self.model.entries]

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def touch(self, data: st.DataObject) -> None:
        entry = self.find(data)
        tier = data.draw(st.sampled_from(sorted(entry.stays)))
        self.tree.touch(entry, tier, self.now)
        self.note_use(entry, tier)

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        entry = self.find(data)
        if entry.is_doomed:
            with pytest.raises(ValueError, match="nowhere"):
                self.tree.hold(entry)
        else:
            self.tree.hold(entry)

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        entry = self.find(data)
        if entry.num_holds == 0:
            with pytest.raises(ValueError, match="Nobody holds"):
                self.tree.release(entry, self.now)
            return
        removed = self.tree.release(entry, self.now)
        assert bool(removed) == (entry.is_doomed and entry.num_holds == 0)
        for one in removed:
            self.model.forget(one)

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), reason=st.sampled_from(list(Removal)))
    def drop(self, data: st.DataObject, reason: Removal) -> None:
        entry = self.find(data)
        tier = data.draw(st.sampled_from(sorted(entry.stays)))
        if entry.num_holds:
            with pytest.raises(ValueError, match="held"):
                self.tree.drop(entry, tier, reason, self.now)
            return
        self.model.forget(self.tree.drop(entry, tier, reason, self.now))

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        entry = self.find(data)
        if entry.is_doomed:
            return
        removed = self.tree.delete(entry, self.now)
        assert bool(removed) == (entry.num_holds == 0)
        for one in removed:
            self.model.forget(one)
        if entry.num_holds:
            self.model.entries = [
                (each, key, []) if each is entry else (each, key, pieces) for each, key, pieces in self.model.entries
            ]

    @precondition(lambda self: self.model.entries)
    @rule(data=st.data(), ttl_s=st.none() | st.integers(1, 500), is_pinned=st.booleans())
    def keep(self, data: st.DataObject, ttl_s: int | None, *, is_pinned: bool) -> None:
        entry = self.find(data)
        entry.ttl_s, entry.is_pinned = ttl_s, is_pinned

    @rule()
    def expire(self) -> None:
        over = {
            (entry.id, tier)
            for entry in self.all_entries()
            for tier in entry.stays
            if entry.may_go and self.expires_at(entry, tier) <= self.now
        }
        removed = self.tree.expire(self.now)
        assert {(one.entry.id, one.tier) for one in removed} == over
        for one in removed:
            assert one.reason is Removal.EXPIRED
            self.model.forget(one)

    @rule(key=st.sampled_from(KEYS), pieces=PROMPTS, tier=st.none() | TIERS)
    def match(self, key: PrefixKey, pieces: list[Piece], tier: Tier | None) -> None:
        best = dict[int, list[Entry]]()
        for entry, its_key, its_pieces in self.model.entries:
            tiers = [each for each in entry.stays if tier in {None, each} and self.now < self.expires_at(entry, each)]
            if its_key == key and tiers and (shared := naive_shared(pieces, its_pieces)):
                best.setdefault(shared, []).append(entry)
        matches = list(self.tree.matches(key, TokenSequence(pieces), self.now, tier))
        assert [match.num_tokens for match in matches] == sorted(best, reverse=True)
        for match in matches:
            assert match.entry in best[match.num_tokens]
            assert match.entry.num_tokens == min(entry.num_tokens for entry in best[match.num_tokens])
        self.check_first(matches, self.tree.longest_prefix(key, TokenSequence(pieces), self.now, tier))

    def check_first(self, matches: list[Match], longest: Match | None) -> None:
        assert longest == (matches[0] if matches else None)

    @invariant()
    def the_tree_is_the_list(self) -> None:
        living = {entry.id: entry for entry in self.all_entries() if not entry.is_doomed}
        assert dict(self.tree.entries) == living
        for entry in self.all_entries():
            assert entry.num_holds >= 0
            assert entry.stays, "what is listed stays somewhere"
            assert {(entry.id, tier) for tier in entry.stays} == {
                stay for stay in self.model.used if stay[0] == entry.id
            }

    @invariant()
    def bytes_are_counted_and_bounded(self) -> None:
        for tier, allowance in ALLOWANCES.items():
            assert 0 <= self.tree.num_bytes(tier) == self.model.num_bytes(tier) <= allowance.budget_bytes


TestTreeMachine = TreeMachine.TestCase
