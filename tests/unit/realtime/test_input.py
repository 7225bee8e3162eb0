"""The input audio buffer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scenarios.stage import sound

from antiphon.audio.formats import AudioFormat
from antiphon.realtime import input as buffer
from antiphon.realtime.config import NoiseReduction
from antiphon.realtime.input import InputAudio, heard_samples, resampled


def test_half_a_sample_waits_for_its_other_half():
    """Chunks of odd sizes lose nothing."""
    audio = InputAudio(AudioFormat.PCM16)
    assert list(audio.append(b"\x01")) == []
    assert list(audio.append(b"\x00\x02")) == [1]
    assert list(audio.append(b"\x00")) == [2]


@given(st.lists(st.binary(max_size=50), max_size=20), st.sampled_from(AudioFormat))
def test_whole_samples_come_out_in_order(chunks: list[bytes], audio_format: AudioFormat):
    """What comes out is what went in, up to half a sample."""
    audio = InputAudio(audio_format)
    samples = [sample for chunk in chunks for sample in audio.append(chunk)]
    data = b"".join(chunks)
    whole = data[: len(data) - len(data) % audio_format.sample_bytes]
    assert samples == list(audio_format.decode(whole))
    assert audio.between(0, audio.end_ms) == whole


def test_positions_count_all_that_was_ever_appended():
    """What is dropped still counts."""
    audio = InputAudio(AudioFormat.PCM16)
    audio.append(sound(500))
    audio.drop_until(320)
    assert (audio.start_ms, audio.end_ms, audio.duration_ms) == (320, 500, 180)
    assert audio.between(400, 450) == sound(500)[400 * 48 : 450 * 48]
    assert audio.between(0, 330) == sound(500)[320 * 48 : 330 * 48]


def test_another_format_keeps_what_is_in_the_buffer():
    """It is converted, and positions go on."""
    audio = InputAudio(AudioFormat.PCM16)
    audio.append(sound(500))
    audio.drop_until(100)
    audio.reformat(AudioFormat.MULAW)
    assert abs(audio.start_ms - 100) < 0.2
    assert abs(audio.end_ms - 500) < 0.2
    audio.append(sound(100, AudioFormat.MULAW))
    assert abs(audio.end_ms - 600) < 0.2
    assert len(audio.between(500, 600)) == 800


def test_recognition_has_its_own_rate():
    """16 kHz, whatever the client sends."""
    assert len(resampled(sound(1000), AudioFormat.PCM16, 16_000)) == 16_000
    assert len(resampled(sound(1000, AudioFormat.ALAW), AudioFormat.ALAW, 16_000)) == 16_000


def test_a_recording_begins_with_a_whole_sample():
    """What is cleared is cleared to the last byte, or all that follows would be noise."""
    audio = InputAudio(AudioFormat.PCM16)
    audio.append(b"\x01\x00\x02")
    audio.clear()
    assert list(audio.append(b"\x03\x00")) == [3]
    assert audio.between(0, audio.end_ms) == b"\x03\x00"


@given(
    st.integers(0, 60_000),
    st.sampled_from(AudioFormat),
    st.sampled_from([None, "near_field", "far_field"]),
    st.integers(1, 700),
)
def test_a_recording_is_heard_the_same_in_pieces_of_any_length(
    num_samples: int, audio_format: AudioFormat, noise_reduction: NoiseReduction | None, piece_ms: int
):
    """Nothing is lost between them, and no seam is heard."""
    audio = sound(num_samples * 1000 / audio_format.rate_hz, audio_format)
    whole = b"".join(heard_samples(audio, audio_format, noise_reduction))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffer, "_PIECE_MS", piece_ms)
        pieces = list(heard_samples(audio, audio_format, noise_reduction))
    assert abs(len(whole) / 32 - audio_format.ms(len(audio))) < 1
    samples, expected = (AudioFormat.PCM16.decode(data).astype(int) for data in (b"".join(pieces), whole))
    assert len(samples) == len(expected)
    assert abs(samples - expected).max(initial=0) <= 1  # by the rounding of the filter, as with other blocks of it


def test_ten_minutes_are_heard_in_pieces_of_seconds():
    """So that others can run in between."""
    pieces = list(heard_samples(bytes(600 * 48_000), AudioFormat.PCM16, "near_field"))
    assert max(map(len, pieces)) <= 11 * 32_000
