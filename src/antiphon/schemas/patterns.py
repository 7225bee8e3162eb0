r"""Regular expressions of JSON Schema (ECMA-262) as trees.

Read are: literals, classes, `.`, `\d \w \s` and their opposites, escapes of characters, groups (named ones too),
alternatives, every quantifier, `^`, `$` and lookahead. Not read, because no regular language or none that is cheap
stands behind them, and refused with `PatternRefused`: back references, lookbehind, `\b`, `\B`, `\p{...}` and flags.
"""

from dataclasses import dataclass
from typing import TypeAlias

from antiphon.schemas.charsets import DIGITS, LINE_ENDS, SPACES, WORD, CharSet, char_set, single

# More repetitions than this would make a lexer of millions of states.
MAX_REPEATS = 5_000
# Groups inside groups: as deep as no hand-written expression goes, and far from Python's own limit.
MAX_DEPTH = 50


class PatternRefused(Exception):
    """The expression is malformed, or says what cannot be enforced; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    chars: CharSet


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any of the options."""

    options: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The part, some times over; `most` None means without end."""

    part: "Pattern"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """`^`: the string begins here."""


@dataclass(frozen=True, slots=True)
class End:
    """`$`: the string ends here."""


@dataclass(frozen=True, slots=True)
class Lookahead:
    """What follows begins with the part, or, if negative, does not."""

    part: "Pattern"
    negative: bool


Pattern: TypeAlias = Chars | Sequence | Choice | Repeat | Start | End | Lookahead

_SIGNS: dict[str, Pattern] = {"^": Start(), "$": End(), ".": Chars(LINE_ENDS.complement())}
_CLASSES = {"d": DIGITS, "w": WORD, "s": SPACES}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "v": "\v", "f": "\f"}
_REFUSED_ESCAPES = {
    "b": "word boundaries (\\b)",
    "B": "word boundaries (\\B)",
    "p": "Unicode properties (\\p)",
    "P": "Unicode properties (\\P)",
    "k": "back references (\\k)",
}
_REFUSED_GROUPS = {"?<=": "lookbehind", "?<!": "lookbehind"}


def read_pattern(source: str) -> Pattern:
    """Read an expression. Raises `PatternRefused`."""
    return _Reader(source).read()


class _Cursor:
    """A place in an expression."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def _ahead(self, text: str) -> bool:
        return self._source.startswith(text, self._at)

    def _take(self, text: str) -> bool:
        found = self._ahead(text)
        if found:
            self._at += len(text)
        return found

    def _next(self) -> str:
        if self._at >= len(self._source):
            raise PatternRefused("It ends too early.")
        self._at += 1
        return self._source[self._at - 1]

    def _until(self, end: str) -> str:
        taken: list[str] = []
        while (character := self._next()) != end:
            taken.append(character)
        return "".join(taken)


class _Reader(_Cursor):
    """A recursive descent over the characters of one expression."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._depth = 0

    def read(self) -> Pattern:
        pattern = self._choice()
        if self._at < len(self._source):
            raise PatternRefused("A ')' closes no group.")
        return pattern

    def _choice(self) -> Pattern:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Pattern:
        parts: list[Pattern] = []
        while self._at < len(self._source) and not self._ahead("|") and not self._ahead(")"):
            parts.append(self._quantified(self._part()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _part(self) -> Pattern:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return Chars(self._class())
        if character == "\\":
            return Chars(self._escape(in_class=False))
        if character in "*+?":
            raise PatternRefused(f"Nothing stands before '{character}'.")
        return _SIGNS.get(character) or Chars(single(character))

    def _group(self) -> Pattern:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise PatternRefused("Its groups are too deep.")
        for opening, what in _REFUSED_GROUPS.items():
            if self._ahead(opening):
                raise PatternRefused(f"It uses {what}, which cannot be enforced.")
        negative = self._ahead("?!")
        looks = self._take("?!") or self._take("?=")
        if not looks and self._take("?<"):
            self._until(">")
        elif not looks and not self._take("?:") and self._ahead("?"):
            raise PatternRefused("It uses flags, which cannot be enforced.")
        inner = self._choice()
        if not self._take(")"):
            raise PatternRefused("A group is not closed.")
        self._depth -= 1
        return Lookahead(inner, negative) if looks else inner

    def _quantified(self, part: Pattern) -> Pattern:
        bounds = self._quantifier()
        if bounds is None:
            return part
        self._take("?")  # a lazy quantifier matches the same strings
        if isinstance(part, Start | End | Lookahead):
            raise PatternRefused("A position cannot be repeated.")
        least, most = bounds
        if most is not None and most < least:
            raise PatternRefused("A quantifier's numbers are out of order.")
        if max(least, most or 0) > MAX_REPEATS:
            raise PatternRefused(f"It repeats a part more than {MAX_REPEATS} times, which cannot be enforced.")
        return Repeat(part, least, most)

    def _quantifier(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        end = self._source.find("}", self._at)
        if not self._ahead("{") or end < 0:
            return None
        least, comma, most = self._source[self._at + 1 : end].partition(",")
        # Anything else in braces stands for itself, as in the browsers' dialect.
        if not _is_count(least) or (most and not _is_count(most)):
            return None
        self._at = end + 1
        return int(least), (int(most) if most else None) if comma else int(least)

    def _class(self) -> CharSet:
        negative = self._take("^")
        chars = CharSet(())
        while not self._take("]"):
            low = self._class_member()
            if self._ahead("-") and not self._ahead("-]"):
                self._take("-")
                chars |= _range(low, self._class_member())
            else:
                chars |= low
        chars = chars.complement() if negative else chars
        if not chars.ranges:
            raise PatternRefused("A class holds no character.")
        return chars

    def _class_member(self) -> CharSet:
        character = self._next()
        return self._escape(in_class=True) if character == "\\" else single(character)

    def _escape(self, *, in_class: bool) -> CharSet:
        letter = self._next()
        if letter.lower() in _CLASSES:
            chars = _CLASSES[letter.lower()]
            return chars.complement() if letter.isupper() else chars
        if letter == "b" and in_class:
            return single("\b")
        if letter in _REFUSED_ESCAPES:
            raise PatternRefused(f"It uses {_REFUSED_ESCAPES[letter]}, which cannot be enforced.")
        if letter in _CONTROLS:
            return single(_CONTROLS[letter])
        if letter in "xucUA0Zz123456789":
            return self._coded(letter)
        return single(letter)

    def _coded(self, letter: str) -> CharSet:
        """A character by its number: `\\0`, `\\xHH`, `\\uHHHH`, `\\u{H...}` or `\\cX`."""
        if letter == "0":
            return single("\0")
        if letter == "c":
            return single(chr(ord(self._next()) % 32))
        if letter in "AZzU":
            raise PatternRefused(f"'\\{letter}' is not part of JSON Schema's dialect.")
        if letter not in "xu":
            raise PatternRefused("It uses back references, which cannot be enforced.")
        if letter == "u" and self._take("{"):
            digits = self._until("}")
        else:
            length = 2 if letter == "x" else 4
            digits = "".join(self._next() for _ in range(length))
        if not digits or any(digit not in "0123456789abcdefABCDEF" for digit in digits) or int(digits, 16) > 0x10FFFF:
            raise PatternRefused(f"'\\{letter}' is not followed by the number of a character.")
        return single(chr(int(digits, 16)))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _range(low: CharSet, high: CharSet) -> CharSet:
    """The range `low-high` of a class; a hyphen beside `\\d` or the like stands for itself."""
    if low.ranges[0][0] != low.ranges[-1][1] or high.ranges[0][0] != high.ranges[-1][1]:
        return low | high | single("-")
    if low.ranges[0][0] > high.ranges[0][0]:
        raise PatternRefused("A range of characters is out of order.")
    return char_set([(low.ranges[0][0], high.ranges[0][0])])
