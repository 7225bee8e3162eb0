"""Request bodies, from bytes to types, in microseconds when they are right and with OpenAI's words when they are not.

A body is parsed once, then validated; only a refused one is walked again to say where it is wrong (`faults`). The
validators are pydantic's own for the model, changed in two ways that matter to a server: they stop at the first fault
of a list or an object (eight million wrong entries would otherwise become eight million errors and 3 GB), and numbers
that JSON cannot say, such as `NaN` or 1e999, are refused wherever they stand.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema, from_json

from antiphon.errors import InvalidRequest
from antiphon.wire.faults import first_fault, has_infinity

M = TypeVar("M", bound=BaseModel)

# How many fields more than it knows an object may have before it is refused without naming each of them.
_NUM_STRANGERS = 64


def read(model: type[M], body: bytes) -> M:
    """Return `body`, UTF-8 JSON, as a `model`.

    Raises `InvalidRequest` with OpenAI's message, `param` and `code` for the first thing that is wrong with it.
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as fault:
        raise InvalidRequest(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
            "library correctly. The API expects a JSON payload, but what was sent was not valid JSON: "
            f"{fault}.)"
        ) from None
    return read_value(model, value)


def read_value(model: type[M], value: object) -> M:
    """Return a value that was parsed from JSON as a `model`. Raises as `read` does."""
    try:
        return cast("M", _validator(model).validate_python(value))
    except ValidationError as refusal:
        raise first_fault(model.__pydantic_core_schema__, value) or _untold(refusal) from None


def _untold(refusal: ValidationError) -> InvalidRequest:
    """The error for what pydantic refuses and `faults` has no words for: a rule of the model's own, for example."""
    first = refusal.errors(include_url=False, include_context=False, include_input=False)[0]
    param = ".".join(str(step) for step in first["loc"]) or None
    message = first["msg"].removeprefix("Value error, ")
    return InvalidRequest(f"Invalid '{param}': {message}." if param else message, param=param, code="invalid_value")


@cache
def _validator(model: type[BaseModel]) -> SchemaValidator:
    return SchemaValidator(cast("CoreSchema", _guarded(model.__pydantic_core_schema__)), _use_prebuilt=False)


def _guarded(schema: object) -> object:
    """Return a copy of a core schema whose lists, objects and free values cannot be made expensive or infinite."""
    if isinstance(schema, list | tuple):
        return [_guarded(part) for part in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    known = cast("dict[str, Any]", schema)
    copy = {name: part if name in _LEAVES else _guarded(part) for name, part in known.items()}
    guard = _GUARDS.get(known["type"]) if isinstance(known.get("type"), str) else None
    return guard(copy) if guard is not None else copy


def _stopping(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "fail_fast": True}


def _uncrowded(schema: dict[str, Any]) -> Mapping[str, Any]:
    """Refuse an object of far too many fields before each becomes an error of its own."""
    fields = cast("Mapping[str, Any]", schema.get("fields", {}))
    most = len(fields) + _NUM_STRANGERS

    def refuse_a_crowd(value: object) -> object:
        num_fields = len(cast("dict[str, object]", value)) if isinstance(value, dict) else 0
        if num_fields > most:
            raise ValueError("Too many unknown fields")
        return cast("object", value)

    return core_schema.no_info_before_validator_function(refuse_a_crowd, cast("CoreSchema", schema))


def _finite(schema: dict[str, Any]) -> Mapping[str, Any]:
    """Refuse an infinite number inside a value that may be anything."""
    return core_schema.no_info_after_validator_function(_refuse_infinity, cast("CoreSchema", schema))


def _refuse_infinity(value: object) -> object:
    if has_infinity(value):
        raise ValueError("Not a finite number")
    return value


# Parts of a core schema that are no schemas themselves.
_LEAVES = frozenset({"metadata", "config", "cls", "default", "expected", "computed_fields"})

_GUARDS: Mapping[str, Callable[[dict[str, Any]], Mapping[str, Any]]] = {
    "list": _stopping,
    "dict": _stopping,
    "model-fields": _uncrowded,
    "any": _finite,
    "float": lambda schema: {**schema, "allow_inf_nan": False},
}
