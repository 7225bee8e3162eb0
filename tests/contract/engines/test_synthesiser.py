"""What every synthesiser does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio
from tests.contract.engines import speech_subjects
from tests.contract.engines.speech_subjects import Mouth

from antiphon.speech.facts import AudioSpoken

SUBJECTS = {
    "scripted": speech_subjects.scripted_mouth,
    "remote": speech_subjects.remote_mouth,
    "piper": speech_subjects.piper,
}
TEXT = "I am in the kitchen, and it is 7 o'clock.  Are you coming?"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(params=SUBJECTS, scope="module", loop_scope="module")
async def mouth(request: pytest.FixtureRequest) -> AsyncIterator[Mouth]:
    """One synthesiser."""
    async with SUBJECTS[request.param]() as one:
        yield one


async def spoken(mouth: Mouth, text: str, **options: object) -> list[AudioSpoken]:
    """All that is told of a work."""
    return [fact async for fact in mouth.speak(text, **options)]


def length_ms(mouth: Mouth, facts: list[AudioSpoken]) -> float:
    """How long the audio is."""
    return sum(len(fact.samples) for fact in facts) / 2 * 1000 / mouth.engine.profile.rate_hz


@pytest.mark.parametrize("is_urgent", [True, False])
async def test_a_text_becomes_whole_samples_and_its_words(mouth: Mouth, is_urgent: bool):
    """Joined, the words are the text to the letter."""
    facts = await spoken(mouth, TEXT, is_urgent=is_urgent)
    assert all(len(fact.samples) % 2 == 0 for fact in facts)
    assert "".join(word.text for fact in facts for word in fact.words) == TEXT
    assert 1_000 < length_ms(mouth, facts) < 10_000


async def test_words_follow_one_another_within_the_audio(mouth: Mouth):
    """Each is told no sooner than the audio in which it ends."""
    come_ms, times = 0.0, list[float]()
    facts = await spoken(mouth, TEXT)
    for fact in facts:
        come_ms += length_ms(mouth, [fact])
        assert all(word.end_ms <= come_ms + 1 for word in fact.words)
        times += [time for word in fact.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert times[-1] > 0.7 * length_ms(mouth, facts)


async def test_twice_the_speed_takes_much_less_time(mouth: Mouth):
    """Half, but for pauses that nobody shortens."""
    slow, fast = await spoken(mouth, TEXT), await spoken(mouth, TEXT, speed=2.0)
    assert 0.35 < length_ms(mouth, fast) / length_ms(mouth, slow) < 0.75


async def test_works_at_once_do_not_mix(mouth: Mouth):
    """Each has its own words."""
    texts = ["One and two.", "What time is it in Berlin?"]
    found = await asyncio.gather(*(spoken(mouth, text) for text in texts))
    assert ["".join(word.text for fact in facts for word in fact.words) for facts in found] == texts


async def test_closing_the_facts_ends_the_work(mouth: Mouth):
    """The next work is done as if there had been none."""
    async with aclosing(mouth.speak(TEXT * 8)) as facts:
        assert (await anext(facts)).samples
    facts = await spoken(mouth, "Yes.")
    assert "".join(word.text for fact in facts for word in fact.words) == "Yes."
