"""Whole schemas: whatever bytes a grammar lets a model choose, the answer fits the schema."""

import json
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.grammar_matcher import GrammarMatcher
from tests.fixtures.schema_checks import faults
from tests.fixtures.strict_schemas import NULL, STRICT_CASES, list_of, one_of, record

from antiphon.schemas import HEADER, SchemaOwner, json_object_fragment, json_object_grammar, read_schema

OWNER = SchemaOwner.response_format("x")

SCALARS = st.sampled_from(
    [
        {"type": "boolean"},
        {"type": "null"},
        {"type": "integer", "minimum": -3, "maximum": 12},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 2.5},
        {"type": "string", "pattern": "^[a-z]{0,3}$"},
        {"type": ["integer", "null"], "minimum": 0, "maximum": 3},
        one_of("a", 'say "b"', 1, None, [1, {"k": 2}]),
        {"const": {"x": [1.5, "é"]}},
        {"$ref": "#/$defs/leaf"},
    ]
)
KEYS = st.text(alphabet='ab"\\\n é€', max_size=3)


def containers(inner):
    """Objects, arrays and unions of smaller schemas."""
    sizes = st.tuples(st.integers(0, 2), st.integers(0, 2))
    return st.one_of(
        st.dictionaries(KEYS, inner, max_size=3).map(record),
        st.builds(lambda items, size: list_of(items, size[0], sum(size)), inner, sizes),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
    )


SCHEMAS = st.recursive(SCALARS, containers, max_leaves=8)


def matcher(document) -> GrammarMatcher:
    return GrammarMatcher(read_schema(document, OWNER, strict=True).grammar())


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, st.randoms(use_true_random=False))
def test_every_answer_fits_its_schema_with_its_keys_in_order(schema, random: Random):
    """Objects, arrays, unions, constants and references in any combination."""
    document = record(
        {"root": schema}, **{"$defs": {"leaf": {"type": "integer", "multipleOf": 5, "maximum": 20, "minimum": 0}}}
    )
    text = matcher(document).sample(random)
    assert text is not None
    assert faults(text, document) == [], text


@pytest.mark.parametrize("case", STRICT_CASES, ids=lambda case: case.name)
def test_the_hundred_schemas_allow_nothing_else(case):
    """Ten random answers to each of the schemas that the models are asked."""
    grammar, random = matcher(case.schema), Random(case.name)
    for _ in range(10):
        text = grammar.sample(random)
        assert text is None or faults(text, case.schema) == [], text


def test_a_recursive_answer_ends_at_ten_levels():
    """The eleventh value inside its own kind is not written; the tenth is."""
    grammar = matcher(record({"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}))
    assert grammar.accepts('{"next": ' * 10 + "null" + "}" * 10)
    assert not grammar.accepts('{"next": ' * 11 + "null" + "}" * 11)


def test_white_space_is_as_json_dumps_writes_it():
    """One space after a colon and a comma, none else, and none around."""
    grammar = matcher(record({"a": list_of({"type": "boolean"}), "b": {"type": "null"}}))
    assert grammar.accepts('{"a": [true, false], "b": null}')
    for other in ('{"a":[true],"b":null}', '{ "a": [], "b": null}', '{"a": [], "b": null}\n', '{"a": [ ], "b": null}'):
        assert not grammar.accepts(other)


def test_keys_are_all_there_in_order_and_alone():
    """Neither a missing, a swapped, a doubled nor a further key is possible."""
    grammar = matcher(record({"a": {"type": "null"}, "b": {"type": "null"}}))
    assert grammar.accepts('{"a": null, "b": null}')
    for other in (
        '{"a": null}',
        '{"b": null, "a": null}',
        '{"a": null, "a": null, "b": null}',
        '{"a": null, "b": null, "c": null}',
    ):
        assert not grammar.accepts(other)


def test_any_object_is_any_object():
    """The `json_object` mode takes objects of whatever JSON, ten levels deep, and no other value."""
    grammar = GrammarMatcher(json_object_grammar())
    for value in ({}, {"a": 1}, {"a": [None, True, -1.5e3, "é\n", {}, []], "b": {"c": [[["d"]]]}}):
        assert grammar.accepts(json.dumps(value, ensure_ascii=False))
    for text in ("[]", "1", '"a"', "", "{} ", '{"a" : 1}', '{"a": 01}'):
        assert not grammar.accepts(text)


def test_fragments_stand_side_by_side_in_one_grammar():
    """Two functions with different arguments, and any object, each behind its own words."""
    one = read_schema(record({"a": {"type": "integer"}}), SchemaOwner.function("f", "tools[0].function"), strict=True)
    two = read_schema(record({"b": {"type": "string"}}), SchemaOwner.function("g", "tools[1].function"), strict=True)
    rules = 'start: "<f>" call0 | "<g>" call1 | "<any>" free\n'
    grammar = GrammarMatcher(
        HEADER + rules + one.fragment("call0") + two.fragment("call1") + json_object_fragment("free")
    )
    assert grammar.accepts('<f>{"a": 1}')
    assert grammar.accepts('<g>{"b": "x"}')
    assert grammar.accepts('<any>{"c": [1]}')
    assert not grammar.accepts('<f>{"b": "x"}')


LOOSE = {
    "optional keys": (
        {
            "type": "object",
            "properties": {"a": NULL, "b": NULL, "c": NULL},
            "required": ["b"],
        },
        ['{"b": null}', '{"a": null, "b": null, "c": null}', '{"b": null, "c": null}'],
        ["{}", '{"a": null}', '{"b": null, "d": null}', '{"b": null, }'],
    ),
    "all optional": (
        {"type": "object", "properties": {"a": NULL, "b": NULL}},
        ["{}", '{"a": null}', '{"b": null}', '{"a": null, "b": null}'],
        ['{, "b": null}', '{"b": null, "a": null}'],
    ),
    "a map": (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        ["{}", '{"x": 1}', '{"x": 1, "y": 2}'],
        ['{"x": "y"}'],
    ),
    "named keys and others": (
        {"type": "object", "properties": {"a": NULL}, "additionalProperties": True},
        ["{}", '{"a": null}', '{"a": null, "b": [1]}', '{"b": 1}'],
        ['{"a": null, }'],
    ),
    "a required key without a schema": (
        {"type": "object", "properties": {}, "required": ["k"], "additionalProperties": False},
        ['{"k": [1]}'],
        ["{}"],
    ),
    "lengths": (
        {"type": "object", "properties": {"a": {"type": "string", "minLength": 2, "maxLength": 3}}, "required": ["a"]},
        ['{"a": "éé"}', '{"a": "\\"\\"\\""}'],
        ['{"a": "é"}', '{"a": "abcd"}'],
    ),
    "oneOf": (
        {"type": "object", "properties": {"a": {"oneOf": [NULL, {"type": "boolean"}]}}, "required": ["a"]},
        ['{"a": null}', '{"a": true}'],
        ['{"a": 1}'],
    ),
    "what cannot be enforced": (
        {
            "type": "object",
            "properties": {
                "a": {"type": "string", "format": "uri", "pattern": r"(a)\1", "x-own": 1},
                "b": {"allOf": [{}, {}]},
            },
            "required": ["a", "b"],
            "minProperties": 1,
        },
        ['{"a": "anything", "b": {"c": 1}}'],
        ['{"a": 1, "b": 1}'],
    ),
    "a tuple": (
        {"type": "object", "properties": {"a": {"type": "array", "items": [NULL]}}, "required": ["a"]},
        ['{"a": [null, 1]}', '{"a": []}'],
        ['{"a": null}'],
    ),
    "a reference elsewhere": (
        {
            "type": "object",
            "properties": {"a": NULL, "b": {"$ref": "#/properties/a"}},
            "required": ["a", "b"],
        },
        ['{"a": null, "b": [1]}'],
        ['{"a": 1, "b": 1}'],
    ),
    "recursion without an end": (
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        ["{}", '{"b": 1}'],
        ["[]"],
    ),
}


@pytest.mark.parametrize(("document", "accepted", "refused"), LOOSE.values(), ids=LOOSE)
def test_outside_strict_mode_what_can_be_enforced_is(document, accepted, refused):
    """All that the schema allows can be written; what its enforceable part forbids cannot."""
    grammar = GrammarMatcher(read_schema(document, OWNER, strict=False).grammar())
    assert [text for text in accepted if not grammar.accepts(text)] == []
    assert [text for text in refused if grammar.accepts(text)] == []


def test_a_thousand_properties_compile_in_well_under_a_second():
    """Reading, writing and llguidance's own compiling, of every kind of value in turn."""
    kinds = [
        {"type": "string"},
        {"type": "number", "minimum": 0, "maximum": 99.5},
        {"type": ["string", "null"], "format": "date-time"},
        {"type": "integer", "multipleOf": 5},
        {"type": "array", "items": {"type": "string"}, "maxItems": 9},
        {"type": "string", "pattern": "^[a-z]+$"},
    ]
    document = record({f"property_{at}": kinds[at % len(kinds)] for at in range(1_000)})
    begin = time.process_time()
    matcher(document)
    assert time.process_time() - begin < 1
