"""When the user's audio was said: positions in it, held against the clock.

Audio comes as it is said, or later where the network held it up, but never earlier. So of late, the least time by which
it lagged behind the clock is what lies between both. A client that sends nothing for a while, since its microphone is
off or since it keeps quiet while we speak, begins anew after it.

Nobody speaks faster than the clock goes. What comes at once, and is no stall that the network made up for, was recorded
before: nothing that we played meanwhile is in it.
"""

from collections import deque

# Clocks drift apart, and moments that were not sent add up: what is older says nothing.
_REMEMBERED_MS = 2_000.0
# Networks hold audio up for less, mostly; where it was more, the burst that follows corrects it.
_PAUSE_MS = 1_000.0
# As audio begins anew, less than that is enough to tell a recording that is sent in pieces: it comes without end.
_HELD_UP_MS = 400.0
# After a stall a microphone is back at its lag to within this; a recording is there by chance alone.
_SAME_LAG_MS = 200.0


class Arrivals:
    """Told what comes and when, it places the audio in time."""

    def __init__(self) -> None:
        # The end of each piece and its lag, the lags rising: only what may still become the least one.
        self._lags = deque[tuple[float, float]]()
        # The start of each piece and how long before it came, falling: only what may still become the longest.
        self._holds = deque[tuple[float, float]]()
        self._came_at_ms = self._end_ms = self._begun_ms = 0.0
        self._lag_before_pause_ms: float | None = None
        self._lag_of_first_ms: float | None = None

    @property
    def is_recording(self) -> bool:
        """Whether what comes was not said as it comes, but recorded before."""
        if not self._lags:
            return False
        lag_ms = self._lags[0][1]
        before_ms = self._lag_before_pause_ms
        is_made_up = before_ms is not None and abs(lag_ms - before_ms) <= _SAME_LAG_MS
        is_burst = self._holds[0][1] - lag_ms > _PAUSE_MS
        if self._lag_of_first_ms is not None:
            is_burst |= self._lag_of_first_ms - lag_ms > _HELD_UP_MS
        return is_burst and not is_made_up

    def came(self, end_ms: float, now_ms: float) -> None:
        """Take note that the audio up to the position `end_ms` is here now."""
        if now_ms - self._came_at_ms > _PAUSE_MS:
            self._lag_before_pause_ms = self._lags[0][1] if self._lags else None
            self._lags.clear()
            self._holds.clear()
            self._begun_ms, self._lag_of_first_ms = end_ms, now_ms - end_ms
        elif end_ms - self._begun_ms > _REMEMBERED_MS:
            self._lag_of_first_ms = None
        lag_ms, hold_ms = now_ms - end_ms, now_ms - self._end_ms
        while self._lags and self._lags[-1][1] >= lag_ms:
            self._lags.pop()
        while self._holds and self._holds[-1][1] <= hold_ms:
            self._holds.pop()
        self._lags.append((end_ms, lag_ms))
        self._holds.append((self._end_ms, hold_ms))
        self._came_at_ms, self._end_ms = now_ms, end_ms
        for remembered in (self._lags, self._holds):
            while len(remembered) > 1 and remembered[0][0] < end_ms - _REMEMBERED_MS:
                remembered.popleft()

    def said_at_ms(self, position_ms: float) -> float:
        """Return the instant, by the clock, at which a position of the audio was said."""
        return position_ms + (self._lags[0][1] if self._lags else 0.0)
