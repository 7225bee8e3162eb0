"""How long a session lasts."""

_MINUTE_MS = 60_000


class Lifetime:
    """From the first instant that is told until `max_session_ms` later, or for ever (None)."""

    def __init__(self, max_session_ms: float | None) -> None:
        self.is_over = False
        self.ends_at_ms: float | None = None
        self._max_session_ms = max_session_ms

    @property
    def farewell(self) -> str:
        """What the client is told at the end."""
        minutes = (self._max_session_ms or 0.0) / _MINUTE_MS
        return f"Your session hit the maximum duration of {minutes:g} minutes."

    def begin(self, now_ms: float) -> None:
        """Know the time; the first instant counts."""
        if self.ends_at_ms is None and self._max_session_ms is not None:
            self.ends_at_ms = now_ms + self._max_session_ms

    def is_due(self, now_ms: float) -> bool:
        """Whether the end has come."""
        return self.ends_at_ms is not None and now_ms >= self.ends_at_ms

    def end(self) -> None:
        """Nothing happens any more."""
        self.is_over = True
