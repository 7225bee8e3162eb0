"""Patterns and formats of strings, against Python's own regular expressions and `jsonschema`'s format checks."""

import json
import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.fixtures.grammar_matcher import GrammarMatcher

from antiphon.schemas import SchemaOwner, read_schema
from antiphon.schemas.formats import FORMATS

PATTERNS = (
    "^[a-c]+$",
    "b",
    "^a|c$",
    "^(a|b$)",
    "^(?:ab?){1,3}$",
    "^(?!ab)[abc]*$",
    "^(?=.*c)[abc]{2,4}$",
    "^a(?=bc)b.$",
    "^(?!.*aa)(?!.*bb)[ab]+$",
    "^(a(?!b)|b)[abc]?$",
    '^"a|\\\\b',
    r"^\w\s\d$",
    r"^[^a\d]b?$",
    "^[\\u0041-\\x43]\\.$",
    "a{2}b{0}c",
    "^$",
    "^^a$$",
    "^(?!^[ab]$)[abc]{1,2}$",
)
# The characters that the patterns speak of, and those that JSON escapes.
TEXTS = st.text(alphabet='abcABC1 ."\\{},\n\t\u00e9', max_size=6)


def matcher(schema) -> GrammarMatcher:
    document = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    return GrammarMatcher(read_schema(document, SchemaOwner.response_format("x"), strict=True).grammar())


MATCHERS = {pattern: matcher({"type": "string", "pattern": pattern}) for pattern in PATTERNS}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PATTERNS), TEXTS)
def test_a_string_can_be_written_if_and_only_if_the_pattern_is_found_in_it(pattern, text):
    """`$` is the end and not the place before a last newline, `\\d` and `\\w` are ASCII, as ECMA-262 has it."""
    python = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    answer = json.dumps({"a": text}, ensure_ascii=False)
    assert MATCHERS[pattern].accepts(answer) == (python.search(text) is not None)


@pytest.mark.parametrize("name", FORMATS)
def test_every_string_of_a_format_passes_its_check(name):
    """500 random strings of each format."""
    grammar = matcher({"type": "string", "format": name})
    validator = Draft202012Validator({"format": name}, format_checker=Draft202012Validator.FORMAT_CHECKER)
    random = Random(1)
    for _ in range(500):
        text = grammar.sample(random)
        assert text is not None
        validator.validate(json.loads(text)["a"])


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("date", "2024-02-29", "2023-02-29"),
        ("date", "2000-02-29", "1900-02-29"),
        ("date-time", "1985-04-12T23:20:50.52Z", "1985-04-12T24:00:00Z"),
        ("date-time", "1996-12-19T16:39:57-08:00", "1996-12-19 16:39:57"),
        ("time", "23:59:59Z", "23:59:59"),
        ("duration", "P3DT12H30M5S", "P3D12H"),
        ("duration", "P2W", "P"),
        ("email", "ada.lovelace@example.co.uk", "ada..l@example.com"),
        ("hostname", "www.example.com", "-a.example.com"),
        ("ipv4", "192.168.0.255", "192.168.0.256"),
        ("ipv6", "2001:db8::1", "2001:db8::1::2"),
        ("ipv6", "::", "1:2:3:4:5:6:7:8:9"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-42661417400"),
    ],
)
def test_usual_strings_of_a_format_can_be_written(name, accepted, refused):
    """What people write of a format is in, and what is nearly one is out."""
    grammar = matcher({"type": "string", "format": name})
    assert grammar.accepts(json.dumps({"a": accepted}))
    assert not grammar.accepts(json.dumps({"a": refused}))


NOT_IN_TEXTS = [chr(code_point) for code_point in (*range(8), 11, *range(14, 32), 127)]
FREE_TEXT = matcher({"type": "string"})


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters=NOT_IN_TEXTS)))
def test_any_text_can_be_written_where_nothing_is_asked_of_it(text):
    """All of Unicode but the controls that no text holds, each character in one spelling."""
    assert FREE_TEXT.accepts(json.dumps({"a": text}, ensure_ascii=False))
