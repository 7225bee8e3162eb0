"""Sets of characters as sorted ranges of code points, and how such a set is written inside a JSON string.

A JSON string has several spellings of one character. Here each character has exactly one, so that an intersection
or a complement of spelt strings is the spelling of the intersection or complement:
`"` and `\\` and the controls that have a short escape take that escape, all else stands for itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

LAST_CODE_POINT = 0x10FFFF

_SHORT_ESCAPES = {0x08: "b", 0x09: "t", 0x0A: "n", 0x0C: "f", 0x0D: "r", 0x22: '"', 0x5C: "\\\\"}

# What cannot stand raw in the answer: controls and DEL, the two that JSON escapes, and the surrogates,
# which UTF-8 has no bytes for.
_NEVER_RAW = ((0x00, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x7F), (0xD800, 0xDFFF))


@dataclass(frozen=True, slots=True)
class CharSet:
    """Ranges of code points: sorted, apart from each other, both ends included."""

    ranges: tuple[tuple[int, int], ...]

    def __contains__(self, code_point: int) -> bool:
        return any(low <= code_point <= high for low, high in self.ranges)

    def __or__(self, other: "CharSet") -> "CharSet":
        return char_set((*self.ranges, *other.ranges))

    def __sub__(self, other: "CharSet") -> "CharSet":
        return (self.complement() | other).complement()

    def complement(self) -> "CharSet":
        """Every character that is not in the set."""
        gaps: list[tuple[int, int]] = []
        start = 0
        for low, high in self.ranges:
            if start < low:
                gaps.append((start, low - 1))
            start = high + 1
        if start <= LAST_CODE_POINT:
            gaps.append((start, LAST_CODE_POINT))
        return CharSet(tuple(gaps))


def char_set(ranges: Iterable[tuple[int, int]]) -> CharSet:
    """The set of these ranges, which may overlap and come in any order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return CharSet(tuple(merged))


def single(character: str) -> CharSet:
    """The set of one character."""
    return CharSet(((ord(character), ord(character)),))


@lru_cache(maxsize=4096)
def spelling(chars: CharSet) -> str:
    """A regular expression (Rust's syntax) of one character of a set as it stands in a JSON string.

    A control without a short escape is spelt `\\u00XX` only if the set holds nothing but such controls: a wide class
    (`[^a]`) means text, and no text needs them. An empty result means that nothing fits.
    """
    raw = chars - CharSet(_NEVER_RAW)
    options = [_class_text(raw.ranges)] if raw.ranges else []
    short = "".join(letter for code_point, letter in _SHORT_ESCAPES.items() if code_point in chars)
    if short:
        options.append(rf"\\[{short}]")
    if not options:
        options = [rf"\\u{code_point:04x}" for code_point in (*range(0x20), 0x7F) if code_point in chars]
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})" if options else ""


def _class_text(ranges: tuple[tuple[int, int], ...]) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _point_text(ranges[0][0])
    return "[" + "".join(_range_text(low, high) for low, high in ranges) + "]"


def _range_text(low: int, high: int) -> str:
    return _point_text(low) if low == high else f"{_point_text(low)}-{_point_text(high)}"


def _point_text(code_point: int) -> str:
    character = chr(code_point)
    if character.isascii() and character.isalnum():
        return character
    return rf"\x{{{code_point:x}}}"


ANY = CharSet(((0, LAST_CODE_POINT),))
LINE_ENDS = char_set([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)])
DIGITS = CharSet(((0x30, 0x39),))
WORD = char_set([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
# ECMA-262 WhiteSpace and LineTerminator.
SPACES = char_set(
    [
        (0x09, 0x0D),
        (0x20, 0x20),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x2000, 0x200A),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
        (0xFEFF, 0xFEFF),
    ]
)
