"""Functions of the older form become tools."""

from typing import Any

import pytest

from antiphon.generation.conversation import check_conversation
from antiphon.generation.legacy import calls_functions, with_tools
from antiphon.wire.chat.messages import AssistantMessage, FunctionToolCall, ToolMessage
from antiphon.wire.chat.request import ChatRequest, FunctionTool, NamedFunction

OLDER: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "5 degrees"},
    ],
    "functions": [{"name": "f"}],
    "function_call": {"name": "f"},
}


def test_functions_become_tools_and_a_named_function_a_named_tool():
    request = with_tools(ChatRequest.model_validate(OLDER))

    assert request.functions is None
    assert [tool.function.name for tool in request.tools or () if isinstance(tool, FunctionTool)] == ["f"]
    assert isinstance(request.tool_choice, NamedFunction)
    assert request.parallel_tool_calls is False


def test_a_function_message_answers_the_call_before_it():
    _, asked, answered = with_tools(ChatRequest.model_validate(OLDER)).messages

    assert isinstance(asked, AssistantMessage)
    assert isinstance(answered, ToolMessage)
    (call,) = asked.tool_calls or ()
    assert isinstance(call, FunctionToolCall)
    assert call.id == answered.tool_call_id
    assert answered.content == "5 degrees"


def test_a_request_with_neither_stays_as_it_is():
    request = ChatRequest.model_validate({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})

    assert with_tools(request) is request
    assert not calls_functions(request)


@pytest.mark.parametrize("places", [(0, 1, 0), (0, 2), (0, 1)])
def test_a_call_or_a_result_that_stands_alone_is_taken_as_the_older_form_does(places: tuple[int, ...]):
    """Tools would want each call answered and each answer asked for; functions never did."""
    given = [OLDER["messages"][place] for place in places]
    request = ChatRequest.model_validate({**OLDER, "messages": given})

    messages = with_tools(request).messages

    assert messages == request.messages
    check_conversation(messages)
