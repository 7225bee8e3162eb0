"""How loud samples are."""

import numpy as np
import pytest

from antiphon.audio.levels import SILENCE_DBFS, frame_levels, rms_dbfs


def test_a_full_square_wave_is_at_zero():
    """It is the loudest that samples can be."""
    assert rms_dbfs(np.full(512, -32768, dtype=np.int16)) == pytest.approx(0.0)


def test_a_full_sine_is_three_decibels_below():
    """Its mean square is a half."""
    sine = 32767 * np.sin(np.arange(1_600) * 2 * np.pi / 16)
    assert rms_dbfs(sine.astype(np.int16)) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("num_samples", [0, 512])
def test_nothing_and_zeros_are_silence(num_samples: int):
    """There is no logarithm of nothing."""
    assert rms_dbfs(np.zeros(num_samples, dtype=np.int16)) == SILENCE_DBFS


def test_each_frame_has_its_level_and_the_last_may_be_short():
    """At 24 kHz, 32 ms are 768 samples."""
    samples = np.concatenate([np.full(768, 3277), np.zeros(768), np.full(100, 32767)]).astype(np.int16)
    assert frame_levels(samples, 24_000, 32.0) == pytest.approx((-20.0, SILENCE_DBFS, 0.0), abs=0.01)
