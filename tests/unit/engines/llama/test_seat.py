"""A seat gives its slot back, whatever comes of the account of it."""

import pytest

from antiphon.engines.llama.seat import Seat
from antiphon.engines.supervisor.slots import Slots
from antiphon.prefix.sequence import TokenSequence


async def test_a_slot_is_free_again_where_its_account_fails():
    """Nobody waits for ever for what went wrong in a few figures."""
    slots = Slots(1, max_waiting=0)

    def settle(_: TokenSequence | None) -> int:
        raise ValueError("no account")

    seat = Seat(await slots.take(), follows=False, settle=settle)
    with pytest.raises(ValueError, match="no account"):
        seat.release()
    assert slots.num_busy == 0


async def test_what_was_not_computed_is_not_claimed():
    """Of a second prompt the slot keeps what both begin with, once that is computed."""
    told = list[int | None]()

    def settle(prompt: TokenSequence | None) -> int:
        told.append(None if prompt is None else prompt.num_tokens)
        return 0

    slots = Slots(2, max_waiting=0)
    for is_answered in (False, True):
        seat = Seat(await slots.take(), follows=False, settle=settle)
        seat.computes(TokenSequence([1, 2, 3, 4]))
        seat.note_answered(0)
        seat.computes(TokenSequence([1, 2, 3, 5, 6]))
        if is_answered:
            seat.note_computed()
        seat.release()
    assert told == [None, 3]
