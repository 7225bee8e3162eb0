"""A body becomes a request, or OpenAI's words for what is wrong with it."""

import json
import time
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError, model_validator

from antiphon.errors import InvalidRequest
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest
from antiphon.wire.embeddings import EmbeddingRequest
from antiphon.wire.reading import read, read_value
from antiphon.wire.request import WireRequest

USER = {"role": "user", "content": "Hello"}
CHAT = {"model": "gpt-4o", "messages": [USER]}


def refusal(body: object, model: type[WireRequest] = ChatRequest) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        read(model, body if isinstance(body, bytes) else json.dumps(body).encode())
    return caught.value


def fault_of(model: type[WireRequest], value: object) -> InvalidRequest | None:
    try:
        read_value(model, value)
    except InvalidRequest as error:
        return error
    return None


def chat(**fields: object) -> dict[str, object]:
    return {**CHAT, **fields}


def message(**fields: object) -> dict[str, object]:
    return chat(messages=[USER, {**USER, **fields}])


def test_a_right_body_becomes_its_request():
    """What was sent is what the request holds."""
    request = read(ChatRequest, json.dumps(chat(temperature=1, stop=["a"], stream=True)).encode())
    assert request == ChatRequest.model_validate(chat(temperature=1, stop=["a"], stream=True))


ROLES = "'system', 'developer', 'user', 'assistant', 'tool', and 'function'"


@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        pytest.param({}, "Missing required parameter: 'model'.", "model", "missing_required_parameter"),
        pytest.param(
            [],
            "Invalid type for the request body: expected an object, but got an array instead.",
            None,
            "invalid_type",
        ),
        pytest.param(
            {"model": "m"}, "Missing required parameter: 'messages'.", "messages", "missing_required_parameter"
        ),
        pytest.param(
            chat(temperature="hot"),
            "Invalid type for 'temperature': expected a decimal, but got a string instead.",
            "temperature",
            "invalid_type",
        ),
        pytest.param(
            chat(n=True),
            "Invalid type for 'n': expected an integer, but got a boolean instead.",
            "n",
            "invalid_type",
        ),
        pytest.param(
            chat(n=1.5),
            "Invalid type for 'n': expected an integer, but got a decimal instead.",
            "n",
            "invalid_type",
        ),
        pytest.param(
            chat(stream="yes"),
            "Invalid type for 'stream': expected a boolean, but got a string instead.",
            "stream",
            "invalid_type",
        ),
        pytest.param(
            chat(temperature=3),
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
            "temperature",
            "decimal_above_max_value",
        ),
        pytest.param(
            chat(top_p=-0.5),
            "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.",
            "top_p",
            "decimal_below_min_value",
        ),
        pytest.param(
            chat(max_tokens=0),
            "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
            "max_tokens",
            "integer_below_min_value",
        ),
        pytest.param(
            chat(seed=2**63),
            "Invalid 'seed': integer above maximum value. Expected a value < 9223372036854775808, "
            "but got 9223372036854775808 instead.",
            "seed",
            "integer_above_max_value",
        ),
        pytest.param(
            chat(messages=[]),
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            "messages",
            "empty_array",
        ),
        pytest.param(
            chat(messages="Hello"),
            "Invalid type for 'messages': expected an array of objects, but got a string instead.",
            "messages",
            "invalid_type",
        ),
        pytest.param(
            chat(stop=["a"] * 5),
            "Invalid 'stop': array too long. Expected an array with maximum length 4, "
            "but got an array with length 5 instead.",
            "stop",
            "array_above_max_length",
        ),
        pytest.param(
            chat(metadata={"a": "b" * 513}),
            "Invalid 'metadata.a': string too long. Expected a string with maximum length 512, "
            "but got a string with length 513 instead.",
            "metadata.a",
            "string_above_max_length",
        ),
        pytest.param(
            chat(metadata={"a" * 65: "b"}),
            f"Invalid key '{'a' * 65}' in 'metadata': string too long. Expected a string with maximum length 64, "
            "but got a string with length 65 instead.",
            "metadata",
            "string_above_max_length",
        ),
        pytest.param(
            chat(metadata={str(number): "" for number in range(17)}),
            "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
            "but got an object with 17 properties instead.",
            "metadata",
            "object_above_max_properties",
        ),
        pytest.param(
            chat(tools=[{"type": "function", "function": {"name": "get weather"}}]),
            "Invalid 'tools[0].function.name': string does not match pattern. "
            "Expected a string that matches the pattern '^[a-zA-Z0-9_-]{1,64}$'.",
            "tools[0].function.name",
            "invalid_value",
        ),
        pytest.param(
            chat(reasoning_effort="huge"),
            "Invalid value: 'huge'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', "
            "and 'max'.",
            "reasoning_effort",
            "invalid_value",
        ),
        pytest.param(
            chat(modalities=["text", "video"]),
            "Invalid value: 'video'. Supported values are: 'text' and 'audio'.",
            "modalities[1]",
            "invalid_value",
        ),
        pytest.param(
            message(role="narrator"),
            f"Invalid value: 'narrator'. Supported values are: {ROLES}.",
            "messages[1].role",
            "invalid_value",
        ),
        pytest.param(
            message(role=5),
            f"Invalid type for 'messages[1].role': expected one of {ROLES.replace('and', 'or')}, "
            "but got an integer instead.",
            "messages[1].role",
            "invalid_type",
        ),
        pytest.param(
            chat(messages=[{"content": "Hello"}]),
            "Missing required parameter: 'messages[0].role'.",
            "messages[0].role",
            "missing_required_parameter",
        ),
        pytest.param(
            message(content=5),
            "Invalid type for 'messages[1].content': expected one of a string or array of objects, "
            "but got an integer instead.",
            "messages[1].content",
            "invalid_type",
        ),
        pytest.param(
            message(content=None),
            "Invalid type for 'messages[1].content': expected one of a string or array of objects, "
            "but got null instead.",
            "messages[1].content",
            "invalid_type",
        ),
        pytest.param(
            message(content=[{"type": "text"}]),
            "Missing required parameter: 'messages[1].content[0].text'.",
            "messages[1].content[0].text",
            "missing_required_parameter",
        ),
        pytest.param(
            message(content=[{"type": "image_url", "image_url": "https://example.com/a.png"}]),
            "Invalid type for 'messages[1].content[0].image_url': expected an object, but got a string instead.",
            "messages[1].content[0].image_url",
            "invalid_type",
        ),
        pytest.param(
            message(mood="sad"),
            "Unknown parameter: 'messages[1].mood'.",
            "messages[1].mood",
            "unknown_parameter",
        ),
        pytest.param(chat(mood="sad"), "Unrecognized request argument supplied: mood", None, None),
        pytest.param(chat(mood="sad", tone=1), "Unrecognized request arguments supplied: mood, tone", None, None),
        pytest.param(
            chat(tool_choice="perhaps"),
            "Invalid value: 'perhaps'. Supported values are: 'auto', 'none', and 'required'.",
            "tool_choice",
            "invalid_value",
        ),
        pytest.param(
            chat(tool_choice={"type": "function"}),
            "Missing required parameter: 'tool_choice.function'.",
            "tool_choice.function",
            "missing_required_parameter",
        ),
        pytest.param(
            chat(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": 1}}),
            "Invalid type for 'response_format.json_schema.strict': expected a boolean, but got an integer instead.",
            "response_format.json_schema.strict",
            "invalid_type",
        ),
    ],
)
def test_a_wrong_chat_gets_the_words_the_place_and_the_code(
    body: object, message: str, param: str | None, code: str | None
):
    """Each kind of fault is told as OpenAI tells it."""
    error = refusal(body)
    assert (error.message, error.param, error.code, error.status) == (message, param, code, 400)


@pytest.mark.parametrize(
    ("value", "param"),
    [
        (5, "input"),
        (None, "input"),
        ([], "input"),
        ("", "input"),
        (["a", 5], "input[1]"),
        ([1, "a"], "input[1]"),
        ([[1], ["a"]], "input[1][0]"),
    ],
)
def test_a_wrong_union_is_told_by_the_branch_that_got_farthest(value: object, param: str):
    """A list of tokens with one wrong entry is blamed for that entry, and not for being no text."""
    assert refusal({"model": "m", "input": value}, EmbeddingRequest).param == param


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"not json",
        b'{"model": "m",}',
        b"\xff\xfe",
        b'{"model": "\\ud800"}',
        b'{"model": "\xff"}',
        b'{"model": "m", "messages": [], "temperature": NaN}',
        b'{"model": "m", "messages": [], "temperature": -Infinity}',
        b'{"model": "m", "messages": ' + b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"model": "m", "messages": [], "seed": ' + b"9" * 100_000 + b"}",
    ],
)
def test_what_is_no_json_is_refused(body: bytes):
    """Broken, bottomless, infinite or not Unicode: the body could not be parsed."""
    error = refusal(body)
    assert error.message.startswith("We could not parse the JSON body of your request. (HINT: ")
    assert (error.param, error.code, error.status) == (None, None, 400)


def test_a_number_too_large_for_json_is_refused_inside_a_free_value():
    """A schema may hold anything but infinity, which no engine could be sent."""
    error = refusal(
        b'{"model": "m", "messages": [{"role": "user", "content": ""}], "tools": [{"type": "function",'
        b' "function": {"name": "f", "parameters": {"maximum": [1e999]}}}]}'
    )
    assert error.param == "tools[0].function.parameters.maximum"


def test_a_message_repeats_no_more_of_a_value_than_it_needs():
    """A megabyte of nonsense is not sent back."""
    assert len(refusal(chat(reasoning_effort="x" * 1_000_000)).message) < 500
    assert len(refusal(chat(**{"x" * 1_000_000: 1})).message) < 500


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "m", "messages": [' + b"1," * 1_000_000 + b"1]}",
        b'{"model": "m", "messages": [{' + b",".join(b'"%d":1' % number for number in range(300_000)) + b"}]}",
        b'{"model": "m", "messages": [{"role": "user", "content": ""}], "logit_bias": {'
        + b",".join(b'"a%d":1' % number for number in range(300_000))
        + b"}}",
    ],
    ids=["entries", "fields", "keys"],
)
def test_a_million_faults_cost_what_one_does(body: bytes):
    """The reader stops at the first fault; it does not collect them."""
    started = time.process_time()
    refusal(body)
    assert time.process_time() - started < 1


def test_a_rule_of_the_models_own_is_told_in_its_own_words():
    """A validator that a schema cannot express still becomes a request error."""

    class Pair(WireRequest):
        low: int
        high: int

        @model_validator(mode="after")
        def _ordered(self) -> "Pair":
            if self.low > self.high:
                raise ValueError("'low' must not be above 'high'")
            return self

    assert refusal({"low": 2, "high": 1}, Pair).message == "'low' must not be above 'high'"


def test_a_field_that_a_schema_refuses_and_the_walk_does_not_know_is_named():
    """Where the walk has no words for a fault, the place and pydantic's own words are told."""

    class Even(WireRequest):
        number: Annotated[int, Field(multiple_of=2)]

    error = refusal({"number": 3}, Even)
    assert (error.param, error.code) == ("number", "invalid_value")
    assert "multiple of 2" in error.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
RIGHT = {
    ChatRequest: chat(
        messages=[
            {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u", "detail": "low"}}]},
            {"role": "assistant", "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ]},
            {"role": "tool", "tool_call_id": "c", "content": "1"},
        ],
        tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": True}}],
        tool_choice={"type": "function", "function": {"name": "f"}},
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
        logit_bias={"1": 2},
        metadata={"a": "b"},
        stop=["a"],
        temperature=1.5,
    ),
    CompletionRequest: {"model": "m", "prompt": [[1, 2], [3]], "stop": "a", "logprobs": 2},
    EmbeddingRequest: {"model": "m", "input": ["a", "b"], "dimensions": 3},
}  # fmt: skip


@st.composite
def nearly_right(draw: st.DrawFn) -> tuple[type[WireRequest], object]:
    """A right body in which one value, somewhere, was exchanged for any other."""
    model = draw(st.sampled_from(list(RIGHT)))
    body = json.loads(json.dumps(RIGHT[model]))
    part: object = body
    while True:
        steps = list(part) if isinstance(part, dict) else list(range(len(part))) if isinstance(part, list) else []
        step = draw(st.sampled_from(steps))
        inner = part[step]
        if not (isinstance(inner, dict | list) and inner and draw(st.booleans())):
            part[step] = draw(JSON)
            return model, body
        part = inner


@given(nearly_right())
def test_reading_refuses_exactly_what_the_model_refuses(case: tuple[type[WireRequest], object]):
    """Every refusal of pydantic's becomes a request error with a message, and nothing else is refused."""
    model, value = case
    try:
        expected = model.model_validate(value)
    except ValidationError:
        with pytest.raises(InvalidRequest, match=r"\w"):
            read_value(model, value)
    else:
        assert read_value(model, value) == expected


@given(nearly_right())
def test_every_fault_has_words_of_its_own(case: tuple[type[WireRequest], object]):
    """The walk finds each fault in the wire types: pydantic's own wording, which no caller knows, stays unused."""
    model, value = case
    if fault := fault_of(model, value):
        assert "should be" not in fault.message
