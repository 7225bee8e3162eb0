"""Strings and numbers of a schema, read with their constraints. Raises `InvalidRequest` throughout."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from antiphon.schemas.emptiness import is_surely_empty
from antiphon.schemas.formats import FORMATS, LOCAL_TIME
from antiphon.schemas.languages import Language, language_of
from antiphon.schemas.nodes import Bound, Number, Text
from antiphon.schemas.numbers import NumberRefused, number_expression
from antiphon.schemas.owners import Place
from antiphon.schemas.patterns import Pattern, PatternRefused, read_pattern
from antiphon.schemas.values import decimal, is_number

STRING_KEYWORDS = frozenset({"pattern", "format"})
NUMBER_KEYWORDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})


def read_text(schema: Mapping[str, object], place: Place, *, strict: bool) -> Text:
    """A string with its `format` and `pattern`. What cannot be enforced is refused if `strict`, else left out."""
    formats = _read_format(schema["format"], place, strict=strict) if "format" in schema else []
    try:
        patterns = [language_of(_read_pattern(schema["pattern"], place))] if "pattern" in schema else []
        if patterns and is_surely_empty((*formats, *patterns)):
            formats = _format_beside(schema.get("format"), patterns)
    except PatternRefused as error:
        if strict:
            raise place.not_permitted("pattern", str(error)) from error
        patterns = []
    return Text((*formats, *patterns))


def read_number(schema: Mapping[str, object], place: Place, *, integer: bool, strict: bool) -> Number:
    """A number with its bounds and its step. What cannot be enforced is refused if `strict`, else left out."""
    number = Number(
        integer,
        minimum=_tighter(schema, "minimum", "exclusiveMinimum", place),
        maximum=_tighter(schema, "maximum", "exclusiveMaximum", place),
        multiple_of=_read_step(schema, place),
    )
    try:
        number_expression(number, define=lambda _: "DIGITS")
    except NumberRefused as error:
        if not strict:
            return Number(integer)
        keyword = error.keyword if error.keyword in schema else f"exclusive{error.keyword.capitalize()}"
        raise place.not_permitted(keyword, str(error)) from error
    return number


def _read_format(name: object, place: Place, *, strict: bool) -> list[Language]:
    if not isinstance(name, str):
        raise place.malformed(f"{name!r} is not of type 'string'.")
    if name in FORMATS:
        return [_language(FORMATS[name])]
    if strict:
        raise place.refusal(f"'{name}' is not a valid format.")
    return []


@cache
def _language(format_pattern: str) -> Language:
    return language_of(read_pattern(format_pattern))


def _format_beside(name: object, patterns: list[Language]) -> list[Language]:
    """What a format means beside a pattern that it does not fit as it stands. Raises `PatternRefused`."""
    local_time = _language(LOCAL_TIME)
    if name != "time" or is_surely_empty((local_time, *patterns)):
        raise PatternRefused("No string satisfies it together with its neighbours.")
    return [local_time]


def _read_pattern(source: object, place: Place) -> Pattern:
    if not isinstance(source, str):
        raise place.malformed(f"{source!r} is not of type 'string'.")
    return read_pattern(source)


def _tighter(schema: Mapping[str, object], inclusive: str, exclusive: str, place: Place) -> Bound | None:
    """The bound that leaves less, of the one that includes its value and the one that does not."""
    including, excluding = _read_value(schema, inclusive, place), _read_value(schema, exclusive, place)
    if including is None or excluding is None:
        value = excluding if including is None else including
        return None if value is None else Bound(value, inclusive=excluding is None)
    outward = 1 if inclusive == "maximum" else -1
    is_exclusive_tighter = (excluding - including) * outward <= 0
    return Bound(excluding, inclusive=False) if is_exclusive_tighter else Bound(including, inclusive=True)


def _read_step(schema: Mapping[str, object], place: Place) -> Decimal | None:
    step = _read_value(schema, "multipleOf", place)
    if step is not None and step <= 0:
        raise place.malformed(f"{schema['multipleOf']!r} is less than or equal to the minimum of 0.")
    return step


def _read_value(schema: Mapping[str, object], keyword: str, place: Place) -> Decimal | None:
    value = schema.get(keyword)
    if keyword not in schema:
        return None
    if not is_number(value):
        raise place.malformed(f"{value!r} is not of type 'number'.")
    return decimal(value)
