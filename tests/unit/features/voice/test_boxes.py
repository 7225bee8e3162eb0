"""What waits on both sides of a session: its inbox and its outbox."""

import asyncio

import pytest

from antiphon.features.voice.inbox import MAX_WAITING_BYTES as INBOX_BYTES
from antiphon.features.voice.inbox import Inbox
from antiphon.features.voice.outbox import MAX_KEPT_BYTES, MAX_WAITING_BYTES, ClientStalled, Ending, Frame, Outbox
from antiphon.realtime.client_events import ClearAudio, CommitAudio


def frame(name: str, size: int = 1) -> Frame:
    return Frame(name, b"x" * size)


async def taken(outbox: Outbox, holder: object) -> str:
    got = await outbox.take(holder)
    assert isinstance(got, Frame)
    return got.event_id


async def test_happenings_are_taken_in_their_order():
    """A wake has its place among them."""
    inbox = Inbox()
    await inbox.put(CommitAudio())
    inbox.wake()
    await inbox.put(ClearAudio())
    assert [await inbox.take() for _ in range(3)] == [CommitAudio(), None, ClearAudio()]


async def test_who_brings_too_much_waits_until_there_is_room():
    """And then goes in."""
    inbox = Inbox()
    await inbox.put(CommitAudio(), INBOX_BYTES)
    waiting = asyncio.create_task(inbox.put(ClearAudio()))
    await asyncio.sleep(0)
    assert not waiting.done()
    await inbox.take()
    await waiting
    assert await inbox.take() == ClearAudio()


async def test_a_reader_waits_for_what_comes():
    """It is woken by the first."""
    inbox = Inbox()
    reader = asyncio.create_task(inbox.take())
    await asyncio.sleep(0)
    await inbox.put(CommitAudio())
    assert await reader == CommitAudio()


async def test_frames_are_taken_in_their_order_and_then_the_end():
    """Nothing is added after it."""
    outbox = Outbox(is_resumable=False)
    holder = outbox.attach()
    outbox.add([frame("a"), frame("b")])
    outbox.end(Ending(1001, "over"))
    outbox.add([frame("c")])
    assert [await taken(outbox, holder), await taken(outbox, holder)] == ["a", "b"]
    assert await outbox.take(holder) == Ending(1001, "over")


async def test_only_the_first_end_counts():
    """Whoever comes later cannot give another reason."""
    outbox = Outbox(is_resumable=False)
    outbox.end(Ending(1001, "first"))
    outbox.end(Ending(1000, "second"))
    assert outbox.ending == Ending(1001, "first")


async def test_a_full_box_makes_its_filler_wait():
    """Until a frame was taken."""
    outbox = Outbox(is_resumable=False)
    holder = outbox.attach()
    outbox.add([frame("a", MAX_WAITING_BYTES)])
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await outbox.take(holder)
    await waiting


async def test_a_client_that_takes_nothing_is_stalled():
    """The filler of a full box is told."""
    outbox = Outbox(is_resumable=False, stalled_after_s=0.01)
    outbox.attach()
    outbox.add([frame("a", MAX_WAITING_BYTES)])
    with pytest.raises(ClientStalled):
        await outbox.room()


async def test_a_session_that_can_be_resumed_waits_for_its_client():
    """Which may come back on another socket."""
    outbox = Outbox(is_resumable=True, stalled_after_s=0.01)
    outbox.attach()
    outbox.add([frame("a", MAX_WAITING_BYTES)])
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0.05)
    await outbox.take(outbox.attach())
    await waiting


async def test_a_client_that_takes_slowly_is_not_stalled():
    """Each frame that it takes gives it more time."""
    outbox = Outbox(is_resumable=False, stalled_after_s=0.2)
    holder = outbox.attach()
    outbox.add([frame(str(number), MAX_WAITING_BYTES // 4) for number in range(8)])
    waiting = asyncio.create_task(outbox.room())
    for _ in range(5):
        await asyncio.sleep(0.05)
        await outbox.take(holder)
    await waiting


async def test_a_new_holder_takes_the_place_of_the_old_one():
    """Which gets nothing any more, even where it waits already."""
    outbox = Outbox(is_resumable=True)
    old = outbox.attach()
    waiting = asyncio.create_task(outbox.take(old))
    await asyncio.sleep(0)
    new = outbox.attach()
    outbox.add([frame("a")])
    assert await waiting is None
    assert await taken(outbox, new) == "a"
    assert not outbox.detach(old)
    assert outbox.detach(new)


async def test_what_a_client_did_not_get_is_sent_again():
    """All that follows the last event that it has."""
    outbox = Outbox(is_resumable=True)
    holder = outbox.attach()
    outbox.add([frame(name) for name in "abcd"])
    for _ in range(3):
        await outbox.take(holder)
    assert outbox.rewind("a") == (3, True)
    holder = outbox.attach()
    assert [await taken(outbox, holder) for _ in range(3)] == ["b", "c", "d"]
    assert outbox.rewind("d") == (0, True)


async def test_a_client_that_missed_too_much_is_told_so():
    """What was taken long ago is not kept."""
    outbox = Outbox(is_resumable=True)
    holder = outbox.attach()
    for name in "abc":
        outbox.add([frame(name, MAX_KEPT_BYTES // 2)])
        await outbox.take(holder)
    assert outbox.rewind("a") == (0, False)
    assert outbox.rewind("b") == (1, True)


async def test_a_session_that_cannot_be_resumed_keeps_nothing():
    """It would be memory for nobody."""
    outbox = Outbox(is_resumable=False)
    holder = outbox.attach()
    outbox.add([frame("a"), frame("b")])
    await outbox.take(holder)
    assert outbox.rewind("a") == (1, False)
