"""When the user's audio was said: positions in it, held against the clock.

Audio comes as it is said, or later where the network held it up, but never earlier. So of late, the least time by which
it lagged behind the clock is what lies between both. A client that sends nothing for a while, since its microphone is
off or since it keeps quiet while we speak, begins anew after it.
"""

from collections import deque

# Clocks drift apart, and moments that were not sent add up: what is older says nothing.
_REMEMBERED_MS = 2_000.0
# Networks hold audio up for less, mostly; where it was more, the burst that follows corrects it.
_PAUSE_MS = 1_000.0


class Arrivals:
    """Told what comes and when, it places the audio in time."""

    def __init__(self) -> None:
        # The end of each piece and its lag, the lags rising: only what may still become the least one.
        self._lags = deque[tuple[float, float]]()
        self._came_at_ms = 0.0

    def came(self, end_ms: float, now_ms: float) -> None:
        """Take note that the audio up to the position `end_ms` is here now."""
        if now_ms - self._came_at_ms > _PAUSE_MS:
            self._lags.clear()
        self._came_at_ms = now_ms
        lag_ms = now_ms - end_ms
        while self._lags and self._lags[-1][1] >= lag_ms:
            self._lags.pop()
        self._lags.append((end_ms, lag_ms))
        while self._lags[0][0] < end_ms - _REMEMBERED_MS:
            self._lags.popleft()

    def said_at_ms(self, position_ms: float) -> float:
        """Return the instant, by the clock, at which a position of the audio was said."""
        return position_ms + (self._lags[0][1] if self._lags else 0.0)
