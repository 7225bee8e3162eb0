"""Whether a voice over our own audio is only 'mm-hm', 'uh-huh', 'yeah' or 'yep': what listeners say to be told more.

The first 288 ms must decide, before such a word is over, so length says nothing yet and the sound has to: a hum without
high pitches that dips in its middle, a 'y' that opens into one vowel. The sound is put as the power in bands of pitch,
frame by frame, relative to the loudest moment, and how much each band changes; two layers of weights, fitted by
`bench/turns/fit.py`, weigh it.
"""

from base64 import b85decode
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from antiphon.realtime.turns.backchannel_weights import NUM_HIDDEN, THRESHOLD, WEIGHTS
from antiphon.realtime.turns.frames import NUM_BANDS, NUM_SLICES, HeardFrame

# A frame more would be too late for an interruption that must be heard within 300 ms.
NUM_FRAMES = 9
NUM_FEATURES = NUM_FRAMES * NUM_BANDS + NUM_BANDS

# What lies further below the loudest moment is the room.
_RANGE_DB = 45.0
_SCALE_DB = 10.0

Features = npt.NDArray[np.float64]


def is_backchannel(heard: Sequence[HeardFrame]) -> bool:
    """Return whether a voice that begins in the first of `NUM_FRAMES` frames most likely only asks for more."""
    into_hidden, hidden_bias, out, out_bias = _layers()
    hidden = np.tanh(features([frame.bands_db for frame in heard]) @ into_hidden + hidden_bias)
    return float(hidden @ out + out_bias) > THRESHOLD


def features(bands_db: Sequence[Sequence[float]]) -> Features:
    """Return what the weights weigh: `NUM_FEATURES` numbers of the bands of `NUM_FRAMES` frames."""
    slices = np.asarray(bands_db, dtype=np.float64).reshape(NUM_FRAMES * NUM_SLICES, NUM_BANDS)
    loudest_db = 10 * np.log10(np.max(np.sum(10 ** (slices / 10), axis=1)))
    relative = np.clip((slices - loudest_db) / _SCALE_DB, -_RANGE_DB / _SCALE_DB, 0)
    framewise = relative.reshape(NUM_FRAMES, NUM_SLICES, NUM_BANDS).mean(axis=1)
    restlessness = np.abs(np.diff(relative, axis=0)).mean(axis=0)
    return np.concatenate([framewise.ravel(), restlessness])


@lru_cache(maxsize=1)
def _layers() -> tuple[Features, Features, Features, float]:
    flat = np.frombuffer(b85decode("".join(WEIGHTS.split())), dtype="<f2").astype(np.float64)
    first = NUM_FEATURES * NUM_HIDDEN
    into_hidden = flat[:first].reshape(NUM_FEATURES, NUM_HIDDEN)
    return into_hidden, flat[first : first + NUM_HIDDEN], flat[first + NUM_HIDDEN : -1], float(flat[-1])
