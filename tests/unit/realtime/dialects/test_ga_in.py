"""Sessions and responses as GA clients ask for them."""

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
    RetentionRatio,
    SemanticVad,
    ServerVad,
    SessionChanges,
    SessionConfig,
    Tool,
    Transcription,
)
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.items import ItemReference, MessageItem, TextContent

GA = Ga()
FUNCTION = {"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}}


def test_a_new_session_speaks_and_waits_for_turns():
    """A session that was asked for nothing has the documented defaults."""
    config = GA.initial("gpt-realtime")
    assert (config.kind, config.output_modalities, config.voice) == ("realtime", ("audio",), "alloy")
    assert config.turn_detection == ServerVad()
    assert config.temperature is None


def test_a_new_transcription_session_transcribes():
    """A session that only transcribes needs a model for it."""
    assert GA.initial("", "transcription").transcription == Transcription(model="whisper-1")
    assert GA.initial("gpt-4o-transcribe", "transcription").transcription == Transcription(model="gpt-4o-transcribe")


def test_a_whole_session_is_read():
    """Every field that changes something arrives."""
    session = {
        "type": "realtime",
        "instructions": "Be brief.",
        "output_modalities": ["text"],
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": {"model": "whisper-1", "language": "de", "prompt": "Ada"},
                "noise_reduction": {"type": "near_field"},
                "turn_detection": {"type": "server_vad", "threshold": 0.7, "idle_timeout_ms": 5000},
            },
            "output": {"format": {"type": "audio/pcma"}, "voice": "marin", "speed": 1.5},
        },
        "tools": [FUNCTION],
        "tool_choice": {"type": "function", "name": "look"},
        "parallel_tool_calls": False,
        "max_output_tokens": 300,
        "truncation": {"type": "retention_ratio", "retention_ratio": 0.5, "token_limits": {"post_instructions": 900}},
    }
    assert updated(GA, session) == SessionConfig(
        model="gpt-realtime",
        instructions="Be brief.",
        output_modalities=("text",),
        input_format=AudioFormat.MULAW,
        transcription=Transcription(model="whisper-1", language="de", prompt="Ada"),
        noise_reduction="near_field",
        turn_detection=ServerVad(threshold=0.7, idle_timeout_ms=5000),
        output_format=AudioFormat.ALAW,
        voice="marin",
        speed=1.5,
        tools=(Tool(name="look", description="Looks.", parameters={"type": "object"}),),
        tool_choice=NamedTool("look"),
        parallel_tool_calls=False,
        max_output_tokens=300,
        truncation=RetentionRatio(ratio=0.5, post_instructions_tokens=900),
        passed={"noise_strength": None},
    )


@pytest.mark.parametrize("session", [{}, {"type": None}, {"audio": None}, {"audio": {"input": None, "output": {}}}])
def test_what_is_not_said_is_left_alone(session: dict[str, Any]):
    """A session without its type, as some clients send it, changes nothing that it does not name."""
    got = changes(GA, session)
    left = {name: getattr(got, name) for name in got.__struct_fields__}
    assert set(left.values()) == {UNSET}


def test_null_takes_away_what_can_be_missing():
    """Null is a value of turn detection, transcription and noise reduction, and of what is only told back."""
    heard = {"turn_detection": None, "transcription": None, "noise_reduction": None}
    got = updated(GA, {"audio": {"input": heard}, "tracing": None, "prompt": None})
    assert (got.turn_detection, got.transcription, got.noise_reduction) == (None, None, None)
    assert got.passed == {"noise_strength": None, "tracing": None, "prompt": None}


def test_null_elsewhere_leaves_alone():
    """Null where it is no value is the same as nothing: clients send unset fields so."""
    names = ("instructions", "tools", "tool_choice", "max_output_tokens", "truncation", "output_modalities")
    got = changes(GA, dict.fromkeys(names))
    assert got == SessionChanges()
    assert changes(GA, {"audio": {"output": {"voice": None, "speed": None, "format": None}}}) == SessionChanges()


def test_inf_is_a_limit_too():
    """The limit on output can be lifted again."""
    assert changes(GA, {"max_output_tokens": "inf"}).max_output_tokens is None


def test_fields_without_effect_are_kept_for_telling():
    """Tracing, stored prompts, reasoning, `include` and the finer points of transcription come back as they came."""
    transcription = {"model": "gpt-transcribe", "languages": ["de", "en"], "keywords": ["Ada"], "delay": "low"}
    noise = {"type": "far_field", "strength": 0.5}
    session = {
        "tracing": {"workflow_name": "w", "metadata": {"a": [1]}},
        "prompt": {"id": "pmpt_1", "variables": {"x": "y"}},
        "reasoning": {"effort": "low"},
        "include": ["item.input_audio_transcription.logprobs"],
        "audio": {"input": {"transcription": transcription, "noise_reduction": noise}},
    }
    got = updated(GA, session)
    kept = {name: session[name] for name in ("tracing", "prompt", "reasoning", "include")}
    assert got.passed == {**kept, "noise_strength": 0.5}
    assert got.transcription is not None
    assert got.transcription.language == "de"
    assert got.transcription.passed == {name: transcription[name] for name in ("languages", "keywords", "delay")}


def test_what_cannot_change_is_passed_over():
    """A client may send back the session object that it was told, and the name of another model with it."""
    told = dict(GA.session_view("sess_1", GA.initial("gpt-realtime"), 1790726624))
    got = updated(GA, {**told, "model": "gpt-realtime-2.1"})
    assert got.model == "gpt-realtime"
    assert got == updated(GA, told)


def test_a_transcription_keeps_its_model():
    """A transcription that names no model goes on with the one that it has."""
    config = SessionConfig(model="m", transcription=Transcription(model="gpt-4o-transcribe"))
    session = {"audio": {"input": {"transcription": {"language": "fr"}}}}
    assert changes(GA, session, config).transcription == Transcription(model="gpt-4o-transcribe", language="fr")
    assert changes(GA, session).transcription == Transcription(model="whisper-1", language="fr")


def test_semantic_turns():
    """The other way to tell turns has its eagerness."""
    vad = {"type": "semantic_vad", "eagerness": "high", "create_response": False}
    got = changes(GA, {"audio": {"input": {"turn_detection": vad}}})
    assert got.turn_detection == SemanticVad(eagerness="high", create_response=False)


def test_a_voice_may_be_an_object():
    """A voice by its id is a voice by its name here."""
    assert changes(GA, {"audio": {"output": {"voice": {"id": "voice_1"}}}}).voice == "voice_1"


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"voice": "alloy"}, "unknown_parameter", "session.voice"),
        ({"modalities": ["text"]}, "unknown_parameter", "session.modalities"),
        ({"temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"input_audio_format": "pcm16"}, "unknown_parameter", "session.input_audio_format"),
        ({"turn_detection": None}, "unknown_parameter", "session.turn_detection"),
        ({"audio": {"input": {"rate": 1}}}, "unknown_parameter", "session.audio.input.rate"),
        ({"type": "translation"}, "invalid_value", "session.type"),
        ({"output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
        ({"output_modalities": []}, "invalid_value", "session.output_modalities"),
        ({"output_modalities": ["smell"]}, "invalid_value", "session.output_modalities[0]"),
        ({"audio": {"input": {"format": "pcm16"}}}, "invalid_type", "session.audio.input.format"),
        ({"audio": {"input": {"format": {}}}}, "missing_required_parameter", "session.audio.input.format.type"),
        ({"audio": {"input": {"format": {"type": "audio/mp3"}}}}, "invalid_value", "session.audio.input.format.type"),
        (
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        (
            {"audio": {"input": {"turn_detection": {"type": "server_vad", "eagerness": "low"}}}},
            "unknown_parameter",
            "session.audio.input.turn_detection.eagerness",
        ),
        (
            {"audio": {"input": {"turn_detection": {"silence_duration_ms": 1}}}},
            "missing_required_parameter",
            "session.audio.input.turn_detection.type",
        ),
        ({"tools": [{"type": "mcp", "server_label": "s"}]}, "unsupported_parameter", "session.tools[0].type"),
        ({"tools": [{**FUNCTION, "name": "two words"}]}, "invalid_value", "session.tools[0].name"),
        ({"tools": [{**FUNCTION, "strict": True}]}, "unknown_parameter", "session.tools[0].strict"),
        ({"tool_choice": "always"}, "invalid_value", "session.tool_choice"),
        ({"tool_choice": {"type": "mcp", "server_label": "s"}}, "unsupported_parameter", "session.tool_choice"),
    ],
)
def test_what_a_session_cannot_be(session: dict[str, Any], code: str, param: str):
    """Fields of the other generation, unknown ones and wrong ones are named with their whole place."""
    fault = refusal(GA, {"type": "session.update", "session": session})
    assert (fault.code, fault.param) == (code, param)
    assert param in fault.message or code in {"invalid_value", "unsupported_parameter"}


def test_a_session_that_only_transcribes():
    """Its fields are those that hear."""
    session = {"type": "transcription", "audio": {"input": {"turn_detection": None}}, "include": []}
    got = read(GA, {"type": "session.update", "session": session})
    assert got == UpdateSession(
        changes=SessionChanges(kind="transcription", turn_detection=None, passed={"include": []})
    )


@pytest.mark.parametrize("named", [{"type": "transcription"}, {}])
def test_a_session_that_only_transcribes_has_no_answers(named: dict[str, str]):
    """Fields of answers are unknown to it, whether it names its type or is one already."""
    config = GA.initial("", "transcription")
    event = {"type": "session.update", "session": {**named, "instructions": "Talk."}}
    assert refusal(GA, event, config).param == "session.instructions"


def test_a_response_overrides_the_session():
    """Every override arrives."""
    response = {
        "output_modalities": ["text"],
        "instructions": "Once.",
        "audio": {"output": {"voice": "cedar", "format": {"type": "audio/pcmu"}}},
        "tools": [FUNCTION],
        "tool_choice": "required",
        "parallel_tool_calls": True,
        "max_output_tokens": 5,
        "conversation": "none",
        "metadata": {"topic": "x"},
        "prompt": {"id": "pmpt_1"},
        "reasoning": {"effort": "high"},
        "input": [
            {"type": "item_reference", "id": "item_1"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        ],
    }
    assert options(GA, response) == ResponseOptions(
        output_modalities=("text",),
        instructions="Once.",
        voice="cedar",
        output_format=AudioFormat.MULAW,
        tools=(Tool(name="look", description="Looks.", parameters={"type": "object"}),),
        tool_choice="required",
        parallel_tool_calls=True,
        max_output_tokens=5,
        is_out_of_band=True,
        metadata={"topic": "x"},
        input=(ItemReference("item_1"), MessageItem(id="", role="user", content=(TextContent("Hi"),))),
    )


def test_an_empty_context_is_not_the_conversation():
    """`input: []` asks for an answer to nothing, and no `input` for one to the conversation."""
    assert options(GA, {"input": []}).input == ()
    assert options(GA, {}).input is None


@pytest.mark.parametrize(
    ("response", "code", "param"),
    [
        ({"modalities": ["text"]}, "unknown_parameter", "response.modalities"),
        ({"voice": "alloy"}, "unknown_parameter", "response.voice"),
        ({"temperature": 1}, "unknown_parameter", "response.temperature"),
        ({"conversation": "conv_1"}, "invalid_value", "response.conversation"),
        ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "response.metadata.k"),
        ({"metadata": {str(n): "v" for n in range(17)}}, "object_above_max_properties", "response.metadata"),
        ({"max_output_tokens": 0}, "integer_below_min_value", "response.max_output_tokens"),
        ({"input": [{"type": "mcp_call"}]}, "unsupported_parameter", "response.input[0].type"),
        ({"tools": [{"type": "mcp"}]}, "unsupported_parameter", "response.tools[0].type"),
        ({"audio": {"output": {"speed": 1.0}}}, "unknown_parameter", "response.audio.output.speed"),
    ],
)
def test_what_a_response_cannot_be(response: dict[str, Any], code: str, param: str):
    """Its faults are named with their whole place."""
    fault = refusal(GA, {"type": "response.create", "response": response})
    assert (fault.code, fault.param) == (code, param)


def test_a_session_over_rest():
    """The `session` of a REST body gives a set-up; without a model it has the default one."""
    session = {"type": "realtime", "model": "gpt-realtime-mini", "audio": {"output": {"voice": "cedar"}}}
    assert GA.config_from_session(session) == SessionConfig(model="gpt-realtime-mini", voice="cedar")
    assert GA.config_from_session({}) == SessionConfig(model="gpt-realtime")


def test_a_transcription_session_over_rest():
    """Its own type says what it is."""
    got = GA.config_from_session({"type": "transcription"})
    assert got == GA.initial("", "transcription")


def test_a_wrong_session_over_rest():
    """Its place begins with `session`, where the body has it."""
    with pytest.raises(InvalidRequest) as fault:
        GA.config_from_session({"type": "realtime", "voice": "alloy"})
    assert fault.value.param == "session.voice"
