"""Outside strict mode only what is no JSON Schema is refused."""

import pytest

from antiphon.errors import InvalidRequest
from antiphon.schemas import SchemaOwner, json_object_fragment, read_schema

OWNER = SchemaOwner.function("f", "tools[0].function")


def loose(document):
    return read_schema(document, OWNER, strict=False)


def field(schema):
    return {"type": "object", "properties": {"a": schema}}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'."),
        ({"type": "array"}, "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'."),
        (field({"type": "foo"}), "'foo' is not valid under any of the given schemas."),
        (field("string"), "'string' is not of type 'object'."),
        ({"type": "object", "properties": []}, "[] is not of type 'object'."),
        ({"type": "object", "required": True}, "True is not of type 'array'."),
        (field({"enum": []}), "[] should be non-empty."),
        (field({"anyOf": {}}), "{} is not of type 'array'."),
        (field({"type": "string", "pattern": 1}), "1 is not of type 'string'."),
        (field({"type": "string", "maxLength": "1"}), "'1' is not of type 'integer'."),
        (field({"type": "integer", "maximum": None}), "None is not of type 'number'."),
        (field({"$ref": 1}), "1 is not of type 'string'."),
    ],
)
def test_what_is_no_json_schema_is_refused(document, message):
    """In the words of the meta-schema's validator, for the function's parameters."""
    with pytest.raises(InvalidRequest) as caught:
        loose(document)
    assert caught.value.message == f"Invalid schema for function 'f': {message}"
    assert (caught.value.param, caught.value.code) == ("tools[0].function.parameters", "invalid_function_parameters")


def test_a_function_without_parameters_takes_an_empty_object():
    """Nothing but `{}` can be written."""
    assert loose(None).fragment("call") == 'call: call_d0\ncall_r0: "{}"\ncall_d0: call_r0\n'


def test_schemas_too_deep_to_read_end_in_any_value():
    """Reading ends although the schema hardly does."""
    schema = {"type": "null"}
    for _ in range(5_000):
        schema = {"type": "array", "items": schema}
    assert loose(field(schema)).strict is False


def test_a_schema_too_large_to_enforce_takes_any_object():
    """Best effort is no effort where the rules would be more than the grammar engine takes."""
    steps = {f"p{at}": {"type": "number", "multipleOf": at / 100} for at in range(101, 200, 2)}
    huge = {"type": "object", "properties": steps}
    assert loose(huge).fragment("call") == json_object_fragment("call")
