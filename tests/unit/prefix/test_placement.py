"""Where a request runs: what it and others lose by it, counted in seconds."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from antiphon.prefix.entry import Allowance, Entry, Place, Tier
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.placement import FreeSlot, Placement, Prompt, Speeds, place
from antiphon.prefix.sequence import Media, Piece, TokenSequence
from antiphon.prefix.tree import Match, PrefixTree

NOW = 10_000.0
OURS = PrefixKey("org-1", "weights", "Q4_0", "f16", "build-1", "template")
THEIRS = replace(OURS, organization="org-2")
# 100 tokens take a second to compute, and a hundredth of a second to read or write.
SPEEDS = Speeds(100, restore_bytes_per_s=1e6, restore_overhead_s=0.01, save_bytes_per_s=1e6, bytes_per_token=100)


def sequence(*parts: tuple[int, int]) -> TokenSequence:
    """Runs of equal tokens: which, and how many."""
    return TokenSequence([token for token, num in parts for _ in range(num)])


def slot(number: int, held: TokenSequence, *, key: PrefixKey = OURS, idle_s: float = 60, **more: object) -> FreeSlot:
    """A slot that was used a while ago."""
    return replace(FreeSlot(number, key, held, NOW - idle_s), **more)


def stored(held: TokenSequence, num_bytes: int | None = None, key: PrefixKey = OURS) -> Entry:
    """A prefix that is on the disk, as large as it is by the speeds above."""
    tree = PrefixTree({Tier.DISK: Allowance(None, 1e9, 1e9)})
    made = tree.insert(key, held, Place(Tier.DISK, num_bytes or held.num_tokens * 100), NOW - 60).entry
    assert made is not None
    return made


def chosen(wanted: TokenSequence, slots: Sequence[FreeSlot], *matches: Match, cache_key: str | None = None):
    """Where a prompt of ours runs, in chunks of 64 tokens."""
    placement = place(Prompt(OURS, wanted, 64, cache_key), slots, matches, SPEEDS, NOW)
    assert placement is not None
    return placement


def test_without_a_free_slot_nothing_is_placed():
    """Whoever asks has to wait for one."""
    assert place(Prompt(OURS, sequence((1, 10)), 64), [], [], SPEEDS, NOW) is None


def test_a_prompt_runs_where_its_beginning_is():
    """It reuses whole chunks of what the slot holds."""
    wanted = sequence((1, 1000), (2, 500))
    slots = [FreeSlot(0), slot(1, sequence((1, 1000), (3, 5)))]
    assert chosen(wanted, slots) == Placement(1, reused_tokens=960)


def test_the_last_token_is_always_computed():
    """A prompt that is held whole ends one chunk earlier, if it ends on a boundary."""
    wanted = sequence((1, 640))
    assert chosen(wanted, [slot(0, wanted)]).reused_tokens == 576


def test_a_prompt_of_no_tokens_reuses_none():
    """There is nothing to reuse."""
    assert chosen(TokenSequence([]), [slot(0, sequence((1, 640)))]).reused_tokens == 0


def test_no_hit_ends_within_an_image():
    """It ends on the boundary before the image."""
    pieces: list[Piece] = [1] * 100 + [Media("cat", 200)] + [2] * 50
    held, wanted = TokenSequence([*pieces, 3]), TokenSequence([*pieces, 4])
    assert chosen(wanted, [slot(0, held)]).reused_tokens == 320
    assert chosen(TokenSequence(pieces[:101]), [slot(0, held)]).reused_tokens == 64


def test_a_conversation_reuses_to_the_token_in_steps_of_one():
    """Where answers may depend on what was held, nothing is computed twice."""
    wanted = sequence((1, 1000), (2, 500))
    assert place(Prompt(OURS, wanted, 1), [slot(0, sequence((1, 999)))], [], SPEEDS, NOW) == Placement(0, 999)


def test_what_another_organisation_left_is_erased_and_not_used():
    """Not even where it is the same prompt."""
    wanted = sequence((1, 1500))
    placement = chosen(wanted, [slot(0, wanted, key=THEIRS, is_savable=False)])
    assert placement == Placement(0, reused_tokens=0, erase_first=True)


def test_what_was_computed_with_another_adapter_is_erased():
    """The organisation is a part of the key like others."""
    wanted = sequence((1, 640))
    other = replace(OURS, adapter_digests=("adapter",))
    assert chosen(wanted, [slot(0, wanted, key=other)]) == Placement(0, 0, erase_first=True)


def test_a_slot_that_is_emptied_is_still_erased_for_another_organisation():
    """Its last key says whose it was, whatever is known of its content."""
    assert chosen(sequence((1, 10)), [FreeSlot(0, THEIRS)]).erase_first


def test_a_little_in_common_does_not_cost_another_conversation_its_slot():
    """To compute a second's worth is less than what others would lose."""
    wanted = sequence((1, 100), (2, 900))
    slots = [slot(0, sequence((1, 100), (3, 900))), FreeSlot(1)]
    assert chosen(wanted, slots) == Placement(1, reused_tokens=0)


def test_a_slot_that_nobody_comes_back_to_is_worth_nothing():
    """After ten minutes without use the same is taken from it."""
    wanted = sequence((1, 200), (2, 900))
    held = sequence((1, 200), (3, 900))
    fresh, old = slot(0, held, idle_s=10, is_savable=False), slot(0, held, idle_s=600)
    assert chosen(wanted, [fresh, FreeSlot(1)]) == Placement(1, reused_tokens=0)
    assert chosen(wanted, [old, FreeSlot(1)]) == Placement(0, reused_tokens=192)


def test_what_other_slots_hold_too_is_not_lost():
    """Of two equal contents one may go; of those that differ the one that is kept elsewhere."""
    system = sequence((1, 640))
    slots = [slot(0, sequence((2, 640))), slot(1, system), slot(2, sequence((1, 640), (3, 640)))]
    assert chosen(sequence((4, 640)), slots).slot == 1


def test_what_is_on_the_disk_costs_only_its_reading():
    """A content with a copy goes before one without, even if it was used later."""
    ours, copied = sequence((1, 900)), sequence((2, 900))
    slots = [slot(0, ours, idle_s=100), slot(1, copied, idle_s=5, on_disk=Match(stored(copied), 900))]
    assert chosen(sequence((3, 900)), slots) == Placement(1, reused_tokens=0)


def test_the_unsaved_rest_of_a_content_counts():
    """A copy of its beginning does not give back what came after."""
    long, copied = sequence((1, 900), (2, 900)), sequence((3, 900))
    beginning = Match(stored(sequence((1, 900))), 900)
    slots = [
        slot(0, long, is_savable=False, on_disk=beginning),
        slot(1, copied, is_savable=False, on_disk=Match(stored(copied), 900)),
    ]
    assert chosen(sequence((4, 900)), slots).slot == 1


def test_a_long_content_is_saved_before_it_is_lost():
    """Writing it is faster than computing it again."""
    assert chosen(sequence((1, 640)), [slot(0, sequence((2, 1024)))]).save_first


@pytest.mark.parametrize(
    "kept",
    [
        slot(0, sequence((2, 1023))),
        slot(0, sequence((2, 2048)), is_savable=False),
        slot(0, sequence((2, 2048)), idle_s=599),
        slot(0, sequence((2, 2048)), on_disk=Match(stored(sequence((2, 2048))), 2048)),
        slot(0, sequence((1, 640), (2, 10))),
    ],
    ids=["short", "not wanted on disk", "hardly wanted again", "there already", "continued"],
)
def test_what_is_not_worth_it_is_not_saved(kept: FreeSlot):
    """It is dropped, or was never in danger."""
    assert not chosen(sequence((1, 700)), [kept]).save_first


def test_a_file_is_read_where_that_is_faster_than_computing():
    """The hit ends on a boundary of chunks as any other."""
    entry = stored(sequence((1, 1000)))
    placement = chosen(sequence((1, 1000), (2, 10)), [FreeSlot(0)], Match(entry, 1000))
    assert placement == Placement(0, reused_tokens=960, from_disk=entry)


def test_no_file_is_read_where_computing_is_faster():
    """A file may hold so much more that its reading takes longer."""
    entry = stored(sequence((1, 1000)), num_bytes=10_000_000)
    assert chosen(sequence((1, 1000), (2, 10)), [FreeSlot(0)], Match(entry, 1000)) == Placement(0, reused_tokens=0)


def test_a_shorter_match_in_a_smaller_file_may_be_faster():
    """What counts is reading and computing together."""
    long, short = stored(sequence((1, 1000), (3, 9000)), 9_000_000), stored(sequence((1, 900)), 90_000)
    matches = Match(long, 1000), Match(short, 900)
    placement = chosen(sequence((1, 1000), (2, 10)), [FreeSlot(0)], *matches)
    assert placement == Placement(0, reused_tokens=896, from_disk=short)


def test_a_slot_that_holds_as_much_is_taken_before_a_file():
    """Nothing has to be read."""
    held = sequence((1, 1000))
    slots = [FreeSlot(0), slot(1, held)]
    assert chosen(sequence((1, 1000), (2, 10)), slots, Match(stored(held), 1000)) == Placement(1, reused_tokens=960)


def test_a_file_of_another_organisation_is_never_read():
    """Even if whoever asks hands it in."""
    held = sequence((1, 1000))
    assert chosen(held, [FreeSlot(0)], Match(stored(held, key=THEIRS), 1000)) == Placement(0, reused_tokens=0)


def test_the_same_prompt_cache_key_decides_between_equals():
    """It goes before an empty slot, but only within the organisation."""
    wanted, held = sequence((1, 640)), sequence((2, 10))
    same, foreign = slot(1, held, cache_key="thread"), slot(2, held, cache_key="thread", key=THEIRS)
    assert chosen(wanted, [FreeSlot(0), same, foreign], cache_key="thread").slot == 1
    assert chosen(wanted, [FreeSlot(0), foreign], cache_key="thread").slot == 0
    assert chosen(wanted, [FreeSlot(0), slot(1, held)]).slot == 0


def test_an_empty_slot_is_taken_before_the_least_recently_used():
    """Between equals nothing is lost, and then as little as can be."""
    wanted, little = sequence((1, 640)), sequence((2, 10))
    slots = [slot(0, little, idle_s=10), slot(1, little, idle_s=50), FreeSlot(2)]
    assert chosen(wanted, slots).slot == 2
    assert chosen(wanted, slots[:2]).slot == 1


def test_a_reserved_slot_is_the_last_to_be_taken():
    """It is taken only where the other conversation has no other left."""
    held = sequence((1, 640))
    kept, full = slot(0, held, is_reserved=True), slot(1, sequence((2, 1000)))
    assert chosen(held, [kept, full]).slot == 1
    assert chosen(held, [kept]).slot == 0


@pytest.mark.parametrize("name", ["prefill_tokens_per_s", "restore_bytes_per_s", "save_bytes_per_s"])
def test_speeds_are_above_zero(name: str):
    """Nothing is measured to take for ever."""
    with pytest.raises(ValueError, match="above zero"):
        replace(SPEEDS, **{name: 0})
