"""Bounds and steps of numbers, against exact arithmetic."""

import json
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.fixtures.grammar_matcher import GrammarMatcher

from antiphon.errors import InvalidRequest
from antiphon.schemas import SchemaOwner, read_schema

# Decimals of a few digits, as people write bounds.
DECIMALS = st.decimals(-100_000, 100_000, places=3) | st.integers(-100_000, 100_000).map(Decimal)
STEPS = st.decimals("0.01", "1.2", places=2) | st.integers(1, 120).map(Decimal)
KEYWORDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@st.composite
def number_schemas(draw):
    """A number or an integer with any bounds and perhaps a step."""
    bounds = draw(st.dictionaries(st.sampled_from(KEYWORDS), DECIMALS, max_size=3))
    step = draw(st.one_of(st.none(), STEPS))
    return {
        "type": draw(st.sampled_from(("number", "integer"))),
        **{keyword: json_number(bound) for keyword, bound in bounds.items()},
        **({} if step is None else {"multipleOf": json_number(step)}),
    }


def json_number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def matcher(schema) -> GrammarMatcher:
    document = {"type": "object", "properties": {"": schema}, "required": [""], "additionalProperties": False}
    try:
        return GrammarMatcher(read_schema(document, SchemaOwner.response_format("x"), strict=True).grammar())
    except InvalidRequest as error:
        assume("No number satisfies it" not in error.message)  # an empty range is another test's
        raise


def fits(value: Fraction, schema) -> bool:
    """The meaning of the schema, in exact numbers."""
    exact = {key: Fraction(repr(bound)) for key, bound in schema.items() if key != "type"}
    return (
        (schema["type"] == "number" or value.denominator == 1)
        and value >= exact.get("minimum", value)
        and value <= exact.get("maximum", value)
        and ("exclusiveMinimum" not in exact or value > exact["exclusiveMinimum"])
        and ("exclusiveMaximum" not in exact or value < exact["exclusiveMaximum"])
        and ("multipleOf" not in exact or (value / exact["multipleOf"]).denominator == 1)
    )


@settings(max_examples=150, deadline=None)
@given(number_schemas(), st.randoms(use_true_random=False))
def test_every_number_that_is_written_fits(schema, random: Random):
    """Whatever digits are chosen, the number is inside the bounds and a multiple of the step."""
    grammar = matcher(schema)
    for _ in range(5):
        text = grammar.sample(random)
        assert text is not None
        written = json.loads(text, parse_float=Fraction, parse_int=Fraction)[""]
        assert fits(written, schema), text


@settings(max_examples=150, deadline=None)
@given(number_schemas(), DECIMALS, st.integers(-1_000, 1_000))
def test_a_number_can_be_written_if_and_only_if_it_fits(schema, candidate: Decimal, steps: int):
    """Numbers of a few digits, the bounds themselves and multiples of the step are all told apart rightly."""
    grammar = matcher(schema)
    exact = {key: Decimal(repr(bound)) for key, bound in schema.items() if key != "type"}
    places = max(-exact["multipleOf"].as_tuple().exponent, 0) if isinstance(schema.get("multipleOf"), float) else 0
    candidates = [candidate, *(bound for key, bound in exact.items() if key != "multipleOf")]
    candidates += [exact["multipleOf"] * steps] if "multipleOf" in exact else []
    for number in candidates:
        text = plain_text(number, places if schema["type"] == "number" else 0)
        assert grammar.accepts(f'{{"": {text}}}') == fits(Fraction(number), schema), text


def plain_text(number: Decimal, places: int) -> str:
    """The digits of a number: as many after the point as a step has, or as few as it takes."""
    shortest = f"{number.normalize():f}" if number else "0"
    written = len(shortest.partition(".")[2])
    return shortest if written >= places else f"{number:.{places}f}"
