"""A low cut: takes out what lies below a voice, such as mains hum, wind, steps and the rumble of a table.

A Butterworth filter of fourth order, whose halves are biquads (R. Bristow-Johnson, Audio EQ Cookbook). It is run as a
convolution with its impulse response, which is over after one block, block by block in the manner of overlap and add.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt

from antiphon.audio.formats import Samples

BLOCK_SAMPLES = 512
# Of the two halves; together they are maximally flat.
_QUALITIES = (0.541196, 1.306563)

_Spectrum = npt.NDArray[np.complex64]


class LowCut:
    """Filters one stream in blocks; its state is what the last block still sounds on."""

    def __init__(self, cutoff_hz: int, rate_hz: int) -> None:
        self._response = _response(cutoff_hz, rate_hz)
        self._tail = np.zeros(BLOCK_SAMPLES, dtype=np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Return as many samples, filtered; they must be whole blocks of `BLOCK_SAMPLES`."""
        blocks = np.fft.rfft(samples.astype(np.float32).reshape(-1, BLOCK_SAMPLES), n=2 * BLOCK_SAMPLES, axis=1)
        sounding = np.fft.irfft(blocks * self._response, axis=1)
        heads, tails = sounding[:, :BLOCK_SAMPLES], sounding[:, BLOCK_SAMPLES:]
        heads[0] += self._tail
        heads[1:] += tails[:-1]
        self._tail = tails[-1].copy()
        return np.clip(np.rint(heads.ravel()), -32768, 32767).astype(np.int16)


def without_rumble(pieces: Iterable[Samples], cutoff_hz: int, rate_hz: int) -> Iterator[Samples]:
    """Give a recording, which comes in pieces of any length, filtered and as long as it was."""
    low_cut, rest = LowCut(cutoff_hz, rate_hz), np.zeros(0, dtype=np.int16)
    for piece in pieces:
        rest = np.concatenate((rest, piece))
        num_whole = len(rest) - len(rest) % BLOCK_SAMPLES
        if num_whole:
            yield low_cut.feed(rest[:num_whole])
        rest = rest[num_whole:]
    if len(rest):
        yield low_cut.feed(np.pad(rest, (0, BLOCK_SAMPLES - len(rest))))[: len(rest)]


@lru_cache
def _response(cutoff_hz: int, rate_hz: int) -> _Spectrum:
    sounds = [1.0, *[0.0] * (BLOCK_SAMPLES - 1)]
    for quality in _QUALITIES:
        sounds = _highpassed(sounds, 2 * pi * cutoff_hz / rate_hz, quality)
    return np.fft.rfft(sounds, n=2 * BLOCK_SAMPLES).astype(np.complex64)


def _highpassed(samples: list[float], omega: float, quality: float) -> list[float]:
    alpha, middle = sin(omega) / (2 * quality), 1 + cos(omega)
    passed = list[float]()
    x1 = x2 = y1 = y2 = 0.0
    for x in samples:
        y = (middle / 2 * x - middle * x1 + middle / 2 * x2 + 2 * cos(omega) * y1 - (1 - alpha) * y2) / (1 + alpha)
        x1, x2, y1, y2 = x, x1, y, y1
        passed.append(y)
    return passed
