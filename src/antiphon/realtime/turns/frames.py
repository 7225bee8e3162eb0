"""One frame of the user's audio as the detector wants it: how loud it is, and at which pitches."""

from functools import lru_cache
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from antiphon.audio.formats import Samples
from antiphon.audio.levels import rms_dbfs

FRAME_SAMPLES = 512
RATE_HZ = 16_000
FRAME_MS = 32.0

# Short enough for the closure of a 't' to show, long enough to part the harmonics of a low voice from its formants.
_SLICE_SAMPLES = 256
# Bands as wide as the ear's at these pitches, up to what a telephone carries.
_BAND_EDGES_HZ = (80, 220, 360, 520, 720, 960, 1260, 1640, 2120, 2720, 3600)
NUM_BANDS = len(_BAND_EDGES_HZ) - 1
NUM_SLICES = FRAME_SAMPLES // _SLICE_SAMPLES
_FULL_SCALE = 32768.0
_FLOOR_DB = -100.0


class HeardFrame(msgspec.Struct, frozen=True, gc=False):
    """The level of a frame and, slice by slice (16 ms), the power in each of `NUM_BANDS` bands, all in dBFS."""

    level_dbfs: float
    bands_db: tuple[float, ...]


def hear(samples: Samples) -> HeardFrame:
    """Return what is heard in one frame: `FRAME_SAMPLES` samples at `RATE_HZ`."""
    slices = samples.reshape(NUM_SLICES, _SLICE_SAMPLES) / _FULL_SCALE
    power = np.abs(np.fft.rfft(slices * _window(), axis=1)) ** 2
    bands = 10 * np.log10(power @ _bands() + 10 ** (_FLOOR_DB / 10))
    return HeardFrame(rms_dbfs(samples), tuple(float(band) for band in bands.ravel()))


@lru_cache(maxsize=1)
def _window() -> npt.NDArray[np.float64]:
    window = np.hanning(_SLICE_SAMPLES)
    return window / np.sqrt(np.sum(window**2) * _SLICE_SAMPLES / 2)


@lru_cache(maxsize=1)
def _bands() -> npt.NDArray[np.float64]:
    hz = np.fft.rfftfreq(_SLICE_SAMPLES, 1 / RATE_HZ)
    edges = np.asarray(_BAND_EDGES_HZ)
    return np.stack([(hz >= low) & (hz < high) for low, high in pairwise(edges)], axis=1) * 1.0
