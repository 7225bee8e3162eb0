"""Rumble is taken out, and voices are not."""

import numpy as np
import pytest

from antiphon.audio.formats import Samples
from antiphon.audio.levels import rms_dbfs
from antiphon.audio.lowcut import BLOCK_SAMPLES, LowCut, without_rumble

RATE_HZ = 16_000


def filtered(recording: Samples, cutoff_hz: int, piece: int | None = None) -> Samples:
    """Return a recording without its rumble, filtered in pieces of some length or as a whole."""
    step = piece or max(1, len(recording))
    pieces = (recording[start : start + step] for start in range(0, len(recording), step))
    return np.concatenate((recording[:0], *without_rumble(pieces, cutoff_hz, RATE_HZ)))


def tone(hz: float, num_samples: int = RATE_HZ) -> Samples:
    """Return a steady tone."""
    return (np.sin(np.arange(num_samples) * 2 * np.pi * hz / RATE_HZ) * 10_000).astype(np.int16)


@pytest.mark.parametrize(("cutoff_hz", "hz", "least_db"), [(80, 50, 15), (80, 30, 30), (120, 60, 22), (120, 50, 28)])
def test_hum_falls(cutoff_hz: int, hz: float, least_db: float):
    """By what a Butterworth filter of fourth order takes from it."""
    settled = slice(RATE_HZ // 4, None)
    fall_db = rms_dbfs(tone(hz)[settled]) - rms_dbfs(filtered(tone(hz), cutoff_hz)[settled])
    assert fall_db > least_db


@pytest.mark.parametrize("hz", [180, 220, 1000, 5000])
def test_voices_stay(hz: float):
    """From a low voice on, nothing changes by more than a decibel."""
    settled = slice(RATE_HZ // 4, None)
    cut = filtered(tone(hz), 120)
    assert abs(rms_dbfs(tone(hz)[settled]) - rms_dbfs(cut[settled])) < 1


def test_blocks_join_without_a_seam():
    """One after the other or all at once, the samples are the same."""
    noise = np.random.default_rng(1).integers(-20_000, 20_000, 9 * BLOCK_SAMPLES).astype(np.int16)
    stream = LowCut(80, RATE_HZ)
    parts = [stream.feed(noise[start : start + BLOCK_SAMPLES]) for start in range(0, len(noise), BLOCK_SAMPLES)]
    assert np.abs(np.concatenate(parts).astype(int) - filtered(noise, 80)).max() <= 1


def test_recordings_of_any_length_keep_it():
    """Nothing is added at the end, and nothing is lost."""
    for num_samples in (0, 1, BLOCK_SAMPLES, BLOCK_SAMPLES + 1):
        assert len(filtered(tone(440, num_samples), 80)) == num_samples
