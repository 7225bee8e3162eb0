"""Whisper tiny.en on what Piper speaks: words, times, silence, several works at once, and a process that is killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing

import numpy as np
import pytest
import soxr
from tests.fixtures.weights import weights_of
from tests.fixtures.word_errors import mean_word_error_rate, word_error_rate

from antiphon.catalogue.reading import shipped_catalogue
from antiphon.engines.speech.recogniser import MAX_AUDIO_S, WhisperRecogniser
from antiphon.engines.speech.recognisers import WhisperFleet
from antiphon.engines.speech.synthesiser import PiperSynthesiser
from antiphon.errors import EngineFailed, InvalidRequest
from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.voices import Voice
from antiphon.speech.work import RECOGNITION_RATE_HZ, RecognitionWork, SpeechWork

MODEL = "whisper-tiny.en"
PIPER = "piper-en-us-joe-medium"
SENTENCES = (
    "Yes, please.",
    "What time is it in Berlin?",
    "How many planets are there in the solar system?",
    "My order number is twenty three thousand and forty five.",
    "Could you explain how a refrigerator works in simple words?",
    "Remind me to call my mother tomorrow morning, and then to buy milk on the way home.",
)
QUESTION = "What time is it in Berlin?"
PAUSE = bytes(RECOGNITION_RATE_HZ)  # half a second


@pytest.fixture(scope="module")
def spoken() -> dict[str, bytes]:
    """The sentences as samples, spoken once for all tests."""
    _, weights = weights_of(PIPER)

    async def speak_all() -> dict[str, bytes]:
        piper = PiperSynthesiser.of_model(PIPER, weights.path, digest=weights.sha256, num_threads=1)
        try:
            return {text: await speak(piper, text) for text in SENTENCES}
        finally:
            await piper.link.drain(0)

    async def speak(piper: PiperSynthesiser, text: str) -> bytes:
        work = SpeechWork(id="s", organization="o", voice=Voice("joe", PIPER), text=text)
        samples = b"".join([fact.samples async for fact in piper.speak(work)])
        heard = soxr.resample(np.frombuffer(samples, dtype="<i2"), piper.profile.rate_hz, RECOGNITION_RATE_HZ)
        return heard.astype("<i2").tobytes()

    return asyncio.run(speak_all())


@pytest.fixture
async def fleet() -> AsyncIterator[WhisperFleet]:
    """The recognisers whose weights are here."""
    one = WhisperFleet(lambda entry: weights_of(entry.name)[1], num_threads=2, max_works=32)
    yield one
    await one.drain(0)


@pytest.fixture
def recogniser(fleet: WhisperFleet) -> WhisperRecogniser:
    """The small one."""
    one = fleet.recogniser(shipped_catalogue().entry(MODEL))
    assert one is not None
    return one


def work_of(samples: bytes, *, is_urgent: bool = True, **options: object) -> RecognitionWork:
    """A work that a spoken turn waits for."""
    return RecognitionWork(id="w", organization="o", model=MODEL, samples=samples, is_urgent=is_urgent, **options)


async def facts_of(recogniser: WhisperRecogniser, work: RecognitionWork) -> list[RecognitionFact]:
    """All that is told of a work."""
    return [fact async for fact in recogniser.recognise(work)]


def text_of(facts: list[RecognitionFact]) -> str:
    """The words of all segments."""
    return "".join(fact.text for fact in facts if isinstance(fact, SegmentHeard))


def assert_question(facts: list[RecognitionFact]) -> None:
    """That the question was heard, but for one word: the voice is never the same twice."""
    assert word_error_rate(QUESTION, text_of(facts)) < 0.2, facts


async def test_short_utterances_are_understood(recogniser: WhisperRecogniser, spoken: dict[str, bytes]):
    """Hardly a word is wrong, in a window of 10 s, and the end is told last."""
    pairs: list[tuple[str, str]] = []
    for text, samples in spoken.items():
        facts = await facts_of(recogniser, work_of(samples, language="en"))
        assert isinstance(facts[-1], RecognitionEnded)
        assert facts[-1].language == "en"
        pairs.append((text, text_of(facts)))
    assert mean_word_error_rate(pairs) < 0.15, pairs


async def test_words_have_times_in_their_order(recogniser: WhisperRecogniser, spoken: dict[str, bytes]):
    """Joined they are the text, and the last ends with the audio."""
    samples = spoken[SENTENCES[-1]]
    (segment, _) = await facts_of(recogniser, work_of(samples, wants_words=True))
    assert isinstance(segment, SegmentHeard)
    assert "".join(word.text for word in segment.words) == segment.text
    times = [time for word in segment.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    length_ms = len(samples) / 32
    assert length_ms - 400 < times[-1] <= length_ms


async def test_words_stand_where_they_were_spoken(recogniser: WhisperRecogniser, spoken: dict[str, bytes]):
    """After three seconds of silence the first word begins three seconds later."""
    samples = spoken[QUESTION]
    late = bytes(3 * 2 * RECOGNITION_RATE_HZ) + samples
    (segment, _) = await facts_of(recogniser, work_of(late, wants_words=True))
    assert isinstance(segment, SegmentHeard)
    *_, last = segment.words
    assert 3_000 + len(samples) / 32 - 700 < last.start_ms < last.end_ms <= len(late) / 32


async def test_long_audio_is_heard_in_pieces(recogniser: WhisperRecogniser, spoken: dict[str, bytes]):
    """Segments of a minute have times from its beginning to its end, and no sentence is lost between pieces."""
    once = b"".join(samples + PAUSE for samples in spoken.values())
    times_over = 60 * 2 * RECOGNITION_RATE_HZ // len(once) + 1
    facts = await facts_of(recogniser, work_of(once * times_over, is_urgent=False))
    segments = [fact for fact in facts if isinstance(fact, SegmentHeard)]
    assert word_error_rate(" ".join(SENTENCES * times_over), text_of(facts)) < 0.15
    times = [time for segment in segments for time in (segment.start_ms, segment.end_ms)]
    assert times == sorted(times)
    assert len(once) * times_over / 32 - 2_000 < times[-1] <= len(once) * times_over / 32


@pytest.mark.parametrize("is_urgent", [True, False])
@pytest.mark.parametrize("sound", ["nothing", "silence", "noise", "hum", "clicks"])
async def test_nothing_is_heard_where_nobody_speaks(recogniser: WhisperRecogniser, sound: str, is_urgent: bool):
    """The model would thank us for watching."""
    rng, num_samples = np.random.default_rng(1), 3 * RECOGNITION_RATE_HZ
    samples = {
        "nothing": np.zeros(0),
        "silence": np.zeros(num_samples),
        "noise": rng.normal(0, 300, num_samples),
        "hum": 2000 * np.sin(2 * np.pi * 120 * np.arange(num_samples) / RECOGNITION_RATE_HZ),
        "clicks": (rng.random(num_samples) < 0.0005) * 8000,
    }[sound]
    facts = await facts_of(recogniser, work_of(samples.astype("<i2").tobytes(), is_urgent=is_urgent))
    assert facts == [RecognitionEnded("en", 0)]


async def test_clicks_are_no_words_to_the_larger_model(fleet: WhisperFleet):
    """It would count them, on and on."""
    base = fleet.recogniser(shipped_catalogue().entry("whisper-base"))
    assert base is not None
    rng = np.random.default_rng(1)
    clicks = (rng.random(3 * RECOGNITION_RATE_HZ) < 0.0005) * 8000
    work = work_of(clicks.astype("<i2").tobytes(), is_urgent=False)
    assert await facts_of(base, work) == [RecognitionEnded("en", 0)]


async def test_a_prompt_teaches_a_spelling(recogniser: WhisperRecogniser, spoken: dict[str, bytes]):
    """What may have gone before decides between ways to write the same sounds."""
    samples = spoken["My order number is twenty three thousand and forty five."]
    spelt = "My order number is twenty three thousand and forty four. My order number is"
    plain = text_of(await facts_of(recogniser, work_of(samples)))
    taught = text_of(await facts_of(recogniser, work_of(samples, prompt=spelt)))
    assert any(letter.isdigit() for letter in plain)
    assert not any(letter.isdigit() for letter in taught)


async def test_a_language_that_the_model_lacks_is_refused(recogniser: WhisperRecogniser, spoken: dict[str, bytes]):
    """In words; so is a translation by a model of one language."""
    with pytest.raises(InvalidRequest, match="does not know the language 'de'"):
        await facts_of(recogniser, work_of(spoken[QUESTION], language="de"))
    with pytest.raises(InvalidRequest, match="translates nothing"):
        await facts_of(recogniser, work_of(spoken[QUESTION], task="translate"))


async def test_audio_of_more_than_two_hours_is_refused(recogniser: WhisperRecogniser):
    """Before it goes anywhere."""
    with pytest.raises(InvalidRequest, match="split it"):
        await facts_of(recogniser, work_of(bytes((MAX_AUDIO_S + 1) * 2 * RECOGNITION_RATE_HZ)))


async def test_an_urgent_work_does_not_wait_for_a_long_one(
    recogniser: WhisperRecogniser, fleet: WhisperFleet, spoken: dict[str, bytes]
):
    """It is done in another process, before the minutes that began earlier are."""
    long = b"".join(spoken.values()) * 12
    async with aclosing(recogniser.recognise(work_of(long, is_urgent=False))) as patient:
        assert isinstance(await anext(patient), SegmentHeard)
        assert_question(await facts_of(recogniser, work_of(spoken[QUESTION])))
        assert isinstance(await anext(patient), SegmentHeard)
    assert [urgency for _, urgency, _ in fleet.processes.links()] == ["interactive", "spoken"]


async def test_a_recogniser_that_is_killed_in_mid_work_fails_it_and_comes_back(
    recogniser: WhisperRecogniser, fleet: WhisperFleet, spoken: dict[str, bytes]
):
    """One error for the work that had begun to tell, and words for the next."""
    long = b"".join(spoken.values()) * 12
    async with aclosing(recogniser.recognise(work_of(long, is_urgent=False))) as facts:
        await anext(facts)
        ((_, _, link),) = fleet.processes.links()
        pid = link.supervisor.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineFailed, match="ended while it worked"):
            async for _ in facts:
                pass
    assert_question(await facts_of(recogniser, work_of(spoken[QUESTION], is_urgent=False)))
