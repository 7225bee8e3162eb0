"""Which earlier request a prompt is most like."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.prefix.history import Near
from antiphon.prefix.record import Record
from antiphon.prefix.report import LEAST_CACHED_TOKENS
from antiphon.prefix.sequence import TokenSequence

# Requests are alike if this much of the one is somewhere in the other, told by runs of tokens.
_ALIKE_SHARE = 0.3
_RUN_TOKENS = 4


class Nearest(NamedTuple):
    """The earlier request that is told of, how many first tokens it shares, and whether it is like the later one."""

    record: Record
    shared_tokens: int
    is_alike: bool


def likest(record: Record, near: Near) -> Nearest:
    """Choose among equally near requests; where enough is shared no further look is needed."""
    latest = near.records[0]
    if near.shared_tokens >= LEAST_CACHED_TOKENS:
        return Nearest(latest, near.shared_tokens, is_alike=True)
    runs = _runs(record.prompt.sequence)
    likeness = [(_share(runs, _runs(other.prompt.sequence)), other) for other in near.records]
    share, likest = max(likeness, key=lambda pair: pair[0])
    return Nearest(likest, near.shared_tokens, share >= _ALIKE_SHARE)


def _runs(sequence: TokenSequence) -> NDArray[np.int64]:
    """Return a number for each run of a few symbols, each number once."""
    symbols = sequence.symbols.astype(np.int64)
    num = max(0, len(symbols) - _RUN_TOKENS + 1)
    mixed = np.zeros(num, dtype=np.int64)
    for place in range(_RUN_TOKENS):
        mixed = mixed * 1_000_003 + symbols[place : place + num]  # wraps around, which is as good as any number
    return np.unique(mixed)


def _share(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> float:
    """Return how much of the one is in the other, from 0 to 1."""
    return len(np.intersect1d(ours, theirs, assume_unique=True)) / max(1, len(ours))
