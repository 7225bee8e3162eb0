"""Results that a model has to answer with."""

from typing import Any

from tests.unit.engines.llama.offers import request_of

from antiphon.engines.llama.results import with_results_told

USER = {"role": "user", "content": "How is it in Rome?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "Sunny"}


def told(*messages: dict[str, Any]) -> list[tuple[str, object]]:
    """Role and content of each message afterwards."""
    return [(one.role, one.content) for one in with_results_told(request_of(*messages).messages, "Answer.")]


def test_results_join_the_question():
    text = 'How is it in Rome?\n\nweather({"city": "Rome"}) returned: Sunny\nAnswer.'
    assert told(USER, {"role": "assistant", "tool_calls": [CALL]}, RESULT) == [("user", text)]


def test_each_result_has_a_line_after_what_the_assistant_said():
    calls = {"role": "assistant", "content": "Let me see.", "tool_calls": [CALL, {**CALL, "id": "c2"}]}
    ((_, text),) = told(USER, calls, RESULT, {**RESULT, "tool_call_id": "c2", "content": "Warm"})
    assert str(text).splitlines()[2:] == [
        "Let me see.",
        'weather({"city": "Rome"}) returned: Sunny',
        'weather({"city": "Rome"}) returned: Warm',
        "Answer.",
    ]


def test_the_older_function_messages_are_told_the_same():
    call = {"role": "assistant", "content": None, "function_call": CALL["function"]}
    ((_, text),) = told(USER, call, {"role": "function", "name": "weather", "content": "Sunny"})
    assert 'weather({"city": "Rome"}) returned: Sunny' in str(text)


def test_what_came_before_the_question_stays():
    before = ({"role": "system", "content": "Be brief."}, USER, {"role": "assistant", "content": "Fine."})
    assert told(*before, USER, {"role": "assistant", "tool_calls": [CALL]}, RESULT)[:3] == [
        ("system", "Be brief."),
        ("user", "How is it in Rome?"),
        ("assistant", "Fine."),
    ]


def test_a_conversation_that_ends_in_words_stays_as_it_is():
    assert told(USER) == [("user", "How is it in Rome?")]


def test_results_that_nobody_asked_for_stay_where_they_are():
    assert [role for role, _ in told({"role": "assistant", "tool_calls": [CALL]}, RESULT)] == ["assistant", "tool"]
