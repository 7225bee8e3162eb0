"""How loud samples are: the root of their mean square, in decibels below a full-scale square wave (dBFS)."""

import numpy as np

from antiphon.audio.formats import Samples

# Below one step of 16-bit samples, so that no sound is quieter.
SILENCE_DBFS = -100.0

_FULL_SCALE = 32768.0


def rms_dbfs(samples: Samples) -> float:
    """Return the level of samples; of none, or of zeros only, it is `SILENCE_DBFS`."""
    if len(samples) == 0:
        return SILENCE_DBFS
    wide = samples.astype(np.float64)
    mean_square = float(np.dot(wide, wide)) / len(wide)
    return max(SILENCE_DBFS, 10 * float(np.log10(mean_square / _FULL_SCALE**2))) if mean_square > 0 else SILENCE_DBFS


def frame_levels(samples: Samples, rate_hz: int, frame_ms: float) -> tuple[float, ...]:
    """Return the level of each frame of `frame_ms`, in order; the last one may be shorter."""
    num_frame_samples = max(1, round(rate_hz * frame_ms / 1000))
    starts = range(0, len(samples), num_frame_samples)
    return tuple(rms_dbfs(samples[start : start + num_frame_samples]) for start in starts)
