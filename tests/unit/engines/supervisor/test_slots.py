"""How work is admitted."""

import asyncio

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
