"""JSON values inside a schema: their types, their one text, and whether they are JSON at all."""

import json
import math
from decimal import Decimal
from types import NoneType
from typing import TypeGuard

_PYTHON_TYPES = {"string": str, "boolean": bool, "null": NoneType, "array": list, "object": dict}
TYPES = ("string", "number", "integer", "boolean", "null", "array", "object")


def json_text(value: object) -> str:
    """The text of a value with the answer's white space. Raises `ValueError` if the value is not JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()  # a lone surrogate has no bytes
    return text


def is_of_type(value: object, name: str) -> bool:
    """Whether a JSON value is of that type of JSON Schema; 1.0 is an integer."""
    if name == "number":
        return is_number(value)
    if name == "integer":
        return is_number(value) and (isinstance(value, int) or value.is_integer())
    return isinstance(value, _PYTHON_TYPES[name])


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a JSON value is a number that has a decimal text."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_count(value: object) -> TypeGuard[int]:
    """Whether a JSON value is a whole number from 0 on."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


def is_mapping(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def decimal(value: float) -> Decimal:
    """The number that was written: the shortest decimal that reads as this float."""
    return Decimal(repr(value))


def is_unicode(text: str) -> bool:
    """Whether a string can be written in UTF-8: it holds no lone surrogate."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in text)
