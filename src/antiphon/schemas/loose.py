"""JSON Schema outside strict mode: what can be enforced is, what cannot is left to the model, as OpenAI does it.

Refused is only what is no JSON Schema at all. Nothing here makes a value impossible that the schema allows, but for the
order of keys and for objects that name their properties without saying more: those take no others, since a small model
that may add keys does not stop adding them.
"""

from collections.abc import Mapping
from dataclasses import replace

from antiphon.schemas.keywords import literal_of, read_count, read_mapping, read_root_type, read_types, read_values
from antiphon.schemas.nodes import BOOLEAN, NULL, Anything, List, Node, Property, Record, Reference, Text, Union
from antiphon.schemas.owners import Place
from antiphon.schemas.recursion import endless_definitions
from antiphon.schemas.references import (
    DEFINITION_KEYWORDS,
    ROOT,
    definition_name,
    definition_named,
)
from antiphon.schemas.scalars import read_number, read_text
from antiphon.schemas.values import is_list

# Deeper schemas end in any value: reading one recurses.
_MAX_SCHEMA_DEPTH = 60


def read_loose(document: Mapping[str, object], root: Place) -> dict[str, Node]:
    """The definitions of a schema, its root under `#`. Raises `InvalidRequest` for what is no JSON Schema."""
    read_root_type(document, root)
    reader = _Reader(document)
    definitions: dict[str, Node] = {ROOT: reader.schema(document, root)}
    for keyword in DEFINITION_KEYWORDS:
        group = read_mapping(document.get(keyword, {}), root)
        definitions |= {
            definition_name(keyword, key): reader.schema(schema, root.at(keyword, key)) for key, schema in group.items()
        }
    for name in endless_definitions(definitions):
        definitions[name] = Record((), others=Anything()) if name == ROOT else Anything()
    return definitions


class _Reader:
    """One reading of one document."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        self._depth = 0

    def schema(self, schema: object, place: Place) -> Node:
        """Any schema."""
        if isinstance(schema, bool) or self._depth == _MAX_SCHEMA_DEPTH:
            return Anything()
        known = read_mapping(schema, place)
        self._depth += 1
        node = self._schema(known, place)
        self._depth -= 1
        return Union((node, NULL)) if known.get("nullable") is True else node

    def _schema(self, schema: Mapping[str, object], place: Place) -> Node:
        if "$ref" in schema:
            return self._reference(schema["$ref"], place)
        if "enum" in schema:
            return literal_of(read_values(schema["enum"], place), place)
        if "const" in schema:
            return literal_of([schema["const"]], place)
        if "type" in schema:
            types = read_types(schema, place)
            options = tuple(self._of_type(name, schema, place) for name in types)
            return options[0] if len(options) == 1 else Union(options)
        return self._untyped(schema, place)

    def _untyped(self, schema: Mapping[str, object], place: Place) -> Node:
        for keyword in ("anyOf", "oneOf", "allOf"):
            if keyword in schema:
                options = read_values(schema[keyword], place)
                nodes = tuple(self.schema(option, place.at(keyword, str(at))) for at, option in enumerate(options))
                # Of several parts that must all fit, none alone says what fits.
                return Union(nodes) if keyword != "allOf" else nodes[0] if len(nodes) == 1 else Anything()
        if "properties" in schema:
            return self._object(schema, place)
        return self._array(schema, place) if "items" in schema else Anything()

    def _reference(self, reference: object, place: Place) -> Node:
        if not isinstance(reference, str):
            raise place.malformed(f"{reference!r} is not of type 'string'.")
        name = definition_named(reference, self._document)
        return Anything() if name is None else Reference(name)

    def _of_type(self, name: str, schema: Mapping[str, object], place: Place) -> Node:
        match name:
            case "string":
                node = _text(schema, place)
            case "number" | "integer":
                node = read_number(schema, place, integer=name == "integer", strict=False)
            case "array":
                node = self._array(schema, place)
            case "object":
                node = self._object(schema, place)
            case _:
                node = BOOLEAN if name == "boolean" else NULL
        return node

    def _array(self, schema: Mapping[str, object], place: Place) -> Node:
        least, most = read_count(schema, "minItems", place) or 0, read_count(schema, "maxItems", place)
        items = schema.get("items", True)
        is_tuple = is_list(items) or "prefixItems" in schema
        node = Anything() if is_tuple else self.schema(items, place.at("items"))
        return List(node) if most is not None and least > most else List(node, least, most)

    def _object(self, schema: Mapping[str, object], place: Place) -> Node:
        properties = read_mapping(schema.get("properties", {}), place)
        required = schema.get("required", [])
        if not is_list(required):
            raise place.malformed(f"{required!r} is not of type 'array'.")
        more = schema.get("additionalProperties", not properties)
        others = None if more is False else self.schema(more, place.at("additionalProperties"))
        unnamed = [key for key in required if isinstance(key, str) and key not in properties]
        return Record(
            (
                *(
                    Property(key, self.schema(value, place.at("properties", key)), key in required)
                    for key, value in properties.items()
                ),
                *(Property(key, others or Anything()) for key in dict.fromkeys(unnamed)),
            ),
            others,
        )


def _text(schema: Mapping[str, object], place: Place) -> Text:
    text = read_text(schema, place, strict=False)
    least, most = read_count(schema, "minLength", place) or 0, read_count(schema, "maxLength", place)
    return text if most is not None and least > most else replace(text, min_length=least, max_length=most)
