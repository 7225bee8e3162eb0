"""Wherever a request is placed: what holds for every placement, whatever slots and files there are."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from antiphon.prefix.entry import Allowance, Place, Tier
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.placement import FreeSlot, Placement, Prompt, Speeds, place
from antiphon.prefix.sequence import Media, Piece, TokenSequence
from antiphon.prefix.tree import Match, PrefixTree

KEY = PrefixKey("org-1", "weights", "Q4_0", "f16", "build-1", "template")
KEYS = st.sampled_from([KEY, replace(KEY, organization="org-2"), replace(KEY, adapter_digests=("adapter",))])
NOW = 1000.0

# Runs of few different pieces, so that much is shared, and some prompts are long enough for the disk.
PIECES = st.sampled_from([1, 2, Media("cat", 30), Media("cat", 30, "low"), Media("dog", 30)])
RUNS = st.lists(st.tuples(PIECES, st.integers(1, 50)), min_size=1, max_size=4)


def unrolled(runs: list[tuple[Piece, int]]) -> TokenSequence:
    """Each piece as often as it says, tokens twenty times that."""
    return TokenSequence([piece for piece, num in runs for _ in range(num * 20 if isinstance(piece, int) else num)])


SEQUENCES = RUNS.map(unrolled)
SLOTS = st.builds(
    FreeSlot,
    number=st.just(0),
    key=st.none() | KEYS,
    held=st.none() | SEQUENCES,
    used_at=st.floats(0, NOW),
    cache_key=st.sampled_from([None, "a", "b"]),
    is_savable=st.booleans(),
    is_reserved=st.booleans(),
)
SPEEDS = st.builds(
    Speeds,
    prefill_tokens_per_s=st.floats(10, 1e4),
    restore_bytes_per_s=st.floats(1e4, 1e9),
    restore_overhead_s=st.floats(0, 1),
    save_bytes_per_s=st.floats(1e4, 1e9),
    bytes_per_token=st.floats(100, 1e5),
)


class Case:
    """Slots, a disk, and a prompt that is placed."""

    def __init__(self, data: st.DataObject) -> None:
        self.prompt = Prompt(KEY, data.draw(SEQUENCES), data.draw(st.sampled_from([1, 64, 100])), "a")
        self.speeds = data.draw(SPEEDS)
        self.tree = PrefixTree({Tier.DISK: Allowance(None, 1e9, 1e9)})
        for key, held in data.draw(st.lists(st.tuples(KEYS, SEQUENCES), max_size=4)):
            num_bytes = int(held.num_tokens * self.speeds.bytes_per_token)
            self.tree.insert(key, held, Place(Tier.DISK, num_bytes), 0)
        drawn = data.draw(st.lists(SLOTS, min_size=1, max_size=4))
        self.slots = [
            replace(slot, number=number, on_disk=self.on_disk(slot.key, slot.held)) for number, slot in enumerate(drawn)
        ]

    def on_disk(self, key: PrefixKey | None, held: TokenSequence | None) -> Match | None:
        """What the disk has of something."""
        return None if key is None or held is None else self.tree.longest_prefix(key, held, NOW, Tier.DISK)

    def placement(self) -> Placement:
        """Where the prompt runs."""
        matches = self.tree.matches(KEY, self.prompt.sequence, NOW, Tier.DISK)
        placement = place(self.prompt, self.slots, matches, self.speeds, NOW)
        assert placement is not None
        return placement


@given(st.data())
def test_what_is_reused_is_there_and_is_ones_own(data: st.DataObject):
    """It is a true prefix under the same complete key, and another's content is erased before."""
    case = Case(data)
    placement = case.placement()
    slot = case.slots[placement.slot]
    assert placement.erase_first == (slot.key is not None and slot.key != KEY)
    if placement.from_disk is not None:
        assert placement.from_disk.key == KEY
        assert placement.reused_tokens <= placement.from_disk.sequence.shared_tokens(case.prompt.sequence)
    elif placement.reused_tokens:
        assert slot.key == KEY
        assert slot.held is not None
        assert placement.reused_tokens <= slot.held.shared_tokens(case.prompt.sequence)


@given(st.data())
def test_what_is_reused_ends_where_a_chunk_does(data: st.DataObject):
    """At a multiple of its length, in no image, and before the last token."""
    case = Case(data)
    reused_tokens, sequence = case.placement().reused_tokens, case.prompt.sequence
    assert reused_tokens % case.prompt.step_tokens == 0
    assert 0 <= reused_tokens < sequence.num_tokens
    assert sequence.cut(reused_tokens) == reused_tokens


@given(st.data())
def test_no_file_is_slower_than_computing(data: st.DataObject):
    """It is read only where it saves more than it takes, beside what the slot holds anyway."""
    case = Case(data)
    placement, slot_tokens = case.placement(), 0
    if placement.from_disk is None:
        return
    slot = case.slots[placement.slot]
    if slot.key == KEY and slot.held is not None:
        slot_tokens = case.prompt.reusable_tokens(slot.held.shared_tokens(case.prompt.sequence))
    saved_s = case.speeds.compute_s(placement.reused_tokens - slot_tokens)
    assert case.speeds.restore_s(placement.from_disk.stays[Tier.DISK].num_bytes) < saved_s + 1e-6


@given(st.data())
def test_only_what_may_be_on_the_disk_is_saved(data: st.DataObject):
    """It is long enough, and nobody forbade it."""
    case = Case(data)
    placement = case.placement()
    slot = case.slots[placement.slot]
    assert not placement.save_first or (slot.is_savable and slot.num_held_tokens >= 1024)


@given(st.data())
def test_a_reserved_slot_is_the_last_to_be_taken(data: st.DataObject):
    """It is left to its conversation while any other slot is free."""
    case = Case(data)
    placement = case.placement()
    assert not case.slots[placement.slot].is_reserved or all(slot.is_reserved for slot in case.slots)
