"""A conversation as a chat request, and an engine's counts as those of the conversation."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio.formats import AudioFormat
from antiphon.errors import InvalidRequest
from antiphon.features.voice.prompting import written
from antiphon.generation.conversation import check_conversation
from antiphon.generation.facts import PromptCounted
from antiphon.realtime.config import NamedTool, Tool
from antiphon.realtime.effects import Prompt
from antiphon.realtime.items import (
    AudioContent,
    FunctionCallItem,
    FunctionOutputItem,
    ImageContent,
    Item,
    MessageItem,
    TextContent,
)


def said(role: Any, *content: Any, item_id: str = "item") -> MessageItem:
    return MessageItem(id=item_id, role=role, content=content)


def call(call_id: str, *, status: Any = "completed") -> FunctionCallItem:
    return FunctionCallItem(id=f"item_{call_id}", call_id=call_id, name="f", arguments="{}", status=status)


def output(call_id: str) -> FunctionOutputItem:
    return FunctionOutputItem(id=f"item_{call_id}_out", call_id=call_id, output=f"of {call_id}")


def messages(*items: Item, instructions: str = "", takes_audio: bool = False) -> list[dict[str, Any]]:
    prompt = written(Prompt(instructions=instructions, items=items), "m", takes_audio=takes_audio)
    return [message.model_dump(exclude_unset=True) for message in prompt.request.messages]


def spoken(transcript: str | None, audio: bytes = b"\1\0") -> AudioContent:
    return AudioContent(audio=audio, format=AudioFormat.PCM16, transcript=transcript)


def test_words_become_messages_of_their_speakers():
    """Instructions first; what was spoken stands there in words."""
    told = messages(
        said("system", TextContent("Be brief.")),
        said("user", spoken(" Hello there. ")),
        said("assistant", spoken("Hi.")),
        instructions="You are kind.",
    )
    assert told == [
        {"role": "system", "content": "You are kind."},
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello there."},
        {"role": "assistant", "content": "Hi."},
    ]


def test_an_answer_of_which_nothing_was_heard_is_left_out():
    """The model has not said what nobody heard."""
    assert messages(said("user", TextContent("Hi")), said("assistant", spoken("")))[1:] == []


def test_a_model_that_hears_gets_the_audio():
    """As a WAV file, and not its transcript."""
    (message,) = messages(said("user", spoken("Hello.", b"\1\2\3\4")), takes_audio=True)
    (part,) = message["content"]
    data = base64.b64decode(part["input_audio"]["data"])
    assert (data[:4], data[8:12], data[-4:]) == (b"RIFF", b"WAVE", b"\1\2\3\4")
    assert int.from_bytes(data[24:28], "little") == 24_000


def test_a_picture_is_shown_beside_its_words():
    """In the order in which they came."""
    (message,) = messages(said("user", ImageContent("data:image/png;base64,AA=="), TextContent("What is it?")))
    assert [part["type"] for part in message["content"]] == ["image_url", "text"]


def test_a_call_is_answered_right_after_it():
    """Its result moves up to it, past what the user said meanwhile."""
    told = messages(call("a"), call("b"), said("user", TextContent("Well?")), output("b"), output("a"))
    assert [message["role"] for message in told] == ["assistant", "tool", "tool", "user"]
    assert [message["content"] for message in told[1:3]] == ["of a", "of b"]


def test_a_call_without_a_result_is_under_way():
    """A chat leaves no call open."""
    assert messages(call("a"))[1]["content"] == '{"status": "in_progress"}'


def test_calls_of_two_answers_stay_apart():
    """The second was made knowing the result of the first."""
    told = messages(call("a"), output("a"), call("b"), output("b"))
    assert [message["role"] for message in told] == ["assistant", "tool", "assistant", "tool"]


def test_a_call_that_was_broken_off_is_left_out():
    """Its arguments are no JSON."""
    assert messages(said("user", TextContent("Hi")), call("a", status="incomplete"))[1:] == []


def test_a_result_without_a_call_is_told_in_words():
    """A client may write a conversation that begins in its middle."""
    (message,) = messages(output("a"))
    assert message == {"role": "system", "content": "The function call a gave: of a"}


def test_a_function_that_cannot_be_is_refused_in_words():
    """Where its name is none."""
    prompt = Prompt(instructions="", items=(), tools=(Tool(name="no name"),))
    with pytest.raises(InvalidRequest, match=r"function\.name"):
        written(prompt, "m", takes_audio=False)


def test_options_go_into_the_request():
    """Those of the model and those of its functions."""
    prompt = Prompt(
        instructions="",
        items=(said("user", TextContent("Hi")),),
        tools=(Tool(name="f", description="d", parameters={"type": "object"}),),
        tool_choice=NamedTool("f"),
        parallel_tool_calls=False,
        temperature=0.7,
        max_output_tokens=9,
    )
    request = written(prompt, "m", takes_audio=False).request
    assert (request.temperature, request.max_completion_tokens, request.parallel_tool_calls) == (0.7, 9, False)
    assert request.model_dump(exclude_unset=True)["tool_choice"] == {"type": "function", "function": {"name": "f"}}


ITEMS = st.lists(
    st.one_of(
        st.sampled_from([said("user", TextContent("a b c")), said("assistant", TextContent("d")), said("assistant")]),
        st.sampled_from(["a", "b", "c"]).map(call),
        st.sampled_from(["a", "b", "c"]).map(output),
    ),
    max_size=12,
)


@given(ITEMS, st.data())
def test_any_conversation_is_a_chat_whose_tokens_add_up(items: list[Item], data: st.DataObject):
    """Every call has its result, and no token is counted twice or lost."""
    unique = {getattr(item, "id", ""): item for item in items if not isinstance(item, MessageItem)}
    whole = tuple(item for item in items if isinstance(item, MessageItem) or unique.pop(item.id, None) is item)
    prompt = written(Prompt(instructions="x", items=whole), "m", takes_audio=False)
    check_conversation(prompt.request.messages)
    num = len(prompt.request.messages)
    counts = data.draw(st.lists(st.integers(0, 50), min_size=num, max_size=num))
    instructions_tokens, item_tokens = prompt.measured(PromptCounted(tuple(counts), 7))
    assert len(item_tokens) == len(whole)
    assert instructions_tokens + sum(item_tokens) == sum(counts) + 7
