"""Schemas as short types."""

from antiphon.engines.llama.notation import fields_of, type_of


def test_fields_say_type_description_and_whether_they_may_be_left_out():
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "City name"},
            "day": {"type": "string", "enum": ["today", "tomorrow"]},
        },
        "required": ["city"],
    }
    assert fields_of(schema) == 'city: string (City name), day?: "today"|"tomorrow"'


def test_an_object_without_properties_has_no_fields():
    assert fields_of({"type": "object"}) == "none"


def test_lists_and_objects_nest():
    point = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
    assert type_of({"type": "array", "items": point}) == "{x: number}[]"


def test_a_list_of_either_is_bracketed():
    assert type_of({"type": "array", "items": {"type": ["string", "null"]}}) == "(string|null)[]"


def test_alternatives_are_named_once():
    assert type_of({"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "string"}]}) == "string|null"


def test_references_are_followed():
    schema = {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"const": 3}}}
    assert type_of(schema) == "3"


def test_recursion_ends():
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert type_of(schema).count("next") <= 4
    assert "object" in type_of(schema)


def test_a_reference_to_nowhere_is_anything():
    assert type_of({"$ref": "#/$defs/absent"}) == "any"


def test_a_long_enum_is_cut():
    text = type_of({"enum": list(range(100))})
    assert text.startswith("0|1|2|")
    assert text.endswith("|23|...")
