"""The smallest value that fits a JSON schema, for a model that has to answer and has nothing to say.

Smallest in depth: where a schema offers alternatives, the first of the shallowest is taken, so that a recursive schema
comes to an end. Only what is required is given, texts are as short and numbers as near to nothing as they may be.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from antiphon.engines.scripted.effort import Effort
from antiphon.engines.scripted.scalars import number_instance, text_instance
from antiphon.errors import InvalidRequest

# OpenAI's schemas are at most 10 deep; each level may take a reference and an alternative.
MAX_DEPTH = 40

_OPEN = frozenset({"anyOf", "oneOf"})


class _TooDeep(Exception):
    """The value does not end within the depth allowed."""


def minimal_instance(schema: Mapping[str, Any]) -> object:
    """Return the smallest value that fits.

    Raises `InvalidRequest` if none fits, or each would be endless or too large.
    """
    maker = _Maker(schema)
    for depth in range(1, MAX_DEPTH + 1):
        try:
            return maker.make(schema, depth)
        except _TooDeep:
            continue
    raise InvalidRequest("The scripted model finds no value that fits the schema: give it a script.")


class _Maker:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._effort = Effort()

    def make(self, schema: object, depth: int) -> object:
        """Return a value at most `depth` objects, arrays, references and alternatives deep."""
        self._effort.spend(1)
        if depth == 0:
            raise _TooDeep
        if not isinstance(schema, dict):
            return None  # `true`, or nothing: anything fits
        fields = cast("dict[str, Any]", schema)
        literals = [fields["const"]] if "const" in fields else fields.get("enum")
        if literals:
            return literals[0]
        if "$ref" in fields or fields.get("allOf"):
            return self.make(self._joined(fields), depth - 1)
        options = fields.get("anyOf") or fields.get("oneOf")
        if options:
            return self._first(options, _without(fields, _OPEN), depth)
        return self._of_type(fields, depth)

    def _joined(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return one schema for all those that must fit at once."""
        if "$ref" in fields:
            return _merged(self._referred(fields["$ref"]), _without(fields, frozenset({"$ref"})))
        joined = _without(fields, frozenset({"allOf"}))
        for part in cast("list[object]", fields["allOf"]):
            joined = _merged(part, joined)
        return joined

    def _first(self, options: Sequence[object], rest: Mapping[str, Any], depth: int) -> object:
        for option in options:
            try:
                return self.make(_merged(option, rest), depth - 1)
            except _TooDeep:
                continue
        raise _TooDeep

    def _of_type(self, fields: Mapping[str, Any], depth: int) -> object:
        kind = fields.get("type", _implied_type(fields))
        value: object = None
        match kind:
            case list():
                options = [{"type": one} for one in cast("list[str]", kind)]
                value = self._first(options, _without(fields, frozenset({"type"})), depth)
            case "object":
                value = self._object(fields, depth)
            case "array":
                value = self._array(fields, depth)
            case "string":
                value = text_instance(fields, self._effort)
            case "integer" | "number":
                value = number_instance(fields)
            case "boolean":
                value = False
            case _:
                pass  # null, or no type at all
        return value

    def _object(self, fields: Mapping[str, Any], depth: int) -> dict[str, object]:
        properties: Mapping[str, Any] = fields.get("properties", {})
        required = [name for name in fields.get("required", ()) if isinstance(name, str)]
        ordered = [name for name in properties if name in required]
        ordered += [name for name in required if name not in properties]
        return {name: self.make(properties.get(name, True), depth - 1) for name in ordered}

    def _array(self, fields: Mapping[str, Any], depth: int) -> list[object]:
        least = int(fields.get("minItems", 0))
        self._effort.spend(least)
        first = fields.get("prefixItems", ())
        schemas = [*cast("list[object]", first)[:least]] if isinstance(first, list) else []
        schemas += [fields.get("items", True)] * (least - len(schemas))
        return [self.make(schema, depth - 1) for schema in schemas]

    def _referred(self, reference: str) -> object:
        """Follow a pointer such as `#/$defs/node` from the root."""
        place: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(place, dict) or key not in place:
                raise InvalidRequest(f"The schema refers to {reference}, which is not in it.")
            place = cast("dict[str, Any]", place)[key]
        return place


def _implied_type(fields: Mapping[str, Any]) -> str | None:
    if "properties" in fields or "required" in fields:
        return "object"
    return "array" if "items" in fields else None


def _without(fields: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _merged(schema: object, other: Mapping[str, Any]) -> dict[str, Any]:
    """Join two schemas that must both fit, as far as the subset needs: properties side by side, the rest by name."""
    if not isinstance(schema, dict):
        return dict(other)  # `true`, which every value fits
    schema = cast("dict[str, Any]", schema)
    joined = {**other, **schema}
    if "properties" in schema and "properties" in other:
        joined["properties"] = {**other["properties"], **schema["properties"]}
    if "required" in schema and "required" in other:
        joined["required"] = [*other["required"], *schema["required"]]
    return joined
