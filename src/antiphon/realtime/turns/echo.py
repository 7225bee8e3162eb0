"""How much of our own audio comes back through the user's microphone, learned from levels alone.

The player's delay and the loss on the way are unknown, and steady for seconds. At the right delay the input lies below
what we play by nearly the same distance, frame after frame; at a wrong one the distance wanders. A voice of the user's
above it spoils a minority of frames, which the median passes over.
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
# Two seconds hold enough syllables to tell the delays apart, and forget a moved loudspeaker soon.
_NUM_LEARNED = 64
# Before as many loud frames were heard, and as long after we begin anew, the delay is taken for unknown.
_NUM_NEEDED = 16
# What is this much quieter than our loudest sinks into the noise of the room, and teaches nothing.
_LOUD_DB = 18.0
# Beyond the learned level by this much, at least and at most, a sound may still be our echo.
_LEAST_MARGIN_DB = 4.0
_MOST_MARGIN_DB = 9.0
# Margins in mean deviations from the learned loss.
_NUM_DEVIATIONS = 3.0
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
        self._heard: deque[float] = deque(maxlen=_NUM_LEARNED)
        self._played_before: deque[_Levels] = deque(maxlen=_NUM_LEARNED)
        self._learned: tuple[int, float, float] | None = None
        self._ceiling_dbfs = _SILENT_DBFS

    def expect(self, played_dbfs: float | None) -> float | None:
        """Return the level up to which the next frame may be our echo, None where none can be in it."""
        self._played.appendleft(_SILENT_DBFS if played_dbfs is None else played_dbfs)
        self._num_silent = self._num_silent + 1 if played_dbfs is None else 0
        if self._num_silent >= _NUM_DELAYS:
            self._num_audible = 0
            return None
        self._num_audible += 1
        self._ceiling_dbfs = max(self._ceiling(), self._ceiling_dbfs - _FADE_DB)
        return self._ceiling_dbfs

    def learn(self, heard_dbfs: float) -> None:
        """Take the level of the frame that was last expected."""
        if self._num_audible == 0:
            return
        self._heard.append(heard_dbfs)
        self._played_before.append(np.asarray(self._played))
        self._learned = self._best_delay()

    def _ceiling(self) -> float:
        if self._learned is None:
            return max(self._played) - LEAST_LOSS_DB
        delay, loss_db, margin_db = self._learned
        # The player may begin each answer with a delay of its own.
        is_steady = self._num_audible > _NUM_DELAYS + _NUM_NEEDED
        near = list(self._played)[max(0, delay - 1) : delay + 2] if is_steady else self._played
        return min(max(near) - loss_db + margin_db, max(self._played))

    def _best_delay(self) -> tuple[int, float, float] | None:
        """Return the delay in frames at which the loss is steadiest, that loss and the margin it needs."""
        played, heard = np.stack(self._played_before), np.asarray(self._heard)[:, np.newaxis]
        is_loud = played > max(played.max() - _LOUD_DB, _SILENT_DBFS)
        is_known = np.count_nonzero(is_loud, axis=0) >= _NUM_NEEDED
        if not is_known.any():
            return self._learned
        losses = np.where(is_loud, played - heard, np.nan)[:, is_known]
        middles = np.nanmedian(losses, axis=0)
        deviations = np.nanmedian(np.abs(losses - middles), axis=0)
        best = int(np.argmin(deviations))
        margin_db = float(np.clip(_NUM_DEVIATIONS * deviations[best], _LEAST_MARGIN_DB, _MOST_MARGIN_DB))
        return int(np.flatnonzero(is_known)[best]), float(middles[best]), margin_db
