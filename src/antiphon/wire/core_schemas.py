"""What a pydantic core schema takes, in words and by kind."""

from collections.abc import Iterator, Mapping
from typing import Any

from antiphon.wire.wording import kind_of, listed, plural, quoted, with_article

Schema = Mapping[str, Any]

# Schemas that only surround the one that counts.
_WRAPPERS = frozenset(
    {"default", "definitions", "function-after", "function-before", "function-wrap", "model", "model-field"}
)

_NOUNS: Mapping[str, str] = {
    "str": "string",
    "bool": "boolean",
    "int": "integer",
    "float": "decimal",
    "list": "array",
    "dict": "object",
    "model-fields": "object",
    "tagged-union": "object",
}


class SchemaReader:
    """Reads the schemas of one model; `whole` is the outermost, which holds those that others point to."""

    def __init__(self, whole: Schema) -> None:
        self._definitions: Mapping[str, Schema] = {part["ref"]: part for part in whole.get("definitions", ())}

    def plain(self, schema: Schema) -> Schema:
        """Return the schema that counts: nothing that only surrounds, allows null or points to it."""
        while True:
            if schema["type"] == "definition-ref":
                schema = self._definitions[schema["schema_ref"]]
            elif schema["type"] in _WRAPPERS or schema["type"] == "nullable":
                schema = schema["schema"]
            else:
                return schema

    def takes_null(self, schema: Schema) -> bool:
        """Whether a schema allows null."""
        while schema["type"] in _WRAPPERS or schema["type"] == "definition-ref":
            is_wrapper = schema["type"] in _WRAPPERS
            schema = schema["schema"] if is_wrapper else self._definitions[schema["schema_ref"]]
        return schema["type"] == "nullable"

    def takes_kind(self, schema: Schema, value: object) -> bool:
        """Whether a schema takes values of the kind of `value`, whether or not this one is right."""
        if value is None and self.takes_null(schema):
            return True
        plain, kind = self.plain(schema), kind_of(value)
        if plain["type"] == "union":
            return any(self.takes_kind(branch, value) for branch in plain["choices"])
        if plain["type"] == "literal":
            return kind in map(kind_of, plain["expected"])
        noun = _NOUNS.get(plain["type"], kind)
        return noun == kind or (noun == "decimal" and kind == "integer")

    def expected(self, schema: Schema) -> str:
        """Say what a schema takes: `a string`, `one of 'a' or 'b'`, `one of a string or array of objects`."""
        if schema["type"] == "literal":
            return f"one of {listed(quoted(schema['expected']), 'or')}"
        first, *others = dict.fromkeys(self._nouns(schema))
        if not others:
            return with_article(first)
        return f"one of {listed([with_article(first), *others], 'or')}"

    def _nouns(self, schema: Schema) -> Iterator[str]:
        plain = self.plain(schema)
        if plain["type"] == "union":
            for branch in plain["choices"]:
                yield from self._nouns(branch)
        elif plain["type"] == "literal":
            yield from map(kind_of, plain["expected"])
        elif plain["type"] == "list":
            entries = dict.fromkeys(self._nouns(plain["items_schema"]))
            yield f"array of {listed(map(plural, entries), 'or')}" if entries else "array"
        elif plain["type"] in _NOUNS:
            yield _NOUNS[plain["type"]]
