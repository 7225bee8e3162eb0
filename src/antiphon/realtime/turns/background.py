"""Other people's voices behind the user's: to the ear of a model they are voices too, so they are told by their level.

A voice that is alone pauses every second or so, and the level then falls to the room's. Where even the quietest
moments of seconds sound like a voice, that is a crowd, and the user is who stands out of it.
"""

from collections import deque

import numpy as np

# Long enough to hold a pause of one voice, short enough to follow a room.
_NUM_FRAMES = 94
# Until a second was heard, nobody is taken for a crowd: a client may send nothing but one sentence.
_NUM_NEEDED = 32
_NUM_SMOOTHED = 3
# The quietest moments are those within so much of the very quietest.
_QUIET_DB = 4.0
_IS_CROWD = 0.6
# Quieter than this, a crowd is none that anybody listens to.
_LEAST_DBFS = -60.0
# By how much a voice stands out of the crowd's quietest moments.
_STANDS_OUT_DB = 8.0
_NONE_DBFS = -100.0


class Background:
    """Follows the level of what sounds behind the user."""

    def __init__(self) -> None:
        self._powers: deque[float] = deque(maxlen=_NUM_SMOOTHED)
        self._levels: deque[float] = deque(maxlen=_NUM_FRAMES)
        self._probabilities: deque[float] = deque(maxlen=_NUM_FRAMES)

    def learn(self, level_dbfs: float, probability: float) -> None:
        """Take a frame in which our own audio does not play."""
        self._powers.append(10 ** (level_dbfs / 10))
        self._levels.append(10 * float(np.log10(np.mean(self._powers) + 1e-12)))
        self._probabilities.append(probability)

    @property
    def quietest_dbfs(self) -> float:
        """The level of the quietest moment of late; next to nothing before a second was heard."""
        return min(self._levels) if len(self._levels) >= _NUM_NEEDED else _NONE_DBFS

    @property
    def crowd_dbfs(self) -> float:
        """The level above which a voice is the user's and not the crowd's; next to nothing where there is no crowd."""
        quietest = self.quietest_dbfs
        if quietest < _LEAST_DBFS:
            return _NONE_DBFS
        is_quiet = np.asarray(self._levels) < quietest + _QUIET_DB
        is_crowd = float(np.mean(np.asarray(self._probabilities)[is_quiet])) > _IS_CROWD
        return quietest + _STANDS_OUT_DB if is_crowd else _NONE_DBFS
