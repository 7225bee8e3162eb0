"""The strings that match a pattern, as a regular language: positions become intersections and complements.

A pattern is searched for: without `^` and `$` any text may stand around it. `^` may begin an alternative, `$` may end
one; lookahead may stand wherever what follows it runs to the end of the pattern without being repeated, since then
it is an intersection: `(?=X)R` is `R & X.*`, and `(?!X)R` is `R & ~(X.*)`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

from antiphon.schemas import patterns
from antiphon.schemas.charsets import ANY, CharSet, spelling
from antiphon.schemas.patterns import Choice, End, Lookahead, Pattern, PatternRefused, Repeat, Sequence, Start


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character of a set."""

    chars: CharSet


@dataclass(frozen=True, slots=True)
class Row:
    """A string of each part, one after the other; no parts: the empty string."""

    parts: tuple["Language", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """A string of any of the options; no options: no string at all."""

    options: tuple["Language", ...]


@dataclass(frozen=True, slots=True)
class Times:
    """Strings of one language, some times over; `most` None means without end."""

    part: "Language"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Both:
    """The strings that are in all of the languages."""

    parts: tuple["Language", ...]


@dataclass(frozen=True, slots=True)
class Except:
    """The strings that are not in the language."""

    part: "Language"


Language: TypeAlias = OneOf | Row | Either | Times | Both | Except

NOTHING = Either(())
EMPTY_STRING = Row(())
ANY_TEXT = Times(OneOf(ANY), 0, None)


def language_of(pattern: Pattern) -> Language:
    """The strings in which the pattern is found.

    Raises `PatternRefused` if a position (`^`, `$`, lookahead) stands where it cannot be enforced.
    """
    return _head((pattern,))


def row(parts: Iterable[Language]) -> Language:
    """A row in its simplest form."""
    flat: list[Language] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Row) else [part])
    if NOTHING in flat:
        return NOTHING
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def either(options: Iterable[Language]) -> Language:
    """A choice in its simplest form."""
    flat: dict[Language, None] = {}
    for option in options:
        flat.update(dict.fromkeys(option.options if isinstance(option, Either) else [option]))
    return next(iter(flat)) if len(flat) == 1 else Either(tuple(flat))


def _head(items: tuple[Pattern, ...]) -> Language:
    """Items at the beginning of the pattern, where `^` may stand."""
    match items:
        case (Start(), *rest):
            return _from_start(tuple(rest))
        case (Sequence(parts), *rest):
            return _head((*parts, *rest))
        case (Choice(options), *rest) if any(_holds_position(option) for option in options):
            return either(_head((option, *rest)) for option in options)
        case _:
            return row((ANY_TEXT, _tail(items)))


def _from_start(items: tuple[Pattern, ...]) -> Language:
    """Items at the beginning of the string, where `^` says nothing new, neither here nor first in a lookahead."""
    match items:
        case (Start(), *rest):
            return _from_start(tuple(rest))
        case (Sequence(parts), *rest):
            return _from_start((*parts, *rest))
        case (Lookahead(part, negative), *rest):
            seen = _from_start((part,))
            return Both((_from_start(tuple(rest)), Except(seen) if negative else seen))
        case _:
            return _tail(items)


def _tail(items: tuple[Pattern, ...]) -> Language:
    """Items that begin somewhere and run to the end of the pattern."""
    plain = tuple(takewhile(lambda item: not _holds_position(item), items))
    rest = items[len(plain) :]
    ending = _at_position(rest[0], rest[1:]) if rest else ANY_TEXT
    return row((*map(_plain, plain), ending))


def _at_position(first: Pattern, rest: tuple[Pattern, ...]) -> Language:
    """Items the first of which is a position or holds one."""
    match first:
        case End() if all(isinstance(item, End) for item in rest):
            return EMPTY_STRING
        case Lookahead(part, negative):
            seen = _tail((part,))
            return Both((_tail(rest), Except(seen) if negative else seen))
        case Sequence(parts):
            return _tail((*parts, *rest))
        case Choice(options):
            return either(_tail((option, *rest)) for option in options)
        case Repeat(part, least, 1):
            return either([_tail((part, *rest)), *([_tail(rest)] if least == 0 else [])])
        case _:
            raise PatternRefused("It holds '^', '$' or lookahead where these cannot be enforced.")


def _holds_position(pattern: Pattern) -> bool:
    match pattern:
        case Start() | End() | Lookahead():
            return True
        case Sequence(parts) | Choice(parts):
            return any(_holds_position(part) for part in parts)
        case Repeat(part):
            return _holds_position(part)
        case patterns.Chars():
            return False


def _plain(pattern: Pattern) -> Language:
    """A pattern without positions."""
    match pattern:
        case patterns.Chars(chars):
            if not spelling(chars):
                raise PatternRefused("It asks for a character that cannot stand in a JSON text.")
            return OneOf(chars)
        case Sequence(parts):
            return row(map(_plain, parts))
        case Choice(options):
            return either(map(_plain, options))
        case Repeat(part, least, most):
            return Times(_plain(part), least, most)
        case _:
            raise AssertionError("a position, after these were dealt with")
