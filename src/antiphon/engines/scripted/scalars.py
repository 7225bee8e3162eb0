"""The smallest text or number that fits the keywords of a JSON schema."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from antiphon.engines.scripted.effort import Effort
from antiphon.engines.scripted.matching import has_match
from antiphon.errors import InvalidRequest
from antiphon.schemas.patterns import (
    Chars,
    Choice,
    End,
    Lookahead,
    Pattern,
    PatternRefused,
    Repeat,
    Sequence,
    Start,
    read_pattern,
)

_FORMATS: Mapping[str, str] = {
    "date-time": "2000-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "date": "2000-01-01",
    "duration": "PT0S",
    "email": "a@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
}
# What a class of characters is shown by, if it holds one of them.
_READABLE = "a0A -_."


def text_instance(fields: Mapping[str, Any], effort: Effort) -> str:
    """Return a text of the format or the pattern, or else one of the least length.

    Raises `InvalidRequest` for a pattern, or a pattern and a length, that no text is found for.
    """
    text: str = _FORMATS.get(fields.get("format", ""), "")
    source: str | None = fields.get("pattern")
    pattern = _read(source) if source is not None else None
    if pattern is not None and not has_match(pattern, text, effort):
        text = _shortest(pattern, effort)
    num_lacking = max(0, int(fields.get("minLength", 0)) - len(text))
    effort.spend(num_lacking)
    text += "a" * num_lacking
    if source is not None and pattern is not None and not has_match(pattern, text, effort):
        raise _no_text(source)
    return text


def number_instance(fields: Mapping[str, Any]) -> int | float:
    """Return the number nearest to 0 from below its bounds upwards. Raises `InvalidRequest` where none fits."""
    step = _fraction(fields.get("multipleOf", 1))
    if fields.get("type") == "integer":
        step = Fraction(step.numerator)  # the whole multiples of p/q are those of p
    found = _multiple(fields, step)
    if found is None and fields.get("type") == "number" and "multipleOf" not in fields:
        found = _between(fields)
    if found is None:
        raise InvalidRequest("The scripted model finds no number that fits the schema: give it a script.")
    return int(found) if found.denominator == 1 else float(found)


def _multiple(fields: Mapping[str, Any], step: Fraction) -> Fraction | None:
    """Return 0 or the multiple of `step` next to it within the bounds, if there is one."""
    low, high = _least(fields), _most(fields)
    candidates = [Fraction(0)]
    if low is not None:
        first = math.ceil(low / step) * step
        candidates += [first, first + step]
    if high is not None:
        last = math.floor(high / step) * step
        candidates += [last, last - step]
    return next((candidate for candidate in candidates if _is_within(candidate, fields)), None)


def _between(fields: Mapping[str, Any]) -> Fraction | None:
    low, high = _least(fields), _most(fields)
    if low is None or high is None:
        return None
    middle = (low + high) / 2
    return middle if _is_within(middle, fields) else None


def _least(fields: Mapping[str, Any]) -> Fraction | None:
    bounds = [_fraction(fields[name]) for name in ("minimum", "exclusiveMinimum") if name in fields]
    return max(bounds, default=None)


def _most(fields: Mapping[str, Any]) -> Fraction | None:
    bounds = [_fraction(fields[name]) for name in ("maximum", "exclusiveMaximum") if name in fields]
    return min(bounds, default=None)


def _is_within(number: Fraction, fields: Mapping[str, Any]) -> bool:
    return not (
        ("minimum" in fields and number < _fraction(fields["minimum"]))
        or ("maximum" in fields and number > _fraction(fields["maximum"]))
        or ("exclusiveMinimum" in fields and number <= _fraction(fields["exclusiveMinimum"]))
        or ("exclusiveMaximum" in fields and number >= _fraction(fields["exclusiveMaximum"]))
    )


def _fraction(number: float) -> Fraction:
    """Return the number that was written: 0.1 is a tenth."""
    return Fraction(repr(number))


def _read(source: str) -> Pattern:
    try:
        return read_pattern(source)
    except PatternRefused as refusal:
        raise _no_text(source) from refusal


def _shortest(pattern: Pattern, effort: Effort) -> str:
    effort.spend(1)
    match pattern:
        case Chars():
            readable = (character for character in _READABLE if ord(character) in pattern.chars)
            first = (chr(low) for low, _ in pattern.chars.ranges)
            return next(readable, None) or next(first, "")
        case Sequence():
            return "".join(_shortest(part, effort) for part in pattern.parts)
        case Choice():
            return min((_shortest(option, effort) for option in pattern.options), key=len)
        case Repeat():
            part = _shortest(pattern.part, effort)
            effort.spend(len(part) * pattern.least)
            return part * pattern.least
        case Start() | End() | Lookahead():
            return ""


def _no_text(source: str) -> InvalidRequest:
    return InvalidRequest(f"The scripted model finds no text of the pattern '{source}': give it a script.")
