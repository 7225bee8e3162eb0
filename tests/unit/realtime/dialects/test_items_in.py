"""Items as clients create them."""

import base64
from typing import Any

import pytest
from tests.unit.realtime.dialects.reading import Either, both, item, options, read, refusal

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.client_events import CreateItem
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.items import (
    AudioContent,
    FunctionCallItem,
    FunctionOutputItem,
    ImageContent,
    ItemReference,
    MessageItem,
    TextContent,
)

GA, BETA = Ga(), Beta()
AUDIO = base64.b64encode(b"\x01\x02\x03\x04").decode()
IMAGE = "data:image/png;base64,iVBORw0KGgo="


def message(role: str, *content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": list(content), **fields}


@both
def test_a_message_of_the_user(dialect: Either):
    """Text and audio become content; an item without an id has none yet."""
    got = item(
        dialect,
        message(
            "user", {"type": "input_text", "text": "Hi"}, {"type": "input_audio", "audio": AUDIO, "transcript": "x"}
        ),
    )
    audio = AudioContent(audio=b"\x01\x02\x03\x04", format=AudioFormat.PCM16, transcript="x")
    assert got == MessageItem(id="", role="user", content=(TextContent("Hi"), audio))


@both
def test_audio_with_an_empty_transcript_is_still_to_be_read(dialect: Either):
    """A history may hold what nobody had read yet, and the model is to know it."""
    got = item(dialect, message("user", {"type": "input_audio", "audio": AUDIO, "transcript": ""}))
    assert isinstance(got, MessageItem)
    assert got.content == (AudioContent(audio=b"\x01\x02\x03\x04", format=AudioFormat.PCM16),)


@both
def test_audio_is_in_the_format_of_the_session(dialect: Either):
    """What an item brings is packed as what is appended."""
    config = SessionConfig(model="m", input_format=AudioFormat.ALAW)
    got = item(dialect, message("user", {"type": "input_audio", "audio": AUDIO}), config)
    assert isinstance(got, MessageItem)
    assert got.content == (AudioContent(audio=b"\x01\x02\x03\x04", format=AudioFormat.ALAW),)


@both
def test_ids_and_statuses_of_the_client_hold(dialect: Either):
    """An item keeps what it was given, and `object` says nothing new."""
    got = item(dialect, message("system", id="mine", status="incomplete", object="realtime.item"))
    assert got == MessageItem(id="mine", role="system", status="incomplete")


@both
def test_calls_and_their_results(dialect: Either):
    """A history with functions can be replayed."""
    call = {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}
    assert item(dialect, call) == FunctionCallItem(id="", call_id="c", name="look", arguments="{}")
    result = {"type": "function_call_output", "call_id": "c", "output": "seen", "id": "i"}
    assert item(dialect, result) == FunctionOutputItem(id="i", call_id="c", output="seen")


@both
@pytest.mark.parametrize(("previous", "meant"), [(None, None), ("", None), ("root", "root"), ("item_1", "item_1")])
def test_where_an_item_goes(dialect: Either, previous: str | None, meant: str | None):
    """Nothing means the end."""
    event = {"type": "conversation.item.create", "item": message("user"), "previous_item_id": previous}
    got = read(dialect, event)
    assert isinstance(got, CreateItem)
    assert got.previous_item_id == meant


@pytest.mark.parametrize("kind", ["output_text", "text"])
def test_what_a_ga_assistant_wrote(kind: str):
    """Older histories are replayed with the name of the older generation."""
    got = item(GA, message("assistant", {"type": kind, "text": "Hello"}, phase="final_answer"))
    assert got == MessageItem(id="", role="assistant", content=(TextContent("Hello"),))


@pytest.mark.parametrize(("dialect", "kind"), [(GA, "output_audio"), (GA, "audio"), (BETA, "audio")])
def test_what_an_assistant_said_comes_as_its_transcript(dialect: Either, kind: str):
    """The words of a spoken answer can be given, and its audio cannot."""
    said = {"type": kind, "transcript": "Hello"}
    assert item(dialect, message("assistant", said)) == MessageItem(
        id="", role="assistant", content=(TextContent("Hello"),)
    )
    fault = refusal(
        dialect, {"type": "conversation.item.create", "item": message("assistant", {**said, "audio": AUDIO})}
    )
    assert (fault.code, fault.param) == ("unsupported_content_type", "item.content[0].audio")


@both
def test_what_the_user_said_may_come_as_its_transcript(dialect: Either):
    """A history without its audio is still one."""
    got = item(dialect, message("user", {"type": "input_audio", "transcript": "Hi", "audio": None}))
    assert got == MessageItem(id="", role="user", content=(TextContent("Hi"),))


@pytest.mark.parametrize(
    "content",
    [
        ("user", {"type": "input_audio", "audio": None, "transcript": None}),
        ("assistant", {"type": "output_audio", "audio": None, "transcript": None}),
    ],
)
def test_a_history_may_hold_audio_that_nobody_read(content: tuple[str, dict[str, Any]]):
    """Nothing is known of it, and its place is kept."""
    role, part = content
    got = item(GA, message(role, part))
    assert isinstance(got, MessageItem)
    assert got.content == (TextContent(""),)


@pytest.mark.parametrize(("dialect", "kind"), [(GA, "output_audio"), (BETA, "audio")])
def test_a_spoken_answer_without_words_is_none(dialect: Either, kind: str):
    """The transcript is what counts, and it is missing."""
    fault = refusal(dialect, {"type": "conversation.item.create", "item": message("assistant", {"type": kind})})
    assert (fault.code, fault.param) == ("missing_required_parameter", "item.content[0].transcript")


def test_a_picture():
    """A picture is a data URL."""
    got = item(GA, message("user", {"type": "input_image", "image_url": IMAGE, "detail": "low"}))
    assert got == MessageItem(id="", role="user", content=(ImageContent(IMAGE, "low"),))


@pytest.mark.parametrize(
    "url",
    ["https://example.com/a.png", "data:text/plain;base64,aGk=", "data:image/png;base64,?", "data:image/png;base64,"],
)
def test_other_pictures_are_refused(url: str):
    """No address is fetched, and what is no picture is none."""
    event = {"type": "conversation.item.create", "item": message("user", {"type": "input_image", "image_url": url})}
    fault = refusal(GA, event)
    assert (fault.code, fault.param) == ("invalid_value", "item.content[0].image_url")
    assert url[:20] in fault.message


@both
@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({}, "missing_required_parameter", "item.type"),
        ({"type": "message"}, "missing_required_parameter", "item.role"),
        ({"type": "message", "role": "judge", "content": []}, "invalid_value", "item.role"),
        ({"type": "message", "role": "user"}, "missing_required_parameter", "item.content"),
        (message("user", {"type": "text", "text": "x"}), "invalid_value", "item.content[0].type"),
        (message("system", {"type": "text", "text": "x"}), "invalid_value", "item.content[0].type"),
        (message("user", {"type": "input_text"}), "missing_required_parameter", "item.content[0].text"),
        (message("user", {"type": "input_audio"}), "missing_required_parameter", "item.content[0].audio"),
        (message("user", {"type": "input_audio", "audio": "?"}), "invalid_value", "item.content[0].audio"),
        (message("user", {"type": "input_audio", "audio": "AA=="}), "invalid_value", "item.content[0].audio"),
        (message("user", {"type": "input_audio", "audio": ""}), "invalid_value", "item.content[0].audio"),
        (message("user", status="done"), "invalid_value", "item.status"),
        ({"type": "function_call", "name": "f"}, "missing_required_parameter", "item.arguments"),
        ({"type": "function_call_output", "output": "x"}, "missing_required_parameter", "item.call_id"),
        ({"type": "item_reference", "id": "i"}, "invalid_value", "item.type"),
    ],
)
def test_what_an_item_cannot_be(dialect: Either, wrong: dict[str, Any], code: str, param: str):
    """Its faults are named with their whole place."""
    fault = refusal(dialect, {"type": "conversation.item.create", "item": wrong})
    assert (fault.code, fault.param) == (code, param)


@pytest.mark.parametrize(
    ("dialect", "content"),
    [
        (BETA, {"type": "output_text", "text": "x"}),
        (BETA, {"type": "output_audio", "transcript": "x"}),
        (BETA, {"type": "input_image", "image_url": IMAGE}),
        (GA, {"type": "item_reference", "id": "i"}),
    ],
)
def test_content_of_the_other_generation_is_unknown(dialect: Either, content: dict[str, Any]):
    """A part that only the other dialect has is an unknown value here."""
    role = "assistant" if "output" in content["type"] else "user"
    fault = refusal(dialect, {"type": "conversation.item.create", "item": message(role, content)})
    assert (fault.code, fault.param) == ("invalid_value", "item.content[0].type")


@pytest.mark.parametrize("kind", ["mcp_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response"])
def test_items_of_remote_tools_are_refused_in_words(kind: str):
    """It is said that there are none here, not that nobody has heard of them."""
    fault = refusal(GA, {"type": "conversation.item.create", "item": {"type": kind, "id": "i"}})
    assert (fault.code, fault.param) == ("unsupported_parameter", "item.type")


@both
def test_a_response_may_refer_to_items(dialect: Either):
    """The context of a response is of items, and of references to them."""
    got = options(dialect, {"input": [{"type": "item_reference", "id": "i"}, message("user")]})
    assert got.input == (ItemReference("i"), MessageItem(id="", role="user"))


def test_a_beta_reference_may_stand_in_a_message():
    """Beta had references as content first; one that is not alone is refused."""
    reference = {"type": "item_reference", "id": "i"}
    assert options(BETA, {"input": [message("user", reference)]}).input == (ItemReference("i"),)
    mixed = message("user", {"type": "input_text", "text": "x"}, reference)
    fault = refusal(BETA, {"type": "response.create", "response": {"input": [mixed]}})
    assert fault.param == "response.input[0].content[1]"
    created = refusal(BETA, {"type": "conversation.item.create", "item": message("user", reference)})
    assert created.param == "item.content[0]"
