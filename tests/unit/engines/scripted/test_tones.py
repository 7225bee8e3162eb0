"""Text that becomes tones and comes back."""

import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.tone_speech import heard, spoken

from antiphon.audio.formats import AudioFormat, Samples
from antiphon.audio.resampling import Resampler
from antiphon.engines.scripted.tones import MS_PER_BYTE, SHORTEST_MS_PER_BYTE, heard_texts, text_of_tones, tones_of

EVERYTHING = '{"script": [{"say": "Größe, 握草 — 0123456789"}]}\n' + "".join(chr(code) for code in range(32, 127))
RATES_HZ = (8000, 16_000, 24_000, 44_100, 48_000)


def resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Return the samples at another rate."""
    resampler = Resampler(from_hz, to_hz)
    return np.concatenate([resampler.feed(samples), resampler.finish()])


@pytest.mark.parametrize("ms_per_byte", [SHORTEST_MS_PER_BYTE, MS_PER_BYTE, 100.0])
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_text_comes_back_at_any_rate_and_speed(rate_hz: int, ms_per_byte: float):
    assert text_of_tones(tones_of(EVERYTHING, rate_hz, ms_per_byte), rate_hz) == EVERYTHING


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("ms_per_byte", [SHORTEST_MS_PER_BYTE, MS_PER_BYTE, 100.0])
def test_a_text_comes_back_from_every_format_of_realtime(audio_format: AudioFormat, ms_per_byte: float):
    assert heard(spoken(EVERYTHING, audio_format, ms_per_byte=ms_per_byte), audio_format) == EVERYTHING


def test_a_text_comes_back_through_a_telephone_to_a_recogniser():
    """From 24 kHz to G.711 at 8 kHz, and from there to 16 kHz."""
    narrow = AudioFormat.MULAW.decode(spoken(EVERYTHING, AudioFormat.MULAW))
    assert text_of_tones(resampled(narrow, 8000, 16_000), 16_000) == EVERYTHING


@settings(deadline=None)
@given(st.text(max_size=40), st.integers(0, 700), st.integers(0, 700))
def test_any_text_comes_back_from_among_silence(text: str, num_before: int, num_after: int):
    silences = [np.zeros(number, dtype=np.int16) for number in (num_before, num_after)]
    samples = np.concatenate([silences[0], tones_of(text, 16_000), silences[1]])
    assert text_of_tones(samples, 16_000) == text


@settings(deadline=None)
@given(st.integers(0, 8000))
def test_of_a_text_that_is_cut_the_whole_characters_are_heard(cut: int):
    text = "hello there Größe 握草"
    samples = tones_of(text, 16_000)
    assert text.startswith(text_of_tones(samples[:cut], 16_000))
    assert text.endswith(text_of_tones(samples[cut:], 16_000))


def test_noise_ten_decibels_below_does_not_change_a_text():
    samples = tones_of(EVERYTHING, 16_000).astype(np.float64)
    noise = np.random.default_rng(7).normal(0, np.sqrt((samples**2).mean() / 10), len(samples))
    assert text_of_tones((samples + noise).astype(np.int16), 16_000) == EVERYTHING


def test_a_quiet_text_is_heard_too():
    assert text_of_tones((tones_of(EVERYTHING, 16_000) * 0.1).astype(np.int16), 16_000) == EVERYTHING


def voices() -> dict[str, Samples]:
    """Return sounds that say nothing in tones."""
    seconds = np.arange(48_000) / 16_000
    harmonics = [np.sin(2 * np.pi * 120 * n * seconds * (1 + 0.02 * np.sin(5 * seconds))) / n for n in range(1, 20)]
    return {
        "nothing": np.zeros(0, dtype=np.int16),
        "three samples": np.ones(3, dtype=np.int16),
        "silence": np.zeros(16_000, dtype=np.int16),
        "noise": np.random.default_rng(7).normal(0, 3000, 48_000).astype(np.int16),
        "a voice": (3000 * np.sum(harmonics, axis=0)).astype(np.int16),
        "a whistle": (8000 * np.sin(2 * np.pi * 800 * seconds)).astype(np.int16),
    }


@pytest.mark.parametrize("name", voices())
def test_other_sounds_say_nothing(name: str):
    assert text_of_tones(voices()[name], 16_000) == ""


def test_a_silence_divides_two_texts_which_have_times_of_their_own():
    gap = np.zeros(8000, dtype=np.int16)
    samples = np.concatenate([gap, tones_of("one two ", 16_000), gap, tones_of("three", 16_000)])
    first, second = heard_texts(samples, 16_000)
    assert (first.text, second.text) == ("one two ", "three")
    assert (first.start_ms, first.byte_ends_ms[-1]) == pytest.approx((500, 700), abs=5)
    assert (second.start_ms, second.byte_ends_ms[-1]) == pytest.approx((1200, 1325), abs=5)


def test_no_text_is_faster_than_can_be_understood():
    assert len(tones_of("abc", 16_000, 1.0)) == len(tones_of("abc", 16_000, SHORTEST_MS_PER_BYTE))


def test_the_voice_in_the_documentation_is_this_one():
    """A reader in another language has that page to go by."""
    page = (Path(__file__).parents[4] / "docs" / "scripted-model.md").read_text()
    (program,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def tones(" in block]
    defined: dict[str, Any] = {}
    exec(program, defined)
    told = np.frombuffer(defined["tones"](EVERYTHING, 16_000), dtype="<i2").astype(np.int64)
    assert np.abs(told - tones_of(EVERYTHING, 16_000)).max() <= 1


def test_a_long_recording_is_listened_to_in_bounded_memory():
    """All of its windows at once would be twenty times its size."""
    noise = np.random.default_rng(1).integers(-9000, 9000, 120 * 8000).astype(np.int16)
    tracemalloc.start()
    try:
        assert heard_texts(noise, 8000) == []
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
