"""A frame becomes a client event, or says why it cannot."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.realtime.dialects.reading import Either, both, read, refusal

from antiphon.audio.formats import AudioFormat
from antiphon.realtime import client_events as events
from antiphon.realtime import server_events as said
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.frames_in import MOST_APPENDED_CHARS
from antiphon.realtime.dialects.ga import Ga
from antiphon.testing.ids import CountingIds

AUDIO = base64.b64encode(bytes(range(9))).decode()


@both
@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ({"type": "input_audio_buffer.commit"}, events.CommitAudio()),
        ({"type": "input_audio_buffer.clear", "event_id": "e"}, events.ClearAudio(event_id="e")),
        ({"type": "output_audio_buffer.clear"}, events.ClearOutput()),
        ({"type": "conversation.item.retrieve", "item_id": "i"}, events.RetrieveItem(item_id="i")),
        ({"type": "conversation.item.delete", "item_id": "i"}, events.DeleteItem(item_id="i")),
        (
            {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 1500},
            events.TruncateItem(item_id="i", content_index=0, audio_end_ms=1500),
        ),
        ({"type": "response.cancel"}, events.CancelResponse()),
        ({"type": "response.cancel", "response_id": "r"}, events.CancelResponse(response_id="r")),
        ({"type": "response.create"}, events.CreateResponse()),
        ({"type": "response.create", "response": None}, events.CreateResponse()),
        ({"type": "input_audio_buffer.append", "audio": AUDIO}, events.AppendAudio(audio=bytes(range(9)))),
        ({"type": "input_audio_buffer.append", "audio": ""}, events.AppendAudio(audio=b"")),
    ],
)
def test_events_that_both_dialects_have(dialect: Either, frame: dict[str, Any], event: events.ClientEvent):
    """They read the same in both."""
    assert read(dialect, frame) == event


@both
@pytest.mark.parametrize("frame", [b'{"type": "response.create"}', '{"event_id": null, "type": "response.create"}'])
def test_bytes_text_and_the_order_of_keys_do_not_matter(dialect: Either, frame: str | bytes):
    """A frame is JSON, however it comes."""
    assert read(dialect, frame) == events.CreateResponse()


@both
@pytest.mark.parametrize(
    ("frame", "code", "message"),
    [
        ("{}", "invalid_event", "The 'type' field is missing."),
        ('{"typ": "response.create"}', "invalid_event", "The 'type' field is missing."),
        ("{", "invalid_event", "The event could not be parsed as JSON"),
        ("", "invalid_event", "The event could not be parsed as JSON"),
        (b"\xff\xfe", "invalid_event", "The event could not be parsed as JSON"),
        ("\ud800", "invalid_event", "The event could not be parsed as JSON"),
        ("[" * 10_000, "invalid_event", "The event could not be parsed as JSON"),
        ('{"type": "response.create", "response": {"metadata": NaN}}', "invalid_event", "could not be parsed"),
        ("[]", "invalid_event", "An event is a JSON object, but got an array instead."),
        ('"hello"', "invalid_event", "An event is a JSON object, but got a string instead."),
        ('{"type": 3}', "invalid_type", "Invalid type for 'type': expected a string, but got an integer instead."),
        ('{"type": "foo"}', "invalid_value", "Invalid value: 'foo'. Supported values are: 'session.update', "),
    ],
)
def test_what_is_no_event(dialect: Either, frame: str | bytes, code: str, message: str):
    """Broken JSON, other JSON and unknown types are told in words."""
    fault = refusal(dialect, frame)
    assert fault.code == code
    assert message in fault.message


@both
@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"type": "conversation.item.delete"}, "missing_required_parameter", "item_id"),
        ({"type": "conversation.item.delete", "item_id": 3}, "invalid_type", "item_id"),
        ({"type": "conversation.item.delete", "item_id": "i", "x": 1}, "unknown_parameter", "x"),
        (
            {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": -1},
            "integer_below_min_value",
            "audio_end_ms",
        ),
        (
            {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 1.5},
            "invalid_type",
            "audio_end_ms",
        ),
        ({"type": "input_audio_buffer.append"}, "missing_required_parameter", "audio"),
        ({"type": "input_audio_buffer.append", "audio": 3}, "invalid_type", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "=3="}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "AAA"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "AA AA"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "", "item_id": "i"}, "unknown_parameter", "item_id"),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": 3}, "invalid_type", "session"),
        ({"type": "conversation.item.create"}, "missing_required_parameter", "item"),
        ({"type": "response.create", "response": []}, "invalid_type", "response"),
    ],
)
def test_what_is_wrong_inside_an_event(dialect: Either, fields: dict[str, Any], code: str, param: str):
    """The code and the place of the first fault are told."""
    fault = refusal(dialect, fields)
    assert (fault.code, fault.param) == (code, param)
    assert fault.type == "invalid_request_error"


@both
def test_a_fault_names_the_event_that_it_is_in(dialect: Either):
    """The client's own id comes back, and an id of another kind does not."""
    assert refusal(dialect, {"type": "foo", "event_id": "mine"}).event_id == "mine"
    assert refusal(dialect, {"event_id": "mine"}).event_id == "mine"
    assert refusal(dialect, {"type": "foo", "event_id": 3}).event_id is None
    assert refusal(dialect, {"type": "response.cancel", "event_id": "x" * 600}).event_id is None


@both
@pytest.mark.parametrize("audio_format", AudioFormat)
def test_broken_audio_is_told_of_in_the_format_that_was_agreed(dialect: Either, audio_format: AudioFormat):
    """The message says what the session expects."""
    config = SessionConfig(model="m", input_format=audio_format)
    spoken_of = {"pcm16": "PCM16 at 24kHz", "g711_ulaw": "mu-law at 8kHz", "g711_alaw": "A-law at 8kHz"}
    fault = refusal(dialect, {"type": "input_audio_buffer.append", "audio": "?"}, config)
    assert fault.message.startswith("Invalid 'audio'. Expected base64-encoded audio bytes (mono ")
    assert spoken_of[audio_format.value] in fault.message


@both
def test_one_event_brings_at_most_15_mib_of_base64(dialect: Either):
    """As much is taken; more is refused and says so."""
    most = read(dialect, {"type": "input_audio_buffer.append", "audio": "A" * MOST_APPENDED_CHARS})
    assert isinstance(most, events.AppendAudio)
    assert len(most.audio) == MOST_APPENDED_CHARS // 4 * 3
    more = refusal(dialect, {"type": "input_audio_buffer.append", "audio": "A" * (MOST_APPENDED_CHARS + 4)})
    assert (more.code, more.param) == ("string_above_max_length", "audio")


_WORDS = st.sampled_from(
    [
        "type", "event_id", "session", "item", "response", "audio", "input", "output", "format", "transcription",
        "turn_detection", "noise_reduction", "tools", "tool_choice", "content", "role", "id", "text", "transcript",
        "call_id", "name", "arguments", "metadata", "modalities", "output_modalities", "voice", "speed", "temperature",
        "server_vad", "semantic_vad", "message", "function_call", "function_call_output", "item_reference", "function",
        "user", "assistant", "system", "input_text", "input_audio", "input_image", "image_url", "output_text",
        "output_audio", "realtime", "auto", "none", "inf", "audio/pcm", "pcm16", "tracing", "prompt", "truncation",
        "parameters", "mcp", "conversation", "include", "input_audio_format", "max_output_tokens", "AAAA",
    ]
)  # fmt: skip
_TYPES = st.sampled_from(
    [
        "session.update", "transcription_session.update", "input_audio_buffer.append", "conversation.item.create",
        "conversation.item.truncate", "conversation.item.delete", "conversation.item.retrieve", "response.create",
        "response.cancel",
    ]
)  # fmt: skip
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_JSON = st.recursive(
    _SCALARS | _WORDS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS | st.text(), inner, max_size=5),
    max_leaves=25,
)
_EVENTS = st.builds(
    lambda fields, kind: {**fields, "type": kind}, st.dictionaries(_WORDS | st.text(), _JSON, max_size=4), _TYPES
)


@given(frame=st.text() | st.binary() | st.builds(json.dumps, _JSON) | st.builds(json.dumps, _EVENTS))
def test_nothing_that_comes_raises(frame: str | bytes):
    """Whatever a client sends is an event or a fault with a message."""
    for dialect in (Ga(), Beta()):
        got = dialect.read(frame, dialect.initial("m"))
        assert not isinstance(got, events.MalformedEvent) or got.message


_SESSIONS = st.fixed_dictionaries(
    {},
    optional={
        "instructions": st.text(),
        "tools": st.lists(
            st.fixed_dictionaries(
                {"type": st.just("function"), "name": st.just("f")},
                optional={"description": st.text(), "parameters": st.dictionaries(st.text(), _JSON, max_size=3)},
            ),
            max_size=2,
        ),
        "tracing": st.just("auto") | st.fixed_dictionaries({"metadata": st.dictionaries(st.text(), _JSON, max_size=2)}),
        "include": st.none() | st.lists(st.text(), max_size=2),
        "tool_choice": st.sampled_from(["auto", "none", "required"]),
    },
)


@given(session=_SESSIONS)
def test_whatever_was_read_can_be_told_back(session: dict[str, Any]):
    """A set-up of any texts, numbers and schemas is written as JSON and says what was sent."""
    for dialect in (Ga(), Beta()):
        config = dialect.initial("m")
        event = dialect.read(json.dumps({"type": "session.update", "session": session}), config)
        assert isinstance(event, events.UpdateSession)
        told = said.SessionUpdated(id="s", config=event.changes.applied_to(config), expires_at=None)
        [frame] = dialect.write(told, CountingIds())
        back = json.loads(frame)["session"]
        assert {name: back[name] for name in session} == session
