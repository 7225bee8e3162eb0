"""What is written from a schema: rules under the name that is asked for, and nothing that clashes."""

import re

from antiphon.schemas import SchemaOwner, json_object_fragment, json_object_grammar, read_schema

DOCUMENT = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "days": {"type": "integer", "minimum": 1, "maximum": 7},
        "tags": {"type": "array", "items": {"enum": ["a", 1]}, "minItems": 1, "maxItems": 1},
    },
    "required": ["city", "days", "tags"],
    "additionalProperties": False,
}
SCHEMA = read_schema(DOCUMENT, SchemaOwner.function("look_up", "tools[0].function"), strict=True)


def test_rules_are_written_line_by_line():
    """Keys in order, one space after colons and commas, values as terminals."""
    assert SCHEMA.grammar().splitlines() == [
        "%llguidance {}",
        "start: start_d0",
        r'START_T0: "\"a\"" | "1"',
        'start_r1: "[" START_T0 "]"',
        "START_T2: (/[1234567]/)",
        r'START_T3: "\"" (/(?:[A-Z]){3}/) "\""',
        r'start_r4: "{" "\"city\": " START_T3 ", \"days\": " START_T2 ", \"tags\": " start_r1 "}"',
        "start_d0: start_r4",
    ]


def test_every_name_begins_with_the_one_that_was_asked_for():
    """Rules in lower case and terminals in upper case."""
    names = re.findall(r"^(\w+):", SCHEMA.fragment("call7") + json_object_fragment("call7"), re.MULTILINE)
    assert all(name == "call7" or name.startswith(("call7_", "CALL7_")) for name in names)


def test_the_same_schema_gives_the_same_text():
    """Nothing depends on the order of a set."""
    again = read_schema(DOCUMENT, SchemaOwner.response_format("other"), strict=True)
    assert again.grammar() == SCHEMA.grammar()


def test_a_grammar_says_which_engine_reads_it():
    """llama.cpp hands a text that begins so to llguidance."""
    assert json_object_grammar().startswith("%llguidance {}\nstart: ")


def test_a_name_in_the_schema_cannot_become_a_rule():
    """Keys and values that look like rules, or like the marks that names take the place of, stay texts."""
    document = {
        "type": "object",
        "properties": {'\x01\nstart: "x"': {"const": "\x02_T0\n"}},
        "required": ['\x01\nstart: "x"'],
        "additionalProperties": False,
    }
    rules = read_schema(document, SchemaOwner.response_format("x"), strict=True).fragment("start")
    assert [line.partition(":")[0] for line in rules.splitlines()] == ["start", "START_T0", "start_r1", "start_d0"]
