"""How much of our own audio comes back through the user's microphone, learned from levels alone.

The player's delay and the loss on the way are unknown, and steady for seconds. At the right delay the input lies below
what we play by nearly the same distance, frame after frame; at a wrong one the distance wanders. Where no delay stands
out, as with headphones, what was heard while we spoke bounds what may be heard again.
"""

from collections import deque

import numpy as np
import numpy.typing as npt

from antiphon.realtime.turns.frames import FRAME_MS

# Players hold back up to this much before they sound: network, jitter buffer and sound card.
MAX_DELAY_MS = 400.0
# A loudspeaker beside a microphone without echo cancelling; louder than that nobody could converse.
LEAST_LOSS_DB = 6.0

_NUM_DELAYS = round(MAX_DELAY_MS / FRAME_MS) + 2
# Three seconds hold enough syllables to tell the delays apart, and forget a moved loudspeaker soon.
_NUM_LEARNED = 94
# Fewer frames than this tell nothing of the loss.
_NUM_NEEDED = 32
# Weighing takes half a millisecond, and a path does not change from frame to frame.
_NUM_BETWEEN = 8
# What is this much quieter than our loudest sinks into the noise of the room, and teaches nothing.
_LOUD_DB = 18.0
# The loss at the right delay deviates by less than this, in the mean.
_STEADY_DB = 2.0
# Beyond the learned level by this much, at least, a sound may still be our echo.
_LEAST_MARGIN_DB = 4.0
# Margins in mean deviations from the learned loss.
_NUM_DEVIATIONS = 3.0
# So much of what was heard while we spoke lies below the bound, where there is no delay.
_BOUND_PERCENT = 95.0
# A living room's reverberation: 60 dB in a third of a second.
_FADE_DB = 6.0
_SILENT_DBFS = -100.0

_Levels = npt.NDArray[np.float64]


class EchoPath:
    """Told each frame what we played, then what was heard, it tells how loud our echo may be in each frame."""

    def __init__(self) -> None:
        self._played: deque[float] = deque([_SILENT_DBFS] * _NUM_DELAYS, maxlen=_NUM_DELAYS)
        self._num_silent = _NUM_DELAYS
        self._num_audible = 0
        self._frames: deque[tuple[_Levels, float]] = deque(maxlen=_NUM_LEARNED)
        self._doubtful = list[tuple[_Levels, float]]()
        self._num_unweighed = 0
        # The delay in frames, if one stands out, and how far above what we played an echo may reach, mostly below zero.
        self._delay: int | None = None
        self._reach_db = -LEAST_LOSS_DB
        self._ceiling_dbfs = _SILENT_DBFS

    def expect(self, played_dbfs: float | None) -> float | None:
        """Return the level up to which the next frame may be our echo, None where none can be in it."""
        self._played.appendleft(_SILENT_DBFS if played_dbfs is None else played_dbfs)
        self._num_silent = self._num_silent + 1 if played_dbfs is None else 0
        if self._num_silent >= _NUM_DELAYS:
            self._num_audible, self._ceiling_dbfs = 0, _SILENT_DBFS
            return None
        self._num_audible += 1
        # The player may begin each answer with a delay of its own.
        is_new = self._num_audible <= _NUM_DELAYS + _NUM_NEEDED
        delay = None if is_new else self._delay
        near = self._played if delay is None else list(self._played)[max(0, delay - 1) : delay + 2]
        self._ceiling_dbfs = max(max(near) + self._reach_db, self._ceiling_dbfs - _FADE_DB)
        return self._ceiling_dbfs

    def hear(self, heard_dbfs: float) -> None:
        """Take the level of the frame that was last expected; `learn` or `forget` says what becomes of it."""
        if self._num_audible > 0:
            self._doubtful.append((np.asarray(self._played), heard_dbfs))

    def learn(self) -> None:
        """Learn from what was heard since: the user was not in it."""
        if not self._doubtful:
            return
        self._frames.extend(self._doubtful)
        self._num_unweighed += len(self._doubtful)
        self._doubtful.clear()
        if len(self._frames) >= _NUM_NEEDED and self._num_unweighed >= _NUM_BETWEEN:
            self._num_unweighed = 0
            self._weigh()

    def fall_silent(self) -> None:
        """Expect no echo of what was played before; what is known of the way stays."""
        if self._num_silent < _NUM_DELAYS:
            self._played.extend([_SILENT_DBFS] * _NUM_DELAYS)
            self._num_silent = _NUM_DELAYS
            self._doubtful.clear()

    def forget(self) -> None:
        """Learn nothing from what was heard since: the user spoke."""
        self._doubtful.clear()

    def _weigh(self) -> None:
        played = np.stack([before for before, _ in self._frames])
        heard = np.asarray([level for _, level in self._frames])
        delay, loss_db, deviation_db = _steadiest(played, heard)
        if deviation_db <= _STEADY_DB:
            self._delay = delay
            self._reach_db = max(_LEAST_MARGIN_DB, _NUM_DEVIATIONS * deviation_db) - loss_db
        else:
            reaches = heard - played.max(axis=1)
            self._delay = None
            self._reach_db = float(np.percentile(reaches, _BOUND_PERCENT)) + _LEAST_MARGIN_DB
        self._reach_db = min(self._reach_db, 0.0)


def _steadiest(played: _Levels, heard: _Levels) -> tuple[int, float, float]:
    """Return the delay in frames at which the loss is steadiest, that loss, and its mean deviation (infinite: none)."""
    is_loud = played > max(played.max() - _LOUD_DB, _SILENT_DBFS)
    is_known = np.count_nonzero(is_loud, axis=0) >= _NUM_NEEDED
    if not is_known.any():
        return 0, 0.0, np.inf
    losses = np.where(is_loud, played - heard[:, np.newaxis], np.nan)[:, is_known]
    middles = np.nanmedian(losses, axis=0)
    deviations = np.nanmedian(np.abs(losses - middles), axis=0)
    best = int(np.argmin(deviations))
    return int(np.flatnonzero(is_known)[best]), float(middles[best]), float(deviations[best])
