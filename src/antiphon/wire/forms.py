"""Fields of a form as the JSON that they stand for: `a[]` is a list, `a[b]` an object, and `0.5` a number where one
is wanted. What fits nothing stays the text that it is, and the reader says why that is wrong.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar, cast

from pydantic import BaseModel

from antiphon.errors import InvalidRequest
from antiphon.wire.core_schemas import Schema, SchemaReader
from antiphon.wire.reading import read_value

M = TypeVar("M", bound=BaseModel)

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")
_MAX_DEPTH = 3

# A leaf is every value that came under its name, in order.
_Node = list[bytes] | dict[str, "_Node"]


def read_form(model: type[M], fields: Sequence[tuple[str, bytes]]) -> M:
    """Return the fields of a form, in order, as a `model`. Raises `InvalidRequest` as `read` does."""
    reader = SchemaReader(model.__pydantic_core_schema__)
    paths = ((_path(name), value) for name, value in fields)
    return read_value(model, _Values(reader).of(model.__pydantic_core_schema__, _tree(paths)))


def _path(name: str) -> tuple[str, ...]:
    """`a[b][]` is the path a, b: an empty key, or a number, is a place in a list."""
    match = _NAME.fullmatch(name)
    if match is None:
        return (name,)
    keys = [key for key in _KEY.findall(match[2]) if key and not key.isdecimal()]
    return (match[1], *keys[:_MAX_DEPTH])


def _tree(fields: Iterable[tuple[tuple[str, ...], bytes]]) -> dict[str, _Node]:
    tree: dict[str, _Node] = {}
    for path, value in fields:
        place = tree
        for key in path[:-1]:
            inner = place.get(key)
            if not isinstance(inner, dict):
                inner = place[key] = {}
            place = inner
        values = place.get(path[-1])
        if isinstance(values, list):
            values.append(value)
        elif values is None:
            place[path[-1]] = [value]
    return tree


class _Values:
    """Turns nodes into what their schemas take."""

    def __init__(self, schemas: SchemaReader) -> None:
        self._schemas = schemas

    def of(self, schema: Schema | None, node: _Node) -> object:
        """Return a node as the value that it stands for; without a schema it is text."""
        if isinstance(node, dict):
            fields = self._fields(schema)
            return {name: self.of(fields.get(name), inner) for name, inner in node.items()}
        if schema is not None and self._schemas.plain(schema)["type"] == "list":
            entries = self._schemas.plain(schema)["items_schema"]
            return [self._scalar(entries, value) for value in node]
        return self._scalar(schema, node[-1])

    def _fields(self, schema: Schema | None) -> Mapping[str, Schema]:
        plain = self._schemas.plain(schema) if schema is not None else {"type": "any"}
        if plain["type"] == "union":
            branches = map(self._schemas.plain, cast("list[Schema]", plain["choices"]))
            plain = next((branch for branch in branches if branch["type"] == "model-fields"), plain)
        return cast("Mapping[str, Schema]", plain["fields"]) if "fields" in plain else {}

    def _scalar(self, schema: Schema | None, value: bytes) -> object:
        if schema is not None and self._schemas.plain(schema)["type"] == "bytes":
            return value
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise InvalidRequest("A field of the form is not UTF-8.") from None
        if schema is None or self._schemas.takes_kind(schema, text):
            return text
        return next((one for one in _readings(text) if self._schemas.takes_kind(schema, one)), text)


def _readings(text: str) -> Iterable[object]:
    """Yield what else a text may be: a boolean, an integer or a decimal."""
    if text.lower() in {"true", "false"}:
        yield text.lower() == "true"
    for number in (int, float):
        try:
            yield number(text)
        except ValueError:
            continue
