"""How OpenAI's errors speak of values: their kinds, their places, what was expected and what came instead."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from antiphon.errors import InvalidRequest

Place = tuple[str | int, ...]


class Unfitness(NamedTuple):
    """Why a value of the right kind is refused, as the end of a sentence, and the code for it."""

    reason: str
    code: str


_SHOWN_CHARS = 200  # of a caller's own value that a message repeats

_KINDS: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "decimal",
    list: "array",
    dict: "object",
    type(None): "null",
}


def kind_of(value: object) -> str:
    """Name the kind of a JSON value: string, boolean, integer, decimal, array, object or null."""
    return _KINDS[type(value)]


def written(place: Place) -> str:
    """Write a place as OpenAI does: `messages[0].content`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{shown(step)}" for step in place)
    return "".join(steps).removeprefix(".")


def shown(value: object) -> str:
    """Return a value of the caller's as a message may repeat it."""
    text = str(value)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "..."


def listed(words: Iterable[str], conjunction: str) -> str:
    """Join words as a sentence does: `a`, `a and b`, or `a, b, and c`."""
    *others, last = words
    if not others:
        return last
    return f"{', '.join(others)}{',' if len(others) > 1 else ''} {conjunction} {last}"


def quoted(values: Iterable[object]) -> list[str]:
    """Put each value into quotation marks."""
    return [f"'{shown(value)}'" for value in values]


def with_article(noun: str) -> str:
    """`an array of objects`, `a string`; `null` and what is counted already take no article."""
    if noun == "null" or noun.startswith("one of"):
        return noun
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def plural(noun: str) -> str:
    """`strings`, `arrays of objects`."""
    first, _, rest = noun.partition(" ")
    return f"{first}s {rest}".rstrip()


def wrong_type(place: Place, expected: str, value: object) -> InvalidRequest:
    """The error for a value of another kind than the `expected` one."""
    subject = f"'{written(place)}'" if place else "the request body"
    return InvalidRequest(
        f"Invalid type for {subject}: expected {expected}, but got {with_article(kind_of(value))} instead.",
        param=written(place) or None,
        code="invalid_type",
    )


def missing(place: Place) -> InvalidRequest:
    """The error for a field that must be there."""
    return InvalidRequest(
        f"Missing required parameter: '{written(place)}'.", param=written(place), code="missing_required_parameter"
    )


def unknown(place: Place, names: Sequence[str]) -> InvalidRequest:
    """The error for the fields `names`, which the object at `place` does not have."""
    if not place:
        plural = "s" if len(names) > 1 else ""
        return InvalidRequest(f"Unrecognized request argument{plural} supplied: {shown(', '.join(map(shown, names)))}")
    param = written((*place, names[0]))
    return InvalidRequest(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")


def not_supported(place: Place, value: object, supported: Iterable[object]) -> InvalidRequest:
    """The error for a value outside an enumeration."""
    return InvalidRequest(
        f"Invalid value: '{shown(value)}'. Supported values are: {listed(quoted(supported), 'and')}.",
        param=written(place),
        code="invalid_value",
    )


def unfit(place: Place, unfitness: Unfitness) -> InvalidRequest:
    """The error for a value of the right kind that is too long, too large or malformed."""
    message = f"Invalid '{written(place)}': {unfitness.reason}"
    return InvalidRequest(message, param=written(place), code=unfitness.code)


def unfit_key(place: Place, key: str, unfitness: Unfitness) -> InvalidRequest:
    """The error for a property's name that is too long or malformed."""
    message = f"Invalid key '{shown(key)}' in '{written(place)}': {unfitness.reason}"
    return InvalidRequest(message, param=written(place), code=unfitness.code)


def string_unfitness(schema: Mapping[str, Any], value: str) -> Unfitness | None:
    """Return why a string breaks the bounds of a core schema."""
    pattern = schema.get("pattern")
    if pattern is not None and not re.search(pattern, value):
        reason = f"string does not match pattern. Expected a string that matches the pattern '{pattern}'."
        return Unfitness(reason, "invalid_value")
    return _length_unfitness(schema, "string", len(value))


def array_unfitness(schema: Mapping[str, Any], value: Sequence[object]) -> Unfitness | None:
    """Return why an array breaks the bounds of a core schema."""
    return _length_unfitness(schema, "array", len(value))


def _length_unfitness(schema: Mapping[str, Any], noun: str, length: int) -> Unfitness | None:
    most, least, one = schema.get("max_length"), schema.get("min_length"), with_article(noun)
    if most is not None and length > most:
        bound, side = f"maximum length {most}", "long"
        code = f"{noun}_above_max_length"
    elif least is not None and length < least:
        bound, side = f"minimum length {least}", "short"
        code = f"{noun}_below_min_length" if length else f"empty_{noun}"
    else:
        return None
    if length == 0:
        return Unfitness(f"empty {noun}. Expected {one} with {bound}, but got an empty {noun} instead.", code)
    reason = f"{noun} too {side}. Expected {one} with {bound}, but got {one} with length {length} instead."
    return Unfitness(reason, code)


def object_unfitness(schema: Mapping[str, Any], value: Mapping[str, object]) -> Unfitness | None:
    """Return why an object has too many properties."""
    most = schema.get("max_length")
    if most is None or len(value) <= most:
        return None
    reason = (
        f"too many properties. Expected an object with at most {most} properties, "
        f"but got an object with {len(value)} properties instead."
    )
    return Unfitness(reason, "object_above_max_properties")


def number_unfitness(schema: Mapping[str, Any], value: float) -> Unfitness | None:
    """Return why a number breaks the bounds of a core schema."""
    noun = "integer" if schema["type"] == "int" else "decimal"
    for bound in _BOUNDS:
        limit = schema.get(bound.name)
        if limit is None or bound.holds(value, limit):
            continue
        reason = (
            f"{noun} {bound.side} {bound.end}imum value. Expected a value {bound.sign} {_number(limit)}, "
            f"but got {shown(_number(value))} instead."
        )
        return Unfitness(reason, f"{noun}_{bound.side}_{bound.end}_value")
    return None


class _Bound(NamedTuple):
    """One bound of numbers: its name in a core schema, its sign, and how messages speak of it."""

    name: str
    sign: str
    holds: Callable[[float, float], bool]
    side: str
    end: str


_BOUNDS = (
    _Bound("le", "<=", operator.le, "above", "max"),
    _Bound("lt", "<", operator.lt, "above", "max"),
    _Bound("ge", ">=", operator.ge, "below", "min"),
    _Bound("gt", ">", operator.gt, "below", "min"),
)


def _number(value: float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
