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
_NUM_SMOOTHED = 5
# The quietest moments are those within so much of the very quietest; in a crowd most moments are hardly louder.
_QUIET_DB = 4.0
_IS_CROWD = 0.6
_FLAT_DB = 12.0
# A quarter of a crowd's moments are quieter than this level, and of the user's hardly any.
_LOWER_PERCENT = 25.0
# Quieter than this, a crowd is none that anybody listens to.
_LEAST_DBFS = -66.0
# By how much a voice stands out of the crowd's lower quarter: six people are seldom louder together.
_STANDS_OUT_DB = 8.0
_NONE_DBFS = -100.0


class Background:
    """Follows the level of what sounds behind the user."""

    def __init__(self) -> None:
        self._powers: deque[float] = deque(maxlen=_NUM_SMOOTHED)
        self._levels: deque[float] = deque(maxlen=_NUM_FRAMES)
        self._probabilities: deque[float] = deque(maxlen=_NUM_FRAMES)
        self._turn = list[tuple[float, float]]()

    def hear(self, level_dbfs: float, probability: float, *, is_turn: bool) -> None:
        """Take a frame in which our own audio does not play; in a turn it may be the user's, until nobody pauses."""
        self._powers.append(10 ** (level_dbfs / 10))
        smooth_dbfs = 10 * float(np.log10(np.mean(self._powers) + 1e-12))
        self._turn.append((smooth_dbfs, probability))
        if not is_turn or len(self._turn) >= _NUM_FRAMES:
            self._levels.extend(level for level, _ in self._turn)
            self._probabilities.extend(likely for _, likely in self._turn)
            self._turn.clear()

    def forget_turn(self) -> None:
        """Learn nothing from what was heard in the turn: its voice pauses, so that it is one."""
        self._turn.clear()

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
        levels = np.asarray(self._levels)
        lower = float(np.percentile(levels, _LOWER_PERCENT))
        likely = np.asarray(self._probabilities)[levels < quietest + _QUIET_DB]
        is_crowd = lower - quietest < _FLAT_DB and float(np.mean(likely)) > _IS_CROWD
        return lower + _STANDS_OUT_DB if is_crowd else _NONE_DBFS
