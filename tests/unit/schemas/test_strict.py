"""Each kind of bad schema gets OpenAI's words, and what the SDKs write is read."""

import copy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from openai import pydantic_function_tool
from pydantic import BaseModel, Field

from antiphon.errors import InvalidRequest
from antiphon.schemas import SchemaOwner, read_schema

REQUIRED = "'required' is required to be supplied and to be an array including every key in properties."
PATTERN = "In context=('properties', 'a'), 'pattern' is not permitted."
NO_NUMBER = "No number satisfies it together with its neighbours."
NO_STRING = "No string satisfies it together with its neighbours."
ELSEWHERE = "reference can only point to definitions defined at the top level of the schema."
EMAIL = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"
TOP_LEVEL = "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."


def closed(**properties):
    """A strict object of these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def nested(levels):
    """Objects inside objects, so many levels of them."""
    return closed(leaf={"type": "string"}) if levels == 1 else closed(inner=nested(levels - 1))


def field(schema):
    """A strict object with one property `a`."""
    return closed(a=schema)


def strict(document, name="X"):
    return read_schema(document, SchemaOwner.response_format(name), strict=True)


def refusal(document):
    with pytest.raises(InvalidRequest) as caught:
        strict(document)
    return caught.value


STRING = {"type": "string"}

REFUSED = {
    "no additionalProperties": (
        {"type": "object", "properties": {}, "required": []},
        "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ),
    "additionalProperties true": (
        field({"type": "object", "properties": {}, "required": [], "additionalProperties": True}),
        "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.",
    ),
    "a map": (
        field({"type": "object", "additionalProperties": STRING}),
        "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.",
    ),
    "a property is optional": (
        {**closed(a=STRING, b=STRING), "required": ["a"]},
        f"In context=(), {REQUIRED} Missing 'b'.",
    ),
    "no required at all": (
        field({"type": "object", "properties": {"message": STRING}, "additionalProperties": False}),
        f"In context=('properties', 'a'), {REQUIRED} Missing 'message'.",
    ),
    "an extra required key": (
        {**closed(a=STRING), "required": ["a", "y"]},
        f"In context=(), {REQUIRED} Extra required key 'y' supplied.",
    ),
    "the root is an array": (
        {"type": "array", "items": STRING},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
    ),
    "the root has no type": (
        {"anyOf": [closed(a=STRING), closed(b=STRING)]},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
    ),
    "the root is anyOf": ({**closed(a=STRING), "anyOf": [closed(a=STRING)]}, TOP_LEVEL),
    "the root is oneOf": ({**closed(a=STRING), "oneOf": [closed(a=STRING)]}, TOP_LEVEL),
    "no type": (field({"description": "anything"}), "In context=('properties', 'a'), schema must have a 'type' key."),
    "anything": (field({}), "In context=('properties', 'a'), schema must have a 'type' key."),
    "true": (field(True), "In context=('properties', 'a'), schema must have a 'type' key."),
    "an unknown type": (field({"type": "foo"}), "'foo' is not valid under any of the given schemas."),
    "an unknown type of several": (
        field({"type": ["string", "foo"]}),
        "['string', 'foo'] is not valid under any of the given schemas.",
    ),
    "an array without items": (
        field({"type": "array"}),
        "In context=('properties', 'a'), array schema missing items.",
    ),
    "an array without items among types": (
        field({"type": ["string", "array"]}),
        "In context=('properties', 'a', 'type', '1'), array schema missing items.",
    ),
    "a format that is none": (
        field({"type": "string", "format": "uri"}),
        "In context=('properties', 'a'), 'uri' is not a valid format.",
    ),
    "in a branch of anyOf": (
        field({"anyOf": [{"type": "null"}, {"type": "string", "format": "uri"}]}),
        "In context=('properties', 'a', 'anyOf', '1'), 'uri' is not a valid format.",
    ),
    "in items": (
        field({"type": "array", "items": {"type": "string", "maxLength": 3}}),
        "In context=('properties', 'a', 'items'), 'maxLength' is not permitted.",
    ),
    "in a definition": (
        {**field({"$ref": "#/$defs/B"}), "$defs": {"B": {"type": "string", "maxLength": 3}}},
        "In context=('$defs', 'B'), 'maxLength' is not permitted.",
    ),
    "a reference with neighbours": (
        {**field({"$ref": "#/$defs/B", "description": "b"}), "$defs": {"B": STRING}},
        "context=('properties', 'a'), $ref cannot have keywords {'description'}.",
    ),
    "a reference to nothing": (
        field({"$ref": "#/$defs/B"}),
        "In context=('properties', 'a'), reference to component '#/$defs/B' which was not found in the schema.",
    ),
    "a reference into a property": (
        closed(a=STRING, b={"$ref": "#/properties/a"}),
        f"In context=('properties', 'b'), {ELSEWHERE}",
    ),
    "a reference to another document": (
        field({"$ref": "https://example.com/schema"}),
        f"In context=('properties', 'a'), {ELSEWHERE}",
    ),
    "recursion without an end": (
        field({"$ref": "#"}),
        "In context=(), no finite value fits: the schema refers to itself without an end.",
    ),
    "an enum of another type": (
        field({"type": ["integer", "null"], "enum": [1, "two"]}),
        "In context=('properties', 'a'), enum value two does not validate against {'type': ['integer', 'null']}.",
    ),
    "an empty enum": (field({"type": "string", "enum": []}), "[] should be non-empty."),
    "an enum that is no list": (field({"type": "string", "enum": "a"}), "'a' is not of type 'array'."),
    "an enum with a pattern": (
        field({"type": "string", "enum": ["a"], "pattern": "b"}),
        "In context=('properties', 'a'), 'pattern' is not permitted.",
    ),
    "properties that are a list": (
        {"type": "object", "properties": [], "required": [], "additionalProperties": False},
        "[] is not of type 'object'.",
    ),
    "required that is true": ({**closed(a=STRING), "required": True}, "True is not of type 'array'."),
    "a bound that is a text": (field({"type": "number", "minimum": "0"}), "'0' is not of type 'number'."),
    "a step of zero": (
        field({"type": "number", "multipleOf": 0}),
        "0 is less than or equal to the minimum of 0.",
    ),
    "a negative count": (
        field({"type": "array", "items": STRING, "minItems": -1}),
        "-1 is less than the minimum of 0.",
    ),
    "an empty range of counts": (
        field({"type": "array", "items": STRING, "minItems": 3, "maxItems": 2}),
        "In context=('properties', 'a'), 'minItems' is not permitted. It is greater than 'maxItems'.",
    ),
    "an empty range of numbers": (
        field({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 4}),
        f"In context=('properties', 'a'), 'exclusiveMinimum' is not permitted. {NO_NUMBER}",
    ),
    "a step that is too fine a sieve": (
        field({"type": "integer", "multipleOf": 1_000_003}),
        "In context=('properties', 'a'), 'multipleOf' is not permitted. So many remainders cannot be enforced.",
    ),
    "lookbehind": (
        field({"type": "string", "pattern": "(?<=a)b"}),
        f"{PATTERN} It uses lookbehind, which cannot be enforced.",
    ),
    "a back reference": (
        field({"type": "string", "pattern": r"(a)\1"}),
        f"{PATTERN} It uses back references, which cannot be enforced.",
    ),
    "a malformed pattern": (
        field({"type": "string", "pattern": "(a"}),
        f"{PATTERN} A group is not closed.",
    ),
    "a pattern that no date matches": (
        field({"type": "string", "format": "date", "pattern": "^[a-z]+$"}),
        f"{PATTERN} {NO_STRING}",
    ),
    "lookahead that lets nothing through": (
        field({"type": "string", "pattern": "^(?!a)a$"}),
        f"{PATTERN} {NO_STRING}",
    ),
    "a bound of many digits": (
        field({"type": "number", "minimum": 1e300}),
        (
            "In context=('properties', 'a'), 'minimum' is not permitted. "
            "A number of more than 40 digits cannot be enforced."
        ),
    ),
    "sieves beyond measure": (
        closed(**{f"p{at}": {"type": "number", "multipleOf": (97 + 2 * at) / 100} for at in range(20)}),
        "it is too large to be enforced.",
    ),
    "11 levels": (nested(11), "11 levels of nesting exceeds limit of 10."),
    "5,001 properties": (
        closed(**{f"p{at}": STRING for at in range(5_001)}),
        "5001 parameters exceeds limit of 5000.",
    ),
    "1,001 enum values": (
        closed(**{f"p{at}": {"enum": [f"{at}{n}" for n in range(91)]} for at in range(11)}),
        "1001 enum values exceeds limit of 1000.",
    ),
    "a large enum of long texts": (
        field({"type": "string", "enum": [f"{n:060}" for n in range(251)]}),
        "In context=('properties', 'a'), 15060 characters in an enum of more than 250 values exceeds limit of 15000.",
    ),
    "120,001 characters": (
        closed(a={"const": "x" * 120_000}),
        "120001 characters of names and values exceeds limit of 120000.",
    ),
}

UNSUPPORTED = {
    "allOf": [],
    "not": {},
    "oneOf": [],
    "if": {},
    "then": {},
    "else": {},
    "dependentRequired": {},
    "dependentSchemas": {},
    "minLength": 1,
    "maxLength": 1,
    "uniqueItems": True,
    "contains": {},
    "minContains": 1,
    "maxContains": 1,
    "prefixItems": [],
    "unevaluatedItems": False,
    "patternProperties": {},
    "unevaluatedProperties": False,
    "propertyNames": {},
    "minProperties": 1,
    "maxProperties": 1,
    "minimum": 1,
    "items": {},
    "propertees": {},
}


@pytest.mark.parametrize(("document", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_schema_is_refused_in_openais_words(document, message):
    """The message names the schema and the place, the param is the response format, and there is no code."""
    error = refusal(document)
    assert error.message == f"Invalid schema for response_format 'X': {message}"
    assert (error.status, error.type, error.param, error.code) == (
        400,
        "invalid_request_error",
        "response_format",
        None,
    )


@pytest.mark.parametrize(("keyword", "value"), UNSUPPORTED.items(), ids=UNSUPPORTED)
def test_a_keyword_outside_the_subset_is_not_permitted(keyword, value):
    """A keyword that is unknown, unsupported, or for another type is refused and never left out."""
    error = refusal(field({"type": "string", keyword: value}))
    assert error.message == (
        f"Invalid schema for response_format 'X': In context=('properties', 'a'), '{keyword}' is not permitted."
    )


def test_a_strict_function_is_refused_at_its_parameters():
    """The words name the function; param and code are those of a function's parameters."""
    with pytest.raises(InvalidRequest) as caught:
        read_schema({"type": "object"}, SchemaOwner.function("look_up", "tools[2].function"), strict=True)
    assert caught.value.message.startswith("Invalid schema for function 'look_up': In context=(), ")
    assert (caught.value.param, caught.value.code) == ("tools[2].function.parameters", "invalid_function_parameters")


@pytest.mark.parametrize(
    ("name", "rule", "code"),
    [
        ("a b", "string does not match pattern", "invalid_value"),
        ("größe", "string does not match pattern", "invalid_value"),
        ("x" * 65, "string too long", "string_above_max_length"),
        ("", "empty string", "empty_string"),
    ],
)
def test_a_name_is_of_letters_digits_underscores_and_hyphens(name, rule, code):
    """1 to 64 of them; the param is the field of the name."""
    with pytest.raises(InvalidRequest) as caught:
        strict(closed(), name=name)
    assert caught.value.message.startswith(f"Invalid 'response_format.json_schema.name': {rule}.")
    assert (caught.value.param, caught.value.code) == ("response_format.json_schema.name", code)


def test_the_longest_name_is_accepted():
    """64 characters are allowed."""
    assert strict(closed(), name="x" * 64).name == "x" * 64


ACCEPTED = {
    "the limits themselves": nested(10),
    "annotations": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "T",
        **closed(a={"type": "integer", "title": "A", "description": "d", "default": 3, "examples": [1]}),
    },
    "zod 3": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **closed(
            name={"type": "string", "nullable": True},
            next={"anyOf": [{"$ref": "#/definitions/node_properties_next_anyOf_0"}, {"type": "null"}]},
        ),
        "definitions": {
            "node_properties_next_anyOf_0": closed(id={"type": "number"}),
            "node": closed(name=STRING),
        },
    },
    "zod 4": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **closed(
            kind={"type": "string", "const": "user"},
            email={
                "type": "string",
                "format": "email",
                "pattern": EMAIL,
            },
            age={"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991},
            mixed={"enum": ["a", 1]},
            time={"type": "string", "format": "time", "pattern": r"^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?$"},
        ),
    },
    "an escaped reference": {
        **closed(a={"$ref": "#/$defs/a~1b%20c"}),
        "$defs": {"a/b c": STRING},
    },
    "no properties": {"type": "object", "additionalProperties": False},
}


@pytest.mark.parametrize("document", ACCEPTED.values(), ids=ACCEPTED)
def test_what_the_sdks_write_is_accepted(document):
    """Reading leaves the document as it came."""
    before = copy.deepcopy(document)
    assert strict(document).document == before


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Part(BaseModel):
    """One part of a thing."""

    colour: Colour = Field(description="a described reference, which the SDK writes out")
    price: Decimal
    size: Annotated[float, Field(gt=0, le=2.5, multiple_of=0.5)] | None = None
    parts: list["Part"]


class Thing(BaseModel):
    """A model with what pydantic makes of usual types."""

    id: UUID
    made: datetime
    day: date
    at: time
    lasts: timedelta
    kind: Literal["a", 1]
    name: Annotated[str, Field(pattern="^[a-z]+$")] = "x"
    root: Part
    few: Annotated[list[int], Field(min_length=1, max_length=3)]


def test_what_pydantic_and_the_python_sdk_make_of_a_model_is_accepted():
    """Enums, literals, constraints, dates, decimals, recursion, defaults and descriptions."""
    tool = pydantic_function_tool(Thing)["function"]
    schema = read_schema(tool["parameters"], SchemaOwner.function(tool["name"], "tools[0].function"), strict=True)
    assert schema.name == "Thing"


def test_a_strict_format_without_a_schema_says_so():
    """Strict without a schema cannot be meant."""
    with pytest.raises(InvalidRequest) as caught:
        read_schema(None, SchemaOwner.response_format("X"), strict=True)
    assert caught.value.param == "response_format.json_schema.schema"


def test_schemas_too_deep_to_read_are_refused():
    """Alternatives inside alternatives do not count as nesting, but reading them ends somewhere."""
    schema = {"type": "null"}
    for _ in range(5_000):
        schema = {"anyOf": [schema]}
    assert "levels of nesting exceeds limit" in refusal(field(schema)).message
