"""Whether a voice over our own audio is only 'mm-hm', 'uh-huh', 'yeah' or 'yep': what listeners say to be told more.

It is decided before such a word is over, so its length says nothing yet and the sound has to: a hum without high
pitches that dips in its middle, a 'y' that opens into one vowel. The sound is put as the power in bands of pitch, frame
by frame, relative to the loudest moment, and how much each band changes. Two layers of weights, fitted by
`bench/turns/fit.py`, weigh it after each of a few numbers of frames: what cannot be a backchannel is heard at once,
what is less clear is heard a little longer.
"""

from base64 import b85decode
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from antiphon.realtime.turns.backchannel_weights import NUM_HIDDEN, THRESHOLDS, WEIGHTS
from antiphon.realtime.turns.frames import NUM_BANDS, NUM_SLICES, HeardFrame

# After so many frames it is weighed. One more would be too late for who must be heard within 300 ms, and in fewer a
# word has hardly begun.
MIN_FRAMES, MAX_FRAMES = 6, 9

# What lies further below the loudest moment is the room.
_RANGE_DB = 45.0
_SCALE_DB = 10.0

Features = npt.NDArray[np.float64]


def may_be_backchannel(heard: Sequence[HeardFrame]) -> bool:
    """Return whether a voice that begins in the first of `MIN_FRAMES` to `MAX_FRAMES` frames may only ask for more."""
    into_hidden, hidden_bias, out, out_bias = _layers(len(heard))
    hidden = np.tanh(features([frame.bands_db for frame in heard]) @ into_hidden + hidden_bias)
    return float(hidden @ out + out_bias) > THRESHOLDS[len(heard)]


def num_features(num_frames: int) -> int:
    """Return how many numbers are weighed after so many frames."""
    return num_frames * NUM_BANDS + NUM_BANDS


def features(bands_db: Sequence[Sequence[float]]) -> Features:
    """Return what the weights weigh of the bands of some frames: `num_features` numbers."""
    slices = np.asarray(bands_db, dtype=np.float64).reshape(-1, NUM_BANDS)
    loudest_db = 10 * np.log10(np.max(np.sum(10 ** (slices / 10), axis=1)))
    relative = np.clip((slices - loudest_db) / _SCALE_DB, -_RANGE_DB / _SCALE_DB, 0)
    framewise = relative.reshape(-1, NUM_SLICES, NUM_BANDS).mean(axis=1)
    restlessness = np.abs(np.diff(relative, axis=0)).mean(axis=0)
    return np.concatenate([framewise.ravel(), restlessness])


@lru_cache(maxsize=MAX_FRAMES)
def _layers(num_frames: int) -> tuple[Features, Features, Features, float]:
    flat = np.frombuffer(b85decode("".join(WEIGHTS[num_frames].split())), dtype="<f2").astype(np.float64)
    first = num_features(num_frames) * NUM_HIDDEN
    into_hidden = flat[:first].reshape(-1, NUM_HIDDEN)
    return into_hidden, flat[first : first + NUM_HIDDEN], flat[first + NUM_HIDDEN : -1], float(flat[-1])
