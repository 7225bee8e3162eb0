"""Calls are answered, and answers were asked for."""

import pytest

from antiphon.errors import InvalidRequest
from antiphon.generation.conversation import check_conversation, check_mentions_json
from antiphon.wire.chat.request import ChatRequest


def messages(*given: dict) -> list:
    return ChatRequest.model_validate({"model": "m", "messages": list(given)}).messages


USER = {"role": "user", "content": "Weather?"}
CALLS = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}},
    ],
}


def result(call: str) -> dict:
    return {"role": "tool", "content": "5", "tool_call_id": call}


def test_calls_may_be_answered_in_any_order():
    check_conversation(messages(USER, CALLS, result("b"), result("a"), USER))


@pytest.mark.parametrize("told", [[USER, CALLS, result("a"), USER], [USER, CALLS, result("a")], [USER, CALLS]])
def test_a_call_without_an_answer_is_named(told: list[dict]):
    with pytest.raises(InvalidRequest, match=r"did not have response messages: .*b") as refusal:
        check_conversation(messages(*told))

    assert refusal.value.param == "messages.[1].tool_calls"


@pytest.mark.parametrize(
    "told", [[USER, result("a")], [USER, CALLS, result("c")], [USER, CALLS, result("a"), result("a")]]
)
def test_an_answer_that_nobody_asked_for_is_refused(told: list[dict]):
    with pytest.raises(InvalidRequest, match="must be a response to a preceding message"):
        check_conversation(messages(*told))


def test_an_assistant_message_must_say_something():
    with pytest.raises(InvalidRequest, match="expected a string, got null"):
        check_conversation(messages(USER, {"role": "assistant", "content": None}))


@pytest.mark.parametrize("content", ["Answer in JSON.", [{"type": "text", "text": "as json"}]])
def test_json_mode_finds_its_word_in_any_case_and_part(content: str | list):
    check_mentions_json(messages({"role": "user", "content": content}))


def test_json_mode_wants_its_word():
    with pytest.raises(InvalidRequest, match="must contain the word 'json'"):
        check_mentions_json(messages(USER))
