"""Sessions and responses as beta clients ask for them."""

from typing import Any

import pytest
from msgspec import UNSET
from tests.unit.realtime.dialects.reading import changes, options, read, refusal, updated

from antiphon.audio.formats import AudioFormat
from antiphon.errors import InvalidRequest
from antiphon.realtime.client_events import UpdateSession
from antiphon.realtime.config import (
    NamedTool,
    ResponseOptions,
    SemanticVad,
    ServerVad,
    SessionChanges,
    SessionConfig,
    Tool,
    Transcription,
)
from antiphon.realtime.dialects.beta import Beta

BETA = Beta()
FUNCTION = {"type": "function", "name": "look"}


def test_a_new_session_writes_and_speaks():
    """A session that was asked for nothing has the defaults of beta."""
    config = BETA.initial("gpt-4o-realtime-preview")
    assert (config.output_modalities, config.temperature, config.voice) == (("text", "audio"), 0.8, "alloy")
    assert config.turn_detection == ServerVad()


def test_what_the_reference_client_sends_first():
    """The whole session of the client of 2024, nulls included."""
    session = {
        "modalities": ["text", "audio"],
        "instructions": "",
        "voice": "verse",
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "input_audio_transcription": None,
        "turn_detection": None,
        "tools": [],
        "tool_choice": "auto",
        "temperature": 0.8,
        "max_response_output_tokens": 4096,
    }
    assert updated(BETA, session) == SessionConfig(
        model="gpt-realtime",
        output_modalities=("text", "audio"),
        voice="verse",
        turn_detection=None,
        temperature=0.8,
        max_output_tokens=4096,
    )


def test_a_whole_session_is_read():
    """Every field, the later ones included, arrives."""
    session = {
        "model": "gpt-4o-realtime-preview",
        "modalities": ["text"],
        "input_audio_format": "g711_ulaw",
        "output_audio_format": "g711_alaw",
        "input_audio_transcription": {"model": "whisper-1", "language": "de", "prompt": "Ada"},
        "input_audio_noise_reduction": {"type": "near_field"},
        "turn_detection": {"type": "semantic_vad", "eagerness": "low", "threshold": 0.5},
        "tools": [FUNCTION],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "speed": 0.25,
        "temperature": 1,
        "max_response_output_tokens": "inf",
        "tracing": "auto",
    }
    assert updated(BETA, session) == SessionConfig(
        model="gpt-realtime",
        output_modalities=("text",),
        input_format=AudioFormat.MULAW,
        output_format=AudioFormat.ALAW,
        transcription=Transcription(model="whisper-1", language="de", prompt="Ada"),
        noise_reduction="near_field",
        turn_detection=SemanticVad(eagerness="low"),
        tools=(Tool(name="look"),),
        tool_choice=NamedTool("look"),
        speed=0.25,
        temperature=1,
        passed={"tracing": "auto", "noise_strength": None},
    )


def test_turn_detection_without_its_type_is_by_silence():
    """Beta had one way at first, and did not ask for its name."""
    assert changes(BETA, {"turn_detection": {"silence_duration_ms": 700}}).turn_detection == ServerVad(
        silence_duration_ms=700
    )


@pytest.mark.parametrize("choice", [{"type": "function", "name": "f"}, {"type": "function", "function": {"name": "f"}}])
def test_a_forced_function_was_written_in_two_ways(choice: dict[str, Any]):
    """Both name the same function."""
    assert changes(BETA, {"tool_choice": choice}).tool_choice == NamedTool("f")


@pytest.mark.parametrize("order", [["text", "audio"], ["audio", "text"]])
def test_modalities_come_in_any_order(order: list[str]):
    """Text and audio are the same as audio and text."""
    assert changes(BETA, {"modalities": order}).output_modalities == ("text", "audio")


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"type": "realtime"}, "unknown_parameter", "session.type"),
        ({"audio": {}}, "unknown_parameter", "session.audio"),
        ({"output_modalities": ["text"]}, "unknown_parameter", "session.output_modalities"),
        ({"max_output_tokens": 5}, "unknown_parameter", "session.max_output_tokens"),
        ({"truncation": "auto"}, "unknown_parameter", "session.truncation"),
        ({"prompt": {"id": "p"}}, "unknown_parameter", "session.prompt"),
        ({"turn_detection": {"idle_timeout_ms": 5000}}, "unknown_parameter", "session.turn_detection.idle_timeout_ms"),
        ({"modalities": ["audio"]}, "invalid_value", "session.modalities"),
        ({"input_audio_format": {"type": "audio/pcm"}}, "invalid_type", "session.input_audio_format"),
        ({"input_audio_format": "mp3"}, "invalid_value", "session.input_audio_format"),
        ({"tool_choice": {"type": "function"}}, "missing_required_parameter", "session.tool_choice.name"),
        ({"tools": [{"name": "f"}]}, "missing_required_parameter", "session.tools[0].type"),
        ({"temperature": 0.5}, "decimal_below_min_value", "session.temperature"),
    ],
)
def test_what_a_session_cannot_be(session: dict[str, Any], code: str, param: str):
    """Fields of the other generation, unknown ones and wrong ones are named with their whole place."""
    fault = refusal(BETA, {"type": "session.update", "session": session})
    assert (fault.code, fault.param) == (code, param)


def test_a_transcription_session_is_updated_by_an_event_of_its_own():
    """It hears as the other does, and its modalities mean nothing."""
    config = BETA.initial("", "transcription")
    session = {
        "input_audio_transcription": {"model": "gpt-4o-transcribe"},
        "turn_detection": None,
        "modalities": ["text"],
        "include": ["item.input_audio_transcription.logprobs"],
    }
    got = read(BETA, {"type": "transcription_session.update", "session": session, "event_id": "e"}, config)
    assert isinstance(got, UpdateSession)
    assert got.event_id == "e"
    assert got.changes == SessionChanges(
        transcription=Transcription(model="gpt-4o-transcribe"),
        turn_detection=None,
        passed={"include": ["item.input_audio_transcription.logprobs"]},
    )


@pytest.mark.parametrize(
    ("kind", "event"), [("transcription", "session.update"), ("realtime", "transcription_session.update")]
)
def test_the_update_of_the_other_kind_of_session_is_refused(kind: Any, event: str):
    """Neither kind of session becomes the other."""
    fault = refusal(BETA, {"type": event, "session": {}}, BETA.initial("m", kind))
    assert fault.code == "invalid_session_type"
    assert f"to a {kind} session is not allowed" in fault.message


def test_a_response_overrides_the_session():
    """Every override arrives."""
    response = {
        "modalities": ["text"],
        "instructions": "Once.",
        "voice": "echo",
        "output_audio_format": "g711_ulaw",
        "tools": [FUNCTION],
        "tool_choice": "none",
        "temperature": 0.6,
        "max_response_output_tokens": 5,
        "conversation": "auto",
        "metadata": {"topic": "x"},
        "input": [],
    }
    assert options(BETA, response) == ResponseOptions(
        output_modalities=("text",),
        instructions="Once.",
        voice="echo",
        output_format=AudioFormat.MULAW,
        tools=(Tool(name="look"),),
        tool_choice="none",
        temperature=0.6,
        max_output_tokens=5,
        metadata={"topic": "x"},
        input=(),
    )


@pytest.mark.parametrize("name", ["max_output_tokens", "max_response_output_tokens"])
def test_the_limit_of_a_response_has_had_two_names(name: str):
    """The specification of 2024 and the SDKs differ; both are understood."""
    assert options(BETA, {name: 7}).max_output_tokens == 7
    assert options(BETA, {name: "inf"}).max_output_tokens is None
    assert options(BETA, {}).max_output_tokens is UNSET


def test_a_session_over_rest():
    """The body is the session, and the options of its key are no concern of the set-up."""
    body = {"model": "gpt-4o-realtime-preview-2025-06-03", "voice": "verse", "client_secret": {"expires_after": {}}}
    assert BETA.config_from_session(body) == SessionConfig(
        model="gpt-4o-realtime-preview-2025-06-03", voice="verse", temperature=0.8, output_modalities=("text", "audio")
    )


def test_a_transcription_session_over_rest():
    """The path says what it is."""
    got = BETA.config_from_session({"input_audio_transcription": {"model": "gpt-4o-transcribe"}}, "transcription")
    assert (got.kind, got.model, got.transcription) == ("transcription", "", Transcription(model="gpt-4o-transcribe"))


def test_a_wrong_session_over_rest():
    """Its place begins with the field, where the body has it."""
    with pytest.raises(InvalidRequest) as fault:
        BETA.config_from_session({"modalities": ["audio"]})
    assert fault.value.param == "modalities"
