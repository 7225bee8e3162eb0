"""What the user hears of us, and when, as far as it can be known from here: audio plays as it was sent, in real time.

Times are ms of one clock; of the session's, which also says when the user's audio was said (`realtime.arrivals`).
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

from antiphon.realtime.turns.frames import FRAME_MS

# A player that started late plays this long after we believe it has ended.
_REMEMBERED_MS = 2_000.0


class Playback:
    """The queue of a player that begins a chunk when it comes, or when what came before is over."""

    def __init__(self) -> None:
        self._starts_ms: deque[float] = deque()
        self._levels_dbfs: deque[float] = deque()
        self._end_ms = 0.0

    @property
    def end_ms(self) -> float:
        """When all that was sent will have been played."""
        return self._end_ms

    def sent(self, levels_dbfs: Sequence[float], duration_ms: float, at_ms: float) -> None:
        """Take one chunk of our audio, sent at `at_ms`: its level in each `FRAME_MS` (see `audio.levels`)."""
        self._forget(at_ms)
        start_ms = max(at_ms, self._end_ms)
        self._starts_ms.extend(start_ms + FRAME_MS * index for index in range(len(levels_dbfs)))
        self._levels_dbfs.extend(levels_dbfs)
        self._end_ms = start_ms + duration_ms

    def cut(self, at_ms: float) -> float:
        """Discard what is not played at `at_ms`, as a client does that is interrupted; return how many ms that were."""
        unplayed_ms = self.unplayed_ms(at_ms)
        while self._starts_ms and self._starts_ms[-1] >= at_ms:
            self._starts_ms.pop()
            self._levels_dbfs.pop()
        self._end_ms = min(self._end_ms, at_ms)
        return unplayed_ms

    def unplayed_ms(self, at_ms: float) -> float:
        """Return how many ms of our audio are still to be played at `at_ms`."""
        return max(0.0, self._end_ms - at_ms)

    def level_at(self, at_ms: float) -> float | None:
        """Return the level (dBFS) of what plays at `at_ms`, None where nothing does."""
        if at_ms >= self._end_ms or not self._starts_ms or at_ms < self._starts_ms[0]:
            return None
        index = bisect_right(self._starts_ms, at_ms) - 1
        is_gap = at_ms >= self._starts_ms[index] + FRAME_MS
        return None if is_gap else self._levels_dbfs[index]

    def _forget(self, at_ms: float) -> None:
        while self._starts_ms and self._starts_ms[0] < at_ms - _REMEMBERED_MS:
            self._starts_ms.popleft()
            self._levels_dbfs.popleft()
