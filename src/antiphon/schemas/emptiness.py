"""Whether any string fits several languages at once, by Brzozowski's derivatives (Journal of the ACM 11:4, 1964).

The derivative of a language by a character holds what may follow that character. A search through the derivatives of an
intersection finds a string of it, or, when none is left to try, proves that there is none.
"""

from collections.abc import Iterator, Sequence

from antiphon.schemas.languages import (
    EMPTY_STRING,
    NOTHING,
    Both,
    Either,
    Except,
    Language,
    OneOf,
    Row,
    Times,
    either,
    row,
)

# Beyond this the search gives up, and the answer is that a string may well be there.
MAX_DERIVATIVES = 1_500


def is_surely_empty(languages: Sequence[Language]) -> bool:
    """Whether no string is in all of the languages; False also if a bounded search does not tell."""
    if len(languages) == 1 and not _intersects(languages[0]):
        return False
    start = Both(tuple(languages))
    characters = _representatives(start)
    seen: set[Language] = {start}
    waiting: list[Language] = [start]
    while waiting:
        state = waiting.pop()
        if _holds_empty_string(state):
            return False
        for character in characters:
            following = _derivative(state, character)
            if following not in seen:
                seen.add(following)
                waiting.append(following)
        if len(seen) > MAX_DERIVATIVES:
            return False
    return True


def _intersects(language: Language) -> bool:
    """Whether there is an intersection or a complement in it: nothing else can be empty."""
    match language:
        case OneOf():
            return False
        case Row(parts) | Either(parts):
            return any(map(_intersects, parts))
        case Times(part):
            return _intersects(part)
        case Both() | Except():
            return True


def _representatives(language: Language) -> list[int]:
    """One character of each kind that the language tells apart."""
    starts = {0}
    for chars in _char_sets(language):
        starts.update(edge for low, high in chars for edge in (low, high + 1))
    return sorted(starts)


def _char_sets(language: Language) -> Iterator[tuple[tuple[int, int], ...]]:
    match language:
        case OneOf(chars):
            yield chars.ranges
        case Row(parts) | Either(parts) | Both(parts):
            for part in parts:
                yield from _char_sets(part)
        case Times(part) | Except(part):
            yield from _char_sets(part)


def _holds_empty_string(language: Language) -> bool:
    match language:
        case OneOf():
            holds = False
        case Row(parts) | Both(parts):
            holds = all(map(_holds_empty_string, parts))
        case Either(options):
            holds = any(map(_holds_empty_string, options))
        case Times(part, least):
            holds = least == 0 or _holds_empty_string(part)
        case Except(part):
            holds = not _holds_empty_string(part)
    return holds


def _derivative(language: Language, character: int) -> Language:
    match language:
        case OneOf(chars):
            following = EMPTY_STRING if character in chars else NOTHING
        case Row(parts):
            following = _derivative_of_row(parts, character)
        case Either(options):
            following = either(_derivative(option, character) for option in options)
        case Times(part, least, most):
            fewer = Times(part, max(least - 1, 0), None if most is None else most - 1)
            following = NOTHING if most == 0 else row((_derivative(part, character), fewer))
        case Both(parts):
            derived = tuple(_derivative(part, character) for part in parts)
            following = NOTHING if NOTHING in derived else Both(derived)
        case Except(part):
            following = Except(_derivative(part, character))
    return following


def _derivative_of_row(parts: tuple[Language, ...], character: int) -> Language:
    """The character comes from the first part, or from a later one if those before it may be empty."""
    options: list[Language] = []
    for at, part in enumerate(parts):
        options.append(row((_derivative(part, character), *parts[at + 1 :])))
        if not _holds_empty_string(part):
            break
    return either(options)
