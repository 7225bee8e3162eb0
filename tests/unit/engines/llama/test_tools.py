"""What is on offer, and the words for it."""

import json

import pytest
from tests.unit.engines.llama.offers import TIME, WEATHER, offered, request_of

from antiphon.engines.llama.tools import call_text, instructions, offer_of
from antiphon.errors import InvalidRequest


def names(**fields: object) -> list[str]:
    """The names on offer."""
    return [function.name for function in offered(**fields).functions]


def test_nothing_is_offered_without_tools():
    assert offer_of(request_of()) is None


def test_nothing_is_offered_where_nothing_may_be_called():
    assert offer_of(request_of(functions=(WEATHER,), tool_choice="none")) is None


def test_everything_is_offered_by_default():
    offer = offered()
    assert [function.name for function in offer.functions] == ["weather", "time"]
    assert (offer.must_call, offer.may_repeat) == (False, True)


def test_required_must_call():
    assert offered(tool_choice="required").must_call


def test_a_named_function_is_called_once():
    offer = offered(tool_choice={"type": "function", "function": {"name": "time"}})
    assert [function.name for function in offer.functions] == ["time"]
    assert (offer.must_call, offer.may_repeat) == (True, False)


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_an_allowed_set_narrows_the_offer(mode: str):
    tools = [{"type": "function", "function": {"name": "weather"}}]
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}
    assert names(tool_choice=choice) == ["weather"]
    assert offered(tool_choice=choice).must_call is (mode == "required")


def test_parallel_calls_can_be_refused():
    assert not offered(parallel_tool_calls=False).may_repeat


def test_a_bad_schema_is_the_requests_fault():
    with pytest.raises(InvalidRequest, match="weather"):
        offered(WEATHER | {"strict": True})


def test_functions_are_told_as_types():
    text = instructions(offered(WEATHER, TIME))
    assert "- weather: Look at the sky. Arguments: city: string\n- time: Arguments: none\n" in text


def test_the_form_of_a_call_is_shown():
    assert '<tool_call>\n{"name": "get_time", "arguments": {"city": "Rome"}}\n</tool_call>' in instructions(offered())


def test_an_earlier_call_is_spaced_as_new_ones_are():
    text = call_text("weather", '{"city":"Zürich"}')
    head, body, tail = text.split("\n")
    assert (head, tail) == ("<tool_call>", "</tool_call>")
    assert body == '{"name": "weather", "arguments": {"city": "Zürich"}}'
    assert json.loads(body)["arguments"] == {"city": "Zürich"}


def test_an_earlier_call_that_is_no_json_stays_as_it_was():
    assert '"arguments": {oops}' in call_text("weather", "{oops")


def test_a_function_has_answered_once_its_result_stands_after_the_users_words():
    call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    user, asked = {"role": "user", "content": "?"}, {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "c", "content": "rain"}

    assert offered(messages=[user, asked, result]).answered == {"weather"}
    assert offered(messages=[user, asked, result, user]).answered == frozenset()
    assert offered(messages=[user]).answered == frozenset()


def test_the_older_function_messages_count_too():
    call = {"role": "assistant", "content": None, "function_call": {"name": "time", "arguments": "{}"}}
    messages = [{"role": "user", "content": "Hi"}, call, {"role": "function", "name": "time", "content": "noon"}]
    assert offered(messages=messages).answered == {"time"}
