"""The scripted model's ears."""

import asyncio

import numpy as np
import pytest
from tests.fixtures.tone_speech import script

from antiphon.engines.scripted.ears import ScriptedRecogniser, ScriptedTurnJudge, ScriptedVoiceActivity
from antiphon.engines.scripted.tones import tones_of
from antiphon.errors import EngineFailed, RateLimited
from antiphon.speech.facts import RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.work import RECOGNITION_RATE_HZ, RecognitionWork
from antiphon.testing.clock import FakeClock

CLOCK = FakeClock()


def pcm(text: str) -> bytes:
    """Return the text in tones."""
    return tones_of(text, RECOGNITION_RATE_HZ).tobytes()


def quiet(ms: int) -> bytes:
    """Return silence."""
    return bytes(2 * ms * RECOGNITION_RATE_HZ // 1000)


async def recognised(samples: bytes, *, clock: FakeClock = CLOCK, **options: object) -> list[RecognitionFact]:
    """Return all that is told of the audio."""
    work = RecognitionWork(id="rec_1", organization="org", model="m", samples=samples, **options)  # type: ignore[arg-type]
    return [fact async for fact in ScriptedRecogniser(sleep=clock.sleep).recognise(work)]


async def test_the_text_in_the_audio_is_told_with_its_times():
    segment, ended = await recognised(quiet(300) + pcm("Hello there."), wants_words=True)
    assert isinstance(segment, SegmentHeard)
    assert segment.text == "Hello there."
    assert [word.text for word in segment.words] == ["Hello ", "there."]
    assert (segment.start_ms, segment.end_ms) == pytest.approx((300, 600), abs=5)
    assert (segment.words[0].end_ms, segment.words[1].start_ms) == pytest.approx((425, 450), abs=5)
    assert ended == RecognitionEnded("en", 3)


async def test_a_long_recording_is_heard_too():
    """The event loop goes on meanwhile."""
    listening = asyncio.create_task(recognised(quiet(61_000) + pcm("Hello there.")))
    num_turns = 0
    while not listening.done():
        await asyncio.sleep(0)
        num_turns += 1
    segment, _ = await listening
    assert isinstance(segment, SegmentHeard)
    assert (segment.text, num_turns > 10) == ("Hello there.", True)


async def test_what_a_pause_divides_is_told_in_two_pieces():
    first, second, _ = await recognised(pcm("Well, ") + quiet(400) + pcm("yes."))
    assert [one.text for one in (first, second) if isinstance(one, SegmentHeard)] == ["Well, ", "yes."]


async def test_other_audio_has_no_words():
    noise = np.random.default_rng(3).normal(0, 4000, 16_000).astype("<i2").tobytes()
    for samples in (b"", quiet(500), noise):
        assert await recognised(samples, language="no") == [RecognitionEnded("no", 0)]


async def test_a_script_says_how_its_own_recognition_goes():
    clock = FakeClock()
    await recognised(pcm(script({"say": "Yes."}, hear={"wait_ms": 1500})), clock=clock)
    assert clock.slept_s == [1.5]
    with pytest.raises(RateLimited, match="Too loud"):
        await recognised(pcm(script(hear={"fail": {"status": 429, "message": "Too loud."}})))
    with pytest.raises(EngineFailed, match="gone"):
        await recognised(pcm(script(hear={"crash": "gone"})))


async def test_a_malformed_script_is_told_as_it_is():
    """The model that is asked next says what is wrong with it."""
    text = '{"script": [{"say": '
    segment, _ = await recognised(pcm(text))
    assert isinstance(segment, SegmentHeard)
    assert segment.text == text


def test_each_frame_with_a_sound_is_a_voice():
    ears = ScriptedVoiceActivity()
    frames = [quiet(64), pcm("hello"), quiet(64)]
    assert ears.judge(frames[0]) == (0.0, 0.0)
    assert set(ears.judge(frames[1][: 2 * 512 * 3])) == {1.0}
    assert ears.judge(frames[2]) == (0.0, 0.0)


def test_frames_are_counted_over_chunks_until_they_are_forgotten():
    ears = ScriptedVoiceActivity()
    assert ears.judge(bytes(1000)) == ()
    assert ears.judge(bytes(24)) == (0.0,)
    ears.judge(bytes(1000))
    ears.forget()
    assert ears.judge(bytes(24)) == ()


@pytest.mark.parametrize(
    ("text", "likelihood"),
    [("I am done.", 1.0), ("one, two,", 0.0), ("Let me see...", 0.0), ("apples and ", 0.0), ("sand", 1.0), ("", 1.0)],
)
async def test_a_speaker_is_done_unless_the_words_go_on(text: str, likelihood: float):
    assert await ScriptedTurnJudge().judge(pcm(text) + quiet(200)) == likelihood
