"""Counting without a vocabulary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.scripted.tokens import TOKENS_PER_MESSAGE, count, prompt_tokens, tokens_of
from antiphon.wire.chat.request import ChatRequest


@given(st.text())
def test_tokens_joined_are_the_text(text: str):
    """Nothing is lost, whatever the script or the signs."""
    tokens = tokens_of(text)
    assert "".join(tokens) == text
    assert len(tokens) == count(text)
    assert all(len(token) <= 9 for token in tokens)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Hello there, friend.", ["Hello", " there", ",", " friend", "."]),
        ("antidisestablishment", ["antidise", "stablish", "ment"]),
        ("a  b\n", ["a", " ", " b", "\n"]),
        ("我操!", ["我操", "!"]),
    ],
)
def test_the_rule_is_as_documented(text: str, tokens: list[str]):
    """Up to eight letters or signs, with the blank before them."""
    assert tokens_of(text) == tokens


def counted(**fields: object) -> int:
    """Count the prompt of a chat."""
    return prompt_tokens(ChatRequest.model_validate({"model": "m", **fields}))


def test_a_message_costs_four_more_than_its_words():
    """For its role and its ends."""
    assert counted(messages=[{"role": "user", "content": "Hello there"}]) == TOKENS_PER_MESSAGE + 2


def test_all_that_a_message_says_is_counted():
    """Parts of text, refusals, calls and what they are answered to."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "a b"}, {"type": "text", "text": " c"}]},
        {"role": "assistant", "content": None, "refusal": "no"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "d"},
    ]
    assert counted(messages=messages) == 4 * TOKENS_PER_MESSAGE + 3 + 1 + 3 + 2


def test_tools_and_schemas_are_part_of_the_prompt():
    """The model has to read them."""
    messages = [{"role": "user", "content": "hi"}]
    bare = counted(messages=messages)
    tools = [{"type": "function", "function": {"name": "f"}}]
    schema = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}
    assert counted(messages=messages, tools=tools) > bare
    assert counted(messages=messages, response_format=schema) > bare
