"""When a call that failed is worth another try, and after how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

# What an upstream may answer otherwise a moment later; 529 is what some hosted services say when overloaded.
TRANSIENT_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class BackOff:
    """Waits that double from `first_s` up to `longest_s`, each cut by up to half so that callers spread out.

    An upstream that says when to come back is obeyed, unless that is later than `patience_s`: then the caller is told.
    """

    num_retries: int
    first_s: float = 0.25
    longest_s: float = 4.0
    patience_s: float = 8.0

    def wait_s(self, num_failures: int, draw: float, retry_after_s: float | None = None) -> float | None:
        """Return the wait before the next try, or `None`: give up.

        `num_failures` tries have failed; `draw` is from [0, 1).
        """
        if num_failures > self.num_retries:
            return None
        if retry_after_s is not None:
            return retry_after_s if retry_after_s <= self.patience_s else None
        longest_s = min(self.first_s * 2 ** (num_failures - 1), self.longest_s)
        return longest_s * (1 - draw / 2)


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Return how long an answer's headers say to wait: `retry-after-ms`, or `retry-after` in seconds or as a date.

    `now` is in seconds since 1970.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    told = headers.get("retry-after")
    if told is None:
        return None
    seconds = _number(told)
    return seconds if seconds is not None else _until(told, now)


def _until(date: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    """Return a number that is not negative, or `None` for anything else."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
