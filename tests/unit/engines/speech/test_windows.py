"""How audio is cut into pieces, and how long a window each gets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.engines.speech.windows import MAX_PIECE_S, RATE_HZ, is_silent, num_heard, padded, pieces, window_samples


def loud(seconds: float) -> np.ndarray:
    """Noise that nobody takes for silence."""
    return np.random.default_rng(3).integers(-9000, 9000, round(seconds * RATE_HZ), dtype=np.int16)


@pytest.mark.parametrize(
    ("length_s", "times_longer", "window_s"),
    [(0.2, 1, 10), (9, 1, 10), (9.5, 1, 10.5), (20, 1, 21), (29, 1, 30), (29.9, 1, 30), (3, 2, 20), (3, 4, 30)],
)
def test_a_window_is_a_second_longer_than_its_piece_and_never_too_short(
    length_s: float, times_longer: int, window_s: float
):
    """Between 10 s and 30 s."""
    assert window_samples(round(length_s * RATE_HZ), times_longer=times_longer) == window_s * RATE_HZ


@given(st.integers(0, 40 * RATE_HZ), st.integers(1, 4))
def test_a_window_is_an_even_number_of_frames_and_holds_its_piece(num_samples: int, times_longer: int):
    """The encoder joins two frames of 160 samples."""
    window = window_samples(num_samples, times_longer=times_longer)
    assert window % 320 == 0
    assert window >= min(num_samples, 30 * RATE_HZ)


@settings(max_examples=25)
@given(st.floats(0, 100))
def test_pieces_are_the_audio_without_a_gap(seconds: float):
    """Each begins where the one before ended, and fits the window."""
    audio = loud(seconds)
    found = pieces(audio)
    assert np.array_equal(np.concatenate([piece for _, piece in found] or [audio]), audio)
    assert [begin for begin, _ in found] == [sum(len(p) for _, p in found[:place]) for place in range(len(found))]
    assert all(0 < len(piece) <= MAX_PIECE_S * RATE_HZ for _, piece in found)


def test_a_piece_ends_in_a_pause():
    """The quietest moment of its last part, not its end."""
    audio = loud(40)
    audio[25 * RATE_HZ : 25 * RATE_HZ + 8000] = 0
    (_, first), (begin, _) = pieces(audio)
    assert 25 * RATE_HZ <= len(first) <= 25 * RATE_HZ + 8000
    assert begin == len(first)


def test_a_quiet_room_is_silent_and_a_whisper_is_not():
    """Some hundredths of a percent of full scale are noise."""
    assert is_silent(np.zeros(0, dtype=np.int16))
    assert is_silent(np.full(1000, -15, dtype=np.int16))
    assert not is_silent(np.array([0, 0, 16], dtype=np.int16))
    assert not is_silent(np.array([-16], dtype=np.int16))


def test_samples_are_scaled_and_followed_by_silence():
    """Full scale is 1."""
    assert padded(np.array([16384, -32768], dtype=np.int16), 4).tolist() == [0.5, -1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("rest", "until_ms", "heard_s"),
    [(loud(3), 4000, 4), (loud(1), 4000, 5), (loud(3) // 10, 4000, 7), (loud(3), 200, 7), (loud(3), 7000, 7)],
    ids=["speech", "too short", "too quiet", "nothing heard", "all heard"],
)
def test_what_sounds_on_after_the_last_word_is_heard_again(rest: np.ndarray, until_ms: float, heard_s: float):
    """Where it is long and loud enough to be speech, and the model got ahead at all."""
    assert num_heard(np.concatenate([loud(4), rest]), until_ms) == heard_s * RATE_HZ
