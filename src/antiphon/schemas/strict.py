"""The strict subset of JSON Schema: its rules, in the words that OpenAI's service refuses with.

Every keyword that is read is enforced by the grammar; every other is refused, but for annotations.
"""

from collections.abc import Mapping

from antiphon.schemas.keywords import literal_of, read_count, read_mapping, read_root_type, read_types, read_values
from antiphon.schemas.limits import Tally
from antiphon.schemas.nodes import BOOLEAN, NULL, List, Node, Property, Record, Reference, Union
from antiphon.schemas.owners import Place
from antiphon.schemas.recursion import endless_definitions
from antiphon.schemas.references import (
    DEFINITION_KEYWORDS,
    ROOT,
    definition_name,
    strict_definition_named,
)
from antiphon.schemas.scalars import NUMBER_KEYWORDS, STRING_KEYWORDS, read_number, read_text
from antiphon.schemas.values import TYPES, is_list, is_of_type

# Of no consequence to what fits. `id` and `$id` are what schema libraries call a definition by.
ANNOTATIONS = frozenset(
    {
        "$schema",
        "$id",
        "id",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
    }
)

_KEYWORDS_OF_TYPES: Mapping[str, frozenset[str]] = {
    "string": STRING_KEYWORDS,
    "number": NUMBER_KEYWORDS,
    "integer": NUMBER_KEYWORDS,
    "array": frozenset({"items", "minItems", "maxItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
# `nullable` is not JSON Schema's but OpenAPI's: the Node SDK writes it for zod 3.
_ANYWHERE = ANNOTATIONS | {"nullable"}
_NOT_AT_THE_TOP = ("oneOf", "anyOf", "allOf", "enum", "not")

# Schemas inside schemas of any kind, alternatives included: no schema of use comes near, and reading one recurses.
_MAX_SCHEMA_DEPTH = 60


def read_strict(document: Mapping[str, object], root: Place) -> dict[str, Node]:
    """The definitions of a strict schema, its root under `#`. Raises `InvalidRequest`."""
    _check_root(document, root)
    reader = _Reader(document)
    definitions = {ROOT: reader.schema(_without_definitions(document), root)}
    for keyword in DEFINITION_KEYWORDS:
        definitions |= reader.definitions(keyword, root)
    reader.tally.check(root)
    for name in endless_definitions(definitions):
        place = root.at(*name.split("/", maxsplit=2)[1:])
        raise place.refusal("no finite value fits: the schema refers to itself without an end.")
    return definitions


def _check_root(document: Mapping[str, object], root: Place) -> None:
    read_root_type(document, root)
    if any(keyword in document for keyword in _NOT_AT_THE_TOP):
        raise root.malformed(
            "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
        )


def _without_definitions(document: Mapping[str, object]) -> dict[str, object]:
    return {keyword: value for keyword, value in document.items() if keyword not in DEFINITION_KEYWORDS}


class _Reader:
    """One reading of one document."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        self._nesting = 0
        self._depth = 0
        self.tally = Tally()

    def definitions(self, keyword: str, root: Place) -> dict[str, Node]:
        """The definitions under `$defs` or `definitions`."""
        group = read_mapping(self._document.get(keyword, {}), root)
        self.tally.add_names(list(group))
        return {
            definition_name(keyword, key): self.schema(schema, root.at(keyword, key)) for key, schema in group.items()
        }

    def schema(self, schema: object, place: Place) -> Node:
        """Any schema of the subset."""
        if schema is True or schema is False:
            raise place.refusal("schema must have a 'type' key.")
        known = read_mapping(schema, place)
        self._depth += 1
        if self._depth > _MAX_SCHEMA_DEPTH:
            raise place.malformed(f"{self._depth} levels of nesting exceeds limit of {_MAX_SCHEMA_DEPTH}.")
        node = self._schema(known, place)
        self._depth -= 1
        return Union((node, NULL)) if known.get("nullable") is True else node

    def _schema(self, schema: Mapping[str, object], place: Place) -> Node:
        if "$ref" in schema:
            return self._reference(schema, place)
        if "anyOf" in schema:
            return self._any_of(schema, place)
        if "enum" in schema or "const" in schema:
            return self._fixed(schema, place)
        if "type" not in schema:
            _permit(schema, _ANYWHERE | _keywords_of(tuple(_KEYWORDS_OF_TYPES)), place)
            raise place.refusal("schema must have a 'type' key.")
        return self._typed(schema, place)

    def _reference(self, schema: Mapping[str, object], place: Place) -> Node:
        others = ", ".join(repr(keyword) for keyword in schema if keyword != "$ref")
        if others:
            # OpenAI's message has no "In" before this context.
            raise place.malformed(f"context={place.context}, $ref cannot have keywords {{{others}}}.")
        reference = schema["$ref"]
        if not isinstance(reference, str):
            raise place.malformed(f"{reference!r} is not of type 'string'.")
        return Reference(strict_definition_named(reference, self._document, place))

    def _any_of(self, schema: Mapping[str, object], place: Place) -> Node:
        _permit(schema, _ANYWHERE | {"anyOf"}, place)
        options = read_values(schema["anyOf"], place)
        return Union(tuple(self.schema(option, place.at("anyOf", str(at))) for at, option in enumerate(options)))

    def _fixed(self, schema: Mapping[str, object], place: Place) -> Node:
        """`enum` or `const`, with or without a `type`."""
        _permit(schema, _ANYWHERE | {"enum", "const", "type"}, place)
        types = read_types(schema, place) if "type" in schema else TYPES
        values = list(read_values(schema["enum"], place)) if "enum" in schema else [schema["const"]]
        if "enum" in schema:
            self.tally.add_enum(values, place)
        else:
            self.tally.add_names([value for value in values if isinstance(value, str)])
        for value in values:
            if not any(is_of_type(value, name) for name in types):
                raise place.refusal(f"enum value {value} does not validate against {{'type': {schema['type']!r}}}.")
        if "enum" in schema and "const" in schema:
            values = [value for value in values if value == schema["const"]]
            if not values:
                raise place.not_permitted("const", "It is none of the values of 'enum'.")
        return literal_of(values, place)

    def _typed(self, schema: Mapping[str, object], place: Place) -> Node:
        types = read_types(schema, place)
        _permit(schema, _ANYWHERE | {"type"} | _keywords_of(types), place)
        if isinstance(schema["type"], str):
            return self._of_type(types[0], schema, place)
        return Union(tuple(self._of_type(name, schema, place.at("type", str(at))) for at, name in enumerate(types)))

    def _of_type(self, name: str, schema: Mapping[str, object], place: Place) -> Node:
        match name:
            case "string":
                node = read_text(schema, place, strict=True)
            case "number" | "integer":
                node = read_number(schema, place, integer=name == "integer", strict=True)
            case "array":
                node = self._array(schema, place)
            case "object":
                node = self._object(schema, place)
            case _:
                node = BOOLEAN if name == "boolean" else NULL
        return node

    def _array(self, schema: Mapping[str, object], place: Place) -> List:
        if "items" not in schema:
            raise place.refusal("array schema missing items.")
        least, most = read_count(schema, "minItems", place) or 0, read_count(schema, "maxItems", place)
        if most is not None and least > most:
            raise place.not_permitted("minItems", "It is greater than 'maxItems'.")
        self._enter()
        items = self.schema(schema["items"], place.at("items"))
        self._nesting -= 1
        return List(items, least, most)

    def _object(self, schema: Mapping[str, object], place: Place) -> Record:
        if schema.get("additionalProperties") is not False:
            raise place.refusal("'additionalProperties' is required to be supplied and to be false.")
        properties = read_mapping(schema.get("properties", {}), place)
        _check_required(schema, properties, place)
        self.tally.add_properties(list(properties))
        self._enter()
        read = tuple(
            Property(key, self.schema(value, place.at("properties", key))) for key, value in properties.items()
        )
        self._nesting -= 1
        return Record(read)

    def _enter(self) -> None:
        self._nesting += 1
        self.tally.nesting = max(self.tally.nesting, self._nesting)


def _keywords_of(types: tuple[str, ...]) -> frozenset[str]:
    return frozenset(keyword for name in types for keyword in _KEYWORDS_OF_TYPES.get(name, ()))


def _permit(schema: Mapping[str, object], permitted: frozenset[str], place: Place) -> None:
    for keyword in schema:
        if keyword not in permitted:
            raise place.not_permitted(keyword)


def _check_required(schema: Mapping[str, object], properties: Mapping[str, object], place: Place) -> None:
    rule = "'required' is required to be supplied and to be an array including every key in properties."
    required = schema.get("required", [])
    if not is_list(required):
        raise place.malformed(f"{required!r} is not of type 'array'.")
    asked = set(map(str, required))
    for key in properties:
        if key not in asked:
            raise place.refusal(f"{rule} Missing '{key}'.")
    for key in required:
        if key not in properties:
            raise place.refusal(f"{rule} Extra required key '{key}' supplied.")
