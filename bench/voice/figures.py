"""Percentiles of times."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Of how many times, the middle one and the one that a twentieth exceeds; in milliseconds."""

    num: int
    p50_ms: float
    p95_ms: float
    p99_ms: float

    def __str__(self) -> str:
        """Tell it for a table."""
        return f"{self.p50_ms:.0f} | {self.p95_ms:.0f}"


def spread(times_ms: Sequence[float]) -> Spread:
    """Return the percentiles by the nearest rank."""
    ordered = sorted(times_ms)
    if not ordered:
        return Spread(0, math.nan, math.nan, math.nan)
    return Spread(len(ordered), statistics.median(ordered), _rank(ordered, 95), _rank(ordered, 99))


def _rank(ordered: Sequence[float], percent: int) -> float:
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
