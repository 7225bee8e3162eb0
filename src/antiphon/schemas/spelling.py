"""Patterns as terminals of a Lark grammar (llguidance's dialect) over the characters of a JSON string.

A pattern is searched for: without `^` and `$` any text may stand around it. `^` may begin an alternative, `$` may end
one; lookahead may stand wherever what follows it runs to the end of the pattern without being repeated, since then
it is an intersection: `(?=X)R` is `R & X.*`, and `(?!X)R` is `R & ~(X.*)`.
"""

from collections.abc import Sequence as Items
from itertools import dropwhile, takewhile

from antiphon.schemas.charsets import ANY
from antiphon.schemas.patterns import Chars, Choice, End, Lookahead, Pattern, PatternRefused, Repeat, Sequence, Start

# Any text, spelt: what the answer may hold where nothing is asked of a string.
ANY_CHARACTER = ANY.spelling()
_ANY_TEXT = f"/(?:{ANY_CHARACTER})*/"
_NOTHING = '""'


def text_expression(pattern: Pattern) -> str:
    """The terminal expression of the strings, without their quotes, in which the pattern is found.

    Raises `PatternRefused` if a position (`^`, `$`, lookahead) stands where it cannot be enforced.
    """
    return _head((pattern,))


def _head(items: tuple[Pattern, ...]) -> str:
    """Items at the beginning of the pattern, where `^` may stand."""
    match items:
        case (Start(), *rest):
            return _tail(_without_starts(rest))
        case (Sequence(parts), *rest):
            return _head((*parts, *rest))
        case (Choice(options), *rest) if any(_positions(option) for option in options):
            return _either([_head((option, *rest)) for option in options])
        case _:
            return f"({_ANY_TEXT} {_tail(items)})"


def _without_starts(items: Items[Pattern]) -> tuple[Pattern, ...]:
    return tuple(dropwhile(lambda item: isinstance(item, Start), items))


def _tail(items: tuple[Pattern, ...]) -> str:
    """Items that begin somewhere and run to the end of the pattern."""
    plain = tuple(takewhile(lambda item: not _positions(item), items))
    rest = items[len(plain) :]
    regex = "".join(_regex(part) for part in plain)
    ending = _at_position(rest[0], rest[1:]) if rest else _ANY_TEXT
    return f"(/{regex}/ {ending})" if regex else ending


def _at_position(first: Pattern, rest: tuple[Pattern, ...]) -> str:
    """Items the first of which is a position or holds one."""
    match first:
        case End() if all(isinstance(item, End) for item in rest):
            expression = _NOTHING
        case Lookahead(part, negative):
            expression = f"({_tail(rest)} & {'~' if negative else ''}{_tail((part,))})"
        case Sequence(parts):
            expression = _tail((*parts, *rest))
        case Choice(options):
            expression = _either([_tail((option, *rest)) for option in options])
        case Repeat(part, least, 1):
            expression = _either([_tail((part, *rest)), *([_tail(rest)] if least == 0 else [])])
        case _:
            raise PatternRefused("It holds '^', '$' or lookahead where these cannot be enforced.")
    return expression


def _either(options: list[str]) -> str:
    return f"({' | '.join(options)})"


def _positions(pattern: Pattern) -> bool:
    """Whether a position is in the pattern: `^`, `$` or a lookahead."""
    match pattern:
        case Start() | End() | Lookahead():
            return True
        case Sequence(parts) | Choice(parts):
            return any(_positions(part) for part in parts)
        case Repeat(part):
            return _positions(part)
        case Chars():
            return False


def _regex(pattern: Pattern) -> str:
    """A pattern without positions as a regular expression (Rust's syntax) of its spellings."""
    match pattern:
        case Chars(chars):
            spelt = chars.spelling()
            if not spelt:
                raise PatternRefused("A class holds no character that can stand in a JSON string.")
            return spelt
        case Sequence(parts):
            return "".join(_regex(part) for part in parts)
        case Choice(options):
            return "(?:" + "|".join(_regex(option) for option in options) + ")"
        case Repeat(part, least, most):
            inner = _regex(part)
            return f"(?:{inner}){_times(least, most)}" if inner else ""
        case _:
            raise AssertionError("positions are gone by now")


def _times(least: int, most: int | None) -> str:
    return f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"
