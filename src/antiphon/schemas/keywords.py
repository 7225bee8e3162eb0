"""Keywords whose values must have a certain shape in any JSON Schema. Raises `InvalidRequest` throughout.

The words are those of the meta-schema's validator, which OpenAI's service passes on; they name no place.
"""

from collections.abc import Mapping, Sequence

from antiphon.schemas.nodes import Literal
from antiphon.schemas.owners import Place
from antiphon.schemas.values import TYPES, is_count, is_list, is_mapping, is_unicode, json_text


def read_root_type(document: Mapping[str, object], root: Place) -> None:
    """Check that the whole is an object."""
    if document.get("type") != "object":
        raise root.malformed(
            f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{document.get('type')}\"'."
        )


def read_types(schema: Mapping[str, object], place: Place) -> tuple[str, ...]:
    """The type or types of a schema."""
    value = schema["type"]
    names = value if is_list(value) else [value]
    known = tuple(name for name in names if isinstance(name, str) and name in TYPES)
    if not known or len(known) < len(names):
        raise place.malformed(f"{value!r} is not valid under any of the given schemas.")
    return known


def read_mapping(value: object, place: Place) -> Mapping[str, object]:
    """An object of the document, its keys writable."""
    if not is_mapping(value):
        raise place.malformed(f"{value!r} is not of type 'object'.")
    for key in value:
        if not is_unicode(key):
            raise place.malformed(f"{key!r} is not valid Unicode.")
    return value


def read_values(values: object, place: Place) -> Sequence[object]:
    """The values of an `enum`: at least one, each a JSON value."""
    if not is_list(values):
        raise place.malformed(f"{values!r} is not of type 'array'.")
    if not values:
        raise place.malformed("[] should be non-empty.")
    return values


def literal_of(values: Sequence[object], place: Place) -> Literal:
    """One of the values."""
    try:
        return Literal(tuple(dict.fromkeys(json_text(value) for value in values)))
    except ValueError as error:
        raise place.malformed(f"a value of 'enum' or 'const' cannot be written as JSON: {error}.") from error


def read_count(schema: Mapping[str, object], keyword: str, place: Place) -> int | None:
    """A keyword that counts, if it is there."""
    value = schema.get(keyword)
    if keyword not in schema:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise place.malformed(f"{value!r} is not of type 'integer'.")
    if not is_count(value):
        raise place.malformed(f"{value!r} is less than the minimum of 0.")
    return value
