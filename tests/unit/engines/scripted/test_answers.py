"""Which answer is given to which request."""

import io
import wave
from base64 import b64encode
from typing import Any

import pytest
from tests.fixtures.tone_speech import script, spoken

from antiphon.engines.scripted.answers import WORDLESS, chat_answer, prompt_answer
from antiphon.engines.scripted.script import CallFunction, Say
from antiphon.errors import InvalidRequest
from antiphon.wire.chat.request import ChatRequest

SCRIPT = '{"script": [{"say": "first"}], "then": [[{"say": "second"}]]}'
OTHER = '{"script": [{"say": "other"}]}'


def answer(*messages: tuple[str, Any], **options: Any) -> Any:
    """Answer messages, each a role and a content."""
    body = {"model": "m", "messages": [{"role": role, "content": content} for role, content in messages], **options}
    return chat_answer(ChatRequest.model_validate(body))


def said(*messages: tuple[str, Any], **options: Any) -> Any:
    (step,) = answer(*messages, **options)
    assert isinstance(step, Say)
    return step.say


def test_a_script_in_the_last_users_message_is_performed():
    """An earlier one is history."""
    assert said(("user", OTHER), ("assistant", "other"), ("user", SCRIPT)) == "first"


def test_a_script_may_be_in_parts():
    """Text parts are joined."""
    parts = [{"type": "text", "text": SCRIPT[:10]}, {"type": "text", "text": SCRIPT[10:]}]
    assert said(("user", parts)) == "first"


def test_a_system_message_may_hold_the_script():
    """For an application whose users say what they like."""
    assert said(("system", SCRIPT), ("user", "hello")) == "first"
    assert said(("developer", SCRIPT), ("user", "hello")) == "first"


def test_the_users_script_goes_before_the_systems():
    """It is nearer."""
    assert said(("system", OTHER), ("user", SCRIPT)) == "first"


def test_each_later_answer_is_the_next_list():
    """Counted by the assistant's messages since the script, whatever stands between them."""
    assert said(("user", SCRIPT), ("assistant", "first")) == "second"
    assert said(("system", SCRIPT), ("user", "a"), ("assistant", "first"), ("user", "b")) == "second"


def test_after_the_script_the_answer_is_an_unscripted_one():
    """A tool's result is repeated, and no call is made for ever."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": '{"script": [{"call": "f"}]}'},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "42"},
    ]
    (step,) = chat_answer(ChatRequest.model_validate({"model": "m", "messages": messages}))
    assert step == Say("42")


def test_without_a_script_the_last_message_is_repeated():
    """Whatever it was."""
    assert said(("system", "Be brief."), ("user", "hello")) == "hello"


def test_a_message_without_words_has_an_answer_too():
    """A picture alone, for example."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    assert said(("user", [image])) == WORDLESS


def test_a_malformed_script_is_refused():
    """And not repeated as if it were words."""
    with pytest.raises(InvalidRequest, match="malformed"):
        answer(("user", '{"script": ['))


def function(name: str, parameters: Any = None) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


TOOLS = [function("f"), function("g", {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]})]
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [function("g")]}}
ALLOWED["allowed_tools"]["tools"] = [{"type": "function", "function": {"name": "g"}}]


@pytest.mark.parametrize(
    ("choice", "call"),
    [
        ("required", CallFunction("f", "{}")),
        ({"type": "function", "function": {"name": "g"}}, CallFunction("g", '{"a":1}')),
        (ALLOWED, CallFunction("g", '{"a":1}')),
    ],
)
def test_a_call_that_is_forced_is_made_with_the_smallest_arguments(choice: Any, call: CallFunction):
    """Of the function that is named, or the first that may be called."""
    assert answer(("user", "hi"), tools=TOOLS, tool_choice=choice) == (call,)


@pytest.mark.parametrize("choice", [None, "auto", "none"])
def test_a_call_that_is_not_forced_is_not_made(choice: Any):
    """Only a script makes it."""
    assert said(("user", "hi"), tools=TOOLS, tool_choice=choice) == "hi"


def test_a_schema_is_answered_with_its_smallest_value():
    """As JSON."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    assert said(("user", "hi"), response_format=wanted) == '{"a":0}'


def test_json_mode_is_answered_with_an_empty_object():
    """Which is one."""
    assert said(("user", "json"), response_format={"type": "json_object"}) == "{}"


def test_a_prompt_is_said_once_more_or_performed():
    """The same scripts, without what only a chat can do."""
    assert prompt_answer("once") == (Say("once"),)
    assert prompt_answer(SCRIPT) == (Say("first"),)
    with pytest.raises(InvalidRequest, match="completion"):
        prompt_answer('{"script": [{"call": "f"}]}')


def audio_part(text: str) -> dict:
    """Return a message's part that says the text in tones, as a file of samples at 24 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(24_000)
        sound.writeframes(spoken(text))
    return {"type": "input_audio", "input_audio": {"data": b64encode(file.getvalue()).decode(), "format": "wav"}}


def test_a_script_that_is_spoken_is_the_answer_as_one_that_is_written():
    message = {"role": "user", "content": [audio_part(script({"say": "Heard you."}))]}
    assert chat_answer(ChatRequest.model_validate({"model": "m", "messages": [message]})) == (Say("Heard you."),)


def test_words_that_are_spoken_are_said_once_more():
    message = {"role": "user", "content": [{"type": "text", "text": "It says: "}, audio_part("Good day.")]}
    request = ChatRequest.model_validate({"model": "m", "messages": [message]})
    assert chat_answer(request) == (Say("It says: Good day."),)
