"""What every recogniser does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio
from tests.contract.engines import speech_subjects
from tests.contract.engines.speech_subjects import Ears
from tests.fixtures.word_errors import word_error_rate

from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.work import RECOGNITION_RATE_HZ

SUBJECTS = {
    "scripted": speech_subjects.scripted_ears,
    "remote": speech_subjects.remote_ears,
    "whisper": speech_subjects.whisper,
}
TEXT = "Could you explain how a refrigerator works in simple words?"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(params=SUBJECTS, scope="module", loop_scope="module")
async def ears(request: pytest.FixtureRequest) -> AsyncIterator[Ears]:
    """One recogniser."""
    async with SUBJECTS[request.param]() as one:
        yield one


async def heard(ears: Ears, samples: bytes, **options: object) -> list[RecognitionFact]:
    """All that is told of a work."""
    return [fact async for fact in ears.recognise(samples, **options)]


def text_of(facts: list[RecognitionFact]) -> str:
    """The words of all segments."""
    return "".join(fact.text for fact in facts if isinstance(fact, SegmentHeard))


@pytest.mark.parametrize("is_urgent", [True, False])
async def test_what_is_said_is_heard_and_the_end_is_told_last(ears: Ears, is_urgent: bool):
    """Once, with the language."""
    facts = await heard(ears, await ears.say(TEXT), is_urgent=is_urgent, language="en")
    assert word_error_rate(TEXT, text_of(facts)) < 0.25
    assert [isinstance(fact, RecognitionEnded) for fact in facts] == [False] * (len(facts) - 1) + [True]
    assert facts[-1] == RecognitionEnded("en", facts[-1].num_tokens)


async def test_a_language_that_nobody_named_is_found_out(ears: Ears):
    """English, here."""
    *_, end = await heard(ears, await ears.say(TEXT))
    assert isinstance(end, RecognitionEnded)
    assert end.language == "en"


async def test_segments_follow_one_another_within_the_audio(ears: Ears):
    """Also where there is a second of silence between them."""
    samples = await ears.say(TEXT) + bytes(2 * RECOGNITION_RATE_HZ) + await ears.say("Yes, please.")
    facts = await heard(ears, samples)
    times = [time for fact in facts if isinstance(fact, SegmentHeard) for time in (fact.start_ms, fact.end_ms)]
    assert times
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= len(samples) / 2 * 1000 / RECOGNITION_RATE_HZ + 1


async def test_words_have_times_where_they_are_asked_for(ears: Ears):
    """Joined they are the segment's text, and they follow one another."""
    facts = await heard(ears, await ears.say(TEXT), wants_words=True)
    segments = [fact for fact in facts if isinstance(fact, SegmentHeard)]
    assert ears.engine.profile.times_words
    for segment in segments:
        assert "".join(word.text for word in segment.words) == segment.text
    times = [time for segment in segments for word in segment.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert len(times) >= 2 * 9


async def test_silence_has_no_words(ears: Ears):
    """And the end is told of it, too."""
    assert await heard(ears, bytes(2 * RECOGNITION_RATE_HZ)) == [RecognitionEnded("en", 0)]


async def test_works_at_once_do_not_mix(ears: Ears):
    """Each hears its own audio."""
    texts = ["What time is it in Berlin?", "How many planets are there in the solar system?"]
    audio = [await ears.say(text) for text in texts]
    found = await asyncio.gather(*(heard(ears, samples) for samples in audio))
    for text, facts in zip(texts, found, strict=True):
        assert word_error_rate(text, text_of(facts)) < 0.25


async def test_closing_the_facts_ends_the_work(ears: Ears):
    """The next work is done as if there had been none."""
    samples = await ears.say(TEXT)
    async with aclosing(ears.recognise(samples, is_urgent=False)) as facts:
        await anext(facts)
    assert word_error_rate(TEXT, text_of(await heard(ears, samples))) < 0.25
