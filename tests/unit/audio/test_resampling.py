"""A stream at another rate: no seam, nothing lost, nothing left to chance."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.audio.formats import Samples
from antiphon.audio.resampling import Resampler

HUM: Samples = (np.sin(np.arange(24_000) * 2 * np.pi * 300 / 24_000) * 12_000).astype(np.int16)


def resampled(samples: Samples, to_hz: int, size: int = 24_000) -> Samples:
    """Return samples of 24 kHz at another rate, fed in chunks."""
    stream = Resampler(24_000, to_hz)
    chunks = [stream.feed(samples[start : start + size]) for start in range(0, len(samples), size)]
    return np.concatenate((*chunks, stream.finish()))


def test_the_same_stream_gives_the_same_samples():
    """No dither makes two runs differ."""
    assert np.array_equal(resampled(HUM, 16_000), resampled(HUM, 16_000))


@settings(max_examples=30, deadline=None)
@given(size=st.integers(40, 5000), to_hz=st.sampled_from([8_000, 16_000, 22_050]))
def test_chunks_leave_no_seam(size: int, to_hz: int):
    """In whatever chunks a stream comes, it is as long and, but for rounding, the same."""
    whole, cut = resampled(HUM, to_hz), resampled(HUM, to_hz, size)
    assert len(whole) == len(cut) == to_hz
    assert np.max(np.abs(whole.astype(int) - cut.astype(int))) <= 1


def test_the_same_rate_changes_nothing():
    """A stream that is right already goes through."""
    assert np.array_equal(resampled(HUM, 24_000), HUM)


def test_loud_samples_do_not_wrap_around():
    """What overshoots in the filter is clipped."""
    loud = np.where(np.arange(4800) % 480 < 240, 32767, -32768).astype(np.int16)
    out = resampled(loud, 16_000).astype(int)
    assert np.min(out[40:120]) > 0
