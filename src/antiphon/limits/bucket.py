"""A token bucket: it fills evenly up to what a minute allows, and whoever takes waits only once it is empty."""

from typing import NamedTuple

MINUTE_S = 60.0


class Reading(NamedTuple):
    """What a bucket holds: `remaining` of `limit`, and the seconds until it is full again."""

    limit: int
    remaining: int
    reset_s: float


class Bucket:
    """Holds up to `limit` units and gains them back within a minute.

    Times are seconds of any clock that never goes back.
    """

    __slots__ = ("_held", "_limit", "_per_s", "_seen_at")

    def __init__(self, limit: int, now: float) -> None:
        self._limit = limit
        self._per_s = limit / MINUTE_S
        self._held = float(limit)
        self._seen_at = now

    def wait_s(self, amount: float, now: float) -> float:
        """Return how long to wait until `amount` can be taken; 0 means now.

        More than the bucket can ever hold may be taken from a full one, which is then in debt.
        """
        self._fill(now)
        lacking = min(amount, self._limit) - self._held
        return max(0.0, lacking / self._per_s)

    def take(self, amount: float) -> None:
        """Take `amount`, whether or not it is there; a negative amount is given back."""
        self._held = min(self._held - amount, float(self._limit))

    def read(self, now: float) -> Reading:
        """Return what the bucket holds."""
        self._fill(now)
        return Reading(self._limit, max(0, int(self._held)), (self._limit - self._held) / self._per_s)

    def _fill(self, now: float) -> None:
        self._held = min(float(self._limit), self._held + (now - self._seen_at) * self._per_s)
        self._seen_at = now


def written_duration(seconds: float) -> str:
    """Write a duration as OpenAI's headers do: `12ms`, `1.5s`, `6m0s`."""
    total_ms = round(seconds * 1000)
    if total_ms < 1000:
        return f"{total_ms}ms" if total_ms else "0s"
    minutes, rest_ms = divmod(total_ms, 60_000)
    rest = f"{rest_ms / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
