"""The smallest value that fits a schema, held against a validator that is not ours."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.scripted.instances import minimal_instance
from antiphon.errors import InvalidRequest


def record(properties: dict[str, Any]) -> dict[str, Any]:
    """Return an object's schema as the strict subset has it: everything is required, and nothing else may be."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


NODE_OR_NULL = {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}
NODE = {"$defs": {"node": record({"value": {"type": "integer"}, "next": NODE_OR_NULL})}, "$ref": "#/$defs/node"}


@pytest.mark.parametrize(
    ("schema", "instance"),
    [
        ({}, None),
        ({"type": "object"}, {}),
        ({"type": "string"}, ""),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"type": "integer"}, 0),
        ({"type": "array", "items": {"type": "string"}}, []),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["", ""]),
        ({"type": "array", "prefixItems": [{"type": "null"}], "items": {"type": "integer"}, "minItems": 2}, [None, 0]),
        ({"type": ["string", "null"]}, ""),
        ({"enum": ["b", "a"]}, "b"),
        ({"const": {"a": [1]}}, {"a": [1]}),
        ({"type": "string", "minLength": 3}, "aaa"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "minimum": 0.5}, 1),
        ({"type": "integer", "multipleOf": 5, "minimum": 11}, 15),
        ({"type": "integer", "multipleOf": 1.5, "minimum": 1}, 3),
        ({"type": "number", "multipleOf": 0.25, "minimum": 0.3}, 0.5),
        ({"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2}, 0.15),
        ({"type": "number", "exclusiveMaximum": 0}, -1),
        ({"properties": {"a": {"type": "null"}}, "required": ["a"]}, {"a": None}),
        ({"type": "object", "properties": {"a": {"type": "null"}}}, {}),
        ({"type": "object", "properties": {"b": {}, "a": {}}, "required": ["a", "b", "c"]}, dict.fromkeys("bac")),
        ({"anyOf": [{"type": "integer", "minimum": 2}, {"type": "null"}]}, 2),
        ({"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"const": 1}}}]}, {"a": 1}),
        (NODE, {"value": 0, "next": None}),
        (
            {"type": "object", "properties": {"me": {"anyOf": [{"$ref": "#"}, {"const": 0}]}}, "required": ["me"]},
            {"me": 0},
        ),
        ({"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"const": 3}}}, 3),
    ],
)
def test_the_smallest_value_is_taken(schema: dict[str, Any], instance: Any):
    """Nothing is given that is not required, and what is given is as near to nothing as may be."""
    made = minimal_instance(schema)
    assert made == instance
    jsonschema.validate(made, schema)
    if isinstance(instance, dict):
        assert isinstance(made, dict)
        assert list(made) == list(instance)


@pytest.mark.parametrize(
    "name", ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"]
)
def test_a_format_is_kept(name: str):
    """Each format of the strict subset has a text."""
    schema = {"type": "string", "format": name}
    made = minimal_instance(schema)
    assert made
    jsonschema.validate(made, schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize(
    "pattern", ["^[A-Z]{3}-\\d+$", "^(cat|dog)s?$", "a.b", "^[^a0]+$", "^\\s\\S\\w\\W$", "^\\u00e9{2,}$", "^a*$", "é|ö"]
)
def test_a_pattern_is_kept(pattern: str):
    """The shortest text of it is found."""
    schema = {"type": "string", "pattern": pattern}
    jsonschema.validate(minimal_instance(schema), schema)


@pytest.mark.parametrize(
    "schema",
    [
        {
            "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "required": ["a"]}},
            "$ref": "#/$defs/a",
        },
        {"$ref": "#/$defs/a"},
        {"$ref": "#"},
        {"type": "integer", "minimum": 1, "maximum": 0},
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "string", "pattern": "^(?=b)a$"},
        {"type": "string", "pattern": "^a$", "minLength": 2},
        {"type": "string", "pattern": "("},
        {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 10}}, "$ref": "#/$defs/a"},
        {"type": "array", "minItems": 10**9},
        {"type": "array", "minItems": 10**4, "items": {"type": "array", "minItems": 10**4}},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "pattern": "^((a{1000}){1000}){1000}$"},
        {"type": "string", "pattern": "^(a|aa){25}(aa|a){25}b$", "minLength": 60},
    ],
)
def test_a_schema_that_nothing_is_found_for_is_refused(schema: dict[str, Any]):
    """In words, and without an endless search."""
    with pytest.raises(InvalidRequest):
        minimal_instance(schema)


@pytest.mark.parametrize(
    ("schema", "instance"),
    [
        ({"type": "array", "minItems": 2.0, "items": {"type": "null"}}, [None, None]),
        ({"type": "array", "minItems": 1, "prefixItems": 5}, [None]),
        ({"type": "string", "minLength": 3.0}, "aaa"),
        ({"type": "object", "required": [["a"], "b"]}, {"b": None}),
        ({"anyOf": [True, {"type": "string"}]}, None),
        ({"$defs": {"a": True}, "$ref": "#/$defs/a"}, None),
    ],
)
def test_a_schema_that_is_written_oddly_has_an_instance_too(schema: dict[str, Any], instance: Any):
    """Outside the strict subset much may stand in a schema."""
    assert minimal_instance(schema) == instance


def text_of(least: int) -> dict[str, Any]:
    return {"type": "string", "minLength": least}


def integer_from(low: int, span: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": low + span}


def number_from(low: int, step: float) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "multipleOf": step}


SCALARS = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.builds(text_of, st.integers(0, 9)),
    st.builds(integer_from, st.integers(-99, 99), st.integers(0, 9)),
    st.builds(number_from, st.integers(-9, 9), st.sampled_from([0.25, 0.5, 3])),
    st.lists(st.text(max_size=3), min_size=1, max_size=3, unique=True).map(lambda values: {"enum": values}),
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(st.text(max_size=3), inner, max_size=4).map(record),
        st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, st.integers(0, 3)),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
    ),
    max_leaves=12,
)


@given(SCHEMAS)
def test_whatever_the_schema_the_value_fits(schema: dict[str, Any]):
    """Any strict schema has an instance, and it validates."""
    jsonschema.validate(minimal_instance(schema), schema)
