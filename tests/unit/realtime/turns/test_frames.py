"""What is heard in one frame."""

import numpy as np
import pytest

from antiphon.realtime.turns.frames import FRAME_SAMPLES, NUM_BANDS, NUM_SLICES, RATE_HZ, hear


def tone(hz: float, dbfs: float) -> np.ndarray:
    """A sine of a root mean square."""
    at = np.arange(FRAME_SAMPLES) / RATE_HZ
    return (32768 * 10 ** (dbfs / 20) * np.sqrt(2) * np.sin(2 * np.pi * hz * at)).astype(np.int16)


@pytest.mark.parametrize(("hz", "band"), [(150, 0), (440, 2), (1_100, 5), (3_000, 9)])
def test_a_tone_is_in_its_band(hz: float, band: int):
    """Its level is the frame's, and the loudest band is the one that holds it."""
    heard = hear(tone(hz, -20.0))
    slices = np.reshape(heard.bands_db, (NUM_SLICES, NUM_BANDS))
    assert heard.level_dbfs == pytest.approx(-20.0, abs=0.2)
    assert list(slices.argmax(axis=1)) == [band] * NUM_SLICES
    assert slices.max() == pytest.approx(-20.0, abs=2.0)


def test_silence_has_a_floor():
    """There is no logarithm of nothing."""
    heard = hear(np.zeros(FRAME_SAMPLES, dtype=np.int16))
    assert set(heard.bands_db) == {-100.0}


def test_a_sound_in_the_second_half_is_in_the_second_slice():
    """The closure of a plosive shows."""
    samples = tone(440, -20.0)
    samples[: FRAME_SAMPLES // 2] = 0
    first, second = np.reshape(hear(samples).bands_db, (NUM_SLICES, NUM_BANDS))
    assert second.max() - first.max() > 60
