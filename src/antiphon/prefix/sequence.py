"""A prompt as an engine sees it: tokens, and images and audio by the digest of what they show.

Inside it is an array of 32-bit symbols, which is compared at the speed of memory. A token is one symbol. A piece of
media is nine, however many positions it takes: minus the number of its positions, then the eight words of a SHA-256
of its digest and detail. Two sequences that begin with the same symbols therefore begin with the same pieces, and no
shorter hash has to be trusted.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Symbols: TypeAlias = NDArray[np.int32]

_MEDIA_SYMBOLS = 9
_FIRST_LOOK = 64  # most sequences differ early: a few symbols are compared before many


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a piece of audio in a prompt, which takes `num_tokens` positions (at least one).

    `digest` is of its content as it was given, and `detail` is how closely the model is shown it; two media match if
    all three are equal. Raises `ValueError` for a number of positions below one.
    """

    digest: str
    num_tokens: int
    detail: str = ""

    def __post_init__(self) -> None:
        """Refuse media that take no position."""
        if self.num_tokens < 1:
            raise ValueError(f"Media take at least one position, not {self.num_tokens}.")

    def symbols(self) -> list[int]:
        """Return the nine symbols that stand for it."""
        identity = sha256(f"{len(self.digest)}:{self.digest}{self.detail}".encode()).digest()
        return [-self.num_tokens, *np.frombuffer(identity, dtype="<i4").tolist()]


Piece: TypeAlias = int | Media


class _Span(NamedTuple):
    """Where media stand: at which symbol, at which position, and over how many positions."""

    symbol: int
    position: int
    num_tokens: int


class TokenSequence:
    """An immutable sequence of pieces; a length or an offset in it is a number of positions ("tokens").

    Media are matched and cut whole, never in part.
    """

    __slots__ = ("_spans", "num_tokens", "symbols")

    def __init__(self, pieces: Sequence[Piece] | Symbols) -> None:
        """Take tokens (0 up to 2**31 - 1) and media, or an array of symbols as another sequence has them.

        Raises `ValueError` or `OverflowError` for any other number, and `ValueError` for symbols that end in media.
        """
        symbols = pieces if isinstance(pieces, np.ndarray) else _symbols(pieces)
        symbols.flags.writeable = False
        self.symbols = symbols
        self._spans = _spans(symbols)
        self.num_tokens = self.tokens_at(len(symbols))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote. Raises `ValueError` for bytes that it cannot have written."""
        return cls(np.frombuffer(data, dtype="<i4").astype(np.int32))

    def to_bytes(self) -> bytes:
        """Write the symbols, four bytes each, the lowest first; the same on every machine."""
        return self.symbols.astype("<i4", copy=False).tobytes()

    def digest(self) -> str:
        """Return the SHA-256 of the pieces in hexadecimal."""
        return sha256(self.to_bytes()).hexdigest()

    @property
    def num_bytes(self) -> int:
        """How much memory the sequence takes."""
        return self.symbols.nbytes

    def shared_tokens(self, other: "TokenSequence") -> int:
        """Return how many positions from the first on are the same in both."""
        return self.tokens_at(shared_symbols(self.symbols, other.symbols))

    def tokens_at(self, num_symbols: int) -> int:
        """Return how many positions the first `num_symbols` symbols fill; media that are cut fill none."""
        index = bisect_right(self._spans, num_symbols - 1, key=lambda span: span.symbol)
        if index == 0:
            return num_symbols
        span = self._spans[index - 1]
        beyond = num_symbols - span.symbol - _MEDIA_SYMBOLS
        return span.position if beyond < 0 else span.position + span.num_tokens + beyond

    def cut(self, num_tokens: int, step_tokens: int = 1) -> int:
        """Return the greatest multiple of `step_tokens`, up to `num_tokens`, that stands inside no media."""
        end = min(num_tokens, self.num_tokens) // step_tokens * step_tokens
        for span in reversed(self._spans):
            if span.position < end < span.position + span.num_tokens:
                end = span.position // step_tokens * step_tokens
        return end

    def prefix(self, num_tokens: int) -> "TokenSequence":
        """Return the first `num_tokens` positions, less media that would be cut."""
        end = self.cut(num_tokens)
        before = [span for span in self._spans if span.position < end]
        return TokenSequence(self.symbols[: end - sum(span.num_tokens - _MEDIA_SYMBOLS for span in before)])

    def __eq__(self, other: object) -> bool:
        """Whether both consist of the same pieces."""
        return isinstance(other, TokenSequence) and np.array_equal(self.symbols, other.symbols)

    def __hash__(self) -> int:
        """Equal sequences have equal hashes."""
        return hash(self.symbols.tobytes())


def shared_symbols(ours: Symbols, theirs: Symbols) -> int:
    """Return how many symbols from the first on are the same in both."""
    num, start, width = min(len(ours), len(theirs)), 0, _FIRST_LOOK
    while start < num:
        end = min(num, start + width)
        differs = ours[start:end] != theirs[start:end]
        first = int(differs.argmax())
        if differs[first]:
            return start + first
        start, width = end, width * 16
    return num


def _symbols(pieces: Sequence[Piece]) -> Symbols:
    tokens = [piece for piece in pieces if isinstance(piece, int)]
    if tokens and (lowest := min(tokens)) < 0:
        raise ValueError(f"A token is not negative: {lowest}.")
    if len(tokens) == len(pieces):
        return np.array(array("i", tokens), dtype=np.int32)
    flat = [symbol for piece in pieces for symbol in ([piece] if isinstance(piece, int) else piece.symbols())]
    return np.array(array("i", flat), dtype=np.int32)


def _spans(symbols: Symbols) -> tuple[_Span, ...]:
    spans, beyond, shift = list[_Span](), 0, 0
    for symbol in np.flatnonzero(symbols < 0).tolist():
        if symbol < beyond:
            continue  # a word of the digest of the media before
        num_tokens = -int(symbols[symbol])
        spans.append(_Span(symbol, symbol + shift, num_tokens))
        beyond, shift = symbol + _MEDIA_SYMBOLS, shift + num_tokens - _MEDIA_SYMBOLS
    if beyond > len(symbols):
        raise ValueError("The sequence ends within media.")
    return tuple(spans)
