"""Spoken answers are remembered for their project, for their time, and no longer than there is room."""

from antiphon.callers import Caller
from antiphon.stores.spoken import SpokenAnswersInMemory
from antiphon.testing.clock import FakeClock

HERE = Caller("acme", "radio")


async def test_an_answer_is_found_until_it_expires():
    """And not a second longer."""
    clock = FakeClock(1000)
    answers = SpokenAnswersInMemory(clock)
    await answers.keep(HERE, "audio_1", "Words.", 1010)
    assert await answers.find(HERE, "audio_1") == "Words."
    clock.advance(10)
    assert await answers.find(HERE, "audio_1") is None


async def test_another_project_finds_nothing():
    """Nor another organisation with a project of that name."""
    answers = SpokenAnswersInMemory(FakeClock(0))
    await answers.keep(HERE, "audio_1", "Words.", 10)
    assert await answers.find(Caller("acme", "tv"), "audio_1") is None
    assert await answers.find(Caller("evil", "radio"), "audio_1") is None


async def test_the_oldest_go_where_there_is_no_room():
    """However many there are, memory is bounded."""
    answers = SpokenAnswersInMemory(FakeClock(0), max_chars=10)
    for number in range(4):
        await answers.keep(HERE, f"audio_{number}", "12345", 10)
    assert [await answers.find(HERE, f"audio_{number}") for number in range(4)] == [None, None, "12345", "12345"]


async def test_what_is_kept_twice_counts_once():
    """Its new words are the ones that count."""
    answers = SpokenAnswersInMemory(FakeClock(0), max_chars=10)
    for text in ("12345", "67890"):
        await answers.keep(HERE, "audio_1", text, 10)
    await answers.keep(HERE, "audio_2", "12345", 10)
    assert await answers.find(HERE, "audio_1") == "67890"
