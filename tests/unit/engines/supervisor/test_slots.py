"""How work is admitted."""

import asyncio
from collections.abc import Sequence

import pytest

from antiphon.engines.supervisor.slots import Slots
from antiphon.errors import EngineOverloaded


class Worker:
    """Takes a slot and holds it until told otherwise."""

    def __init__(self, slots: Slots) -> None:
        self.has_slot = asyncio.Event()
        self.may_go = asyncio.Event()
        self.task = asyncio.create_task(self._work(slots))

    async def _work(self, slots: Slots) -> None:
        with await slots.take():
            self.has_slot.set()
            await self.may_go.wait()

    async def leave(self) -> None:
        self.may_go.set()
        await self.task


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_work_beyond_the_slots_waits_for_its_turn():
    """Whoever came first is served first."""
    slots = Slots(1, 5)
    first, second, third = workers = [Worker(slots) for _ in range(3)]
    await settle()
    assert (slots.num_busy, slots.num_waiting) == (1, 2)
    await first.leave()
    await settle()
    assert (second.has_slot.is_set(), third.has_slot.is_set()) == (True, False)
    for worker in workers:
        await worker.leave()
    assert (slots.num_busy, slots.num_waiting) == (0, 0)


async def test_work_beyond_the_queue_is_refused_at_once():
    """The queue has an end, and the caller learns how long it is."""
    slots = Slots(1, 1)
    workers = [Worker(slots), Worker(slots)]
    await settle()
    with pytest.raises(EngineOverloaded, match="1 wait"), await slots.take():
        raise AssertionError
    for worker in workers:
        await worker.leave()


async def test_whoever_gives_up_waiting_takes_no_slot():
    """A cancelled waiter leaves the queue and the slot to others."""
    slots = Slots(1, 5)
    holder, waiter, next_one = Worker(slots), Worker(slots), Worker(slots)
    await settle()
    waiter.task.cancel()
    await settle()
    await holder.leave()
    await settle()
    assert next_one.has_slot.is_set()
    await next_one.leave()
    assert (slots.num_busy, slots.num_waiting) == (0, 0)


async def test_a_slot_is_free_again_after_an_error():
    """Work that fails gives its slot back."""
    slots = Slots(1, 0)
    with pytest.raises(ValueError, match="broken"), await slots.take():
        raise ValueError("broken")
    with await slots.take():
        assert slots.num_busy == 1


async def test_slots_in_use_have_different_numbers_and_one_given_back_is_taken_last():
    """An engine has a moment to notice that the work in it is over."""
    slots = Slots(3, 0)
    first, second = await slots.take(), await slots.take()
    assert first.number != second.number
    first.release()
    third = await slots.take()
    assert third.number not in {first.number, second.number}


async def test_giving_a_slot_back_twice_gives_back_one():
    """The end of a block does not undo an early release."""
    slots = Slots(2, 0)
    with await slots.take() as slot:
        slot.release()
        other = await slots.take()
    assert slots.num_busy == 1
    other.release()
    assert slots.num_busy == 0


async def test_idle_is_when_nobody_works_and_nobody_waits():
    """Draining waits for this."""
    slots = Slots(1, 5)
    await slots.idle()
    workers = [Worker(slots), Worker(slots)]
    await settle()
    waiting = asyncio.create_task(slots.idle())
    await workers[0].leave()
    await settle()
    assert not waiting.done()
    await workers[1].leave()
    await waiting


async def visit(slots: Slots, resident: str | None, *, begins: bool = True) -> tuple[int, bool]:
    """Take a slot and give it back; return which it was and whether it was kept for the resident."""
    with await slots.take(resident) as slot:
        if begins:
            slots.note_begun(slot.number)
        return slot.number, slot.is_kept


async def test_a_resident_comes_back_to_the_slot_that_it_had():
    """However many others have been in the others."""
    slots = Slots(2, 0)
    first, is_kept = await visit(slots, "a")
    assert not is_kept
    second, _ = await visit(slots, "b")
    assert second != first
    for _ in range(3):
        assert await visit(slots, "a") == (first, True)
        assert await visit(slots, "b") == (second, True)


async def test_a_slot_without_a_resident_goes_before_one_with_and_then_the_one_longest_unused():
    slots = Slots(3, 0)
    numbers = {name: (await visit(slots, name))[0] for name in "abc"}
    await visit(slots, "a")
    assert await visit(slots, "d") == (numbers["b"], False)
    assert await visit(slots, None) == (numbers["c"], False)
    assert await visit(slots, "e") == (numbers["c"], False)
    assert await visit(slots, "a") == (numbers["a"], True)


async def test_a_slot_that_somebody_else_has_had_is_not_kept():
    """Work without a resident counts, too."""
    slots = Slots(1, 0)
    for other in ("b", None):
        await visit(slots, "a")
        await visit(slots, other)
        assert await visit(slots, "a") == (0, False)


async def test_a_slot_is_not_kept_for_whose_work_never_began():
    """The engine still holds what was there before; and what was there is not the last resident's to use any more."""
    slots = Slots(1, 0)
    await visit(slots, "a")
    await visit(slots, "b", begins=False)
    assert await visit(slots, "b", begins=False) == (0, False)
    assert await visit(slots, "a") == (0, False)


async def test_a_kept_slot_stays_kept_where_the_next_work_does_not_begin():
    slots = Slots(1, 0)
    await visit(slots, "a")
    assert await visit(slots, "a", begins=False) == (0, True)
    assert await visit(slots, "a") == (0, True)


async def test_a_resident_whose_slot_is_busy_gets_another():
    """Two works of one conversation do not wait for one another."""
    slots = Slots(2, 0)
    await visit(slots, "a")
    with await slots.take("a") as held:
        assert held.is_kept
        number, is_kept = await visit(slots, "a")
    assert number != held.number
    assert not is_kept


async def test_a_choice_that_fails_takes_no_slot():
    """The next one finds it free."""
    slots = Slots(1, max_waiting=0)

    def choose(_: Sequence[int]) -> int:
        raise ValueError("no choice")

    with pytest.raises(ValueError, match="no choice"):
        await slots.take(choose=choose)
    await slots.idle()
    with await slots.take():
        assert slots.num_busy == 1
