"""Sessions and responses as either dialect shows them, to the letter."""

import msgspec
import pytest
from tests.unit.realtime.dialects.reading import Either, both, updated
from tests.unit.realtime.dialects.said import FULL, MANUAL, PLAIN, RESPONSES, TRANSCRIPTION
from tests.unit.realtime.dialects.writing import frame

from antiphon.realtime import server_events as events
from antiphon.realtime.config import SemanticVad, SessionConfig
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.server_events import ResponseView

GA, BETA = Ga(), Beta()
PCM = {"type": "audio/pcm", "rate": 24000}


def test_a_ga_session():
    """The object that a GA session begins with, as the hosted service sends it."""
    assert GA.session_view("sess_1", GA.initial("gpt-realtime"), 1790726624) == {
        "type": "realtime",
        "object": "realtime.session",
        "id": "sess_1",
        "model": "gpt-realtime",
        "output_modalities": ["audio"],
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": 1790726624,
        "audio": {
            "input": {
                "format": PCM,
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 200,
                    "idle_timeout_ms": None,
                    "create_response": True,
                    "interrupt_response": True,
                },
            },
            "output": {"format": PCM, "voice": "alloy", "speed": 1.0},
        },
        "include": None,
    }


def test_a_beta_session():
    """The object that a beta session begins with."""
    assert BETA.session_view("sess_1", BETA.initial("gpt-4o-realtime-preview"), 1790726624) == {
        "id": "sess_1",
        "object": "realtime.session",
        "model": "gpt-4o-realtime-preview",
        "expires_at": 1790726624,
        "modalities": ["text", "audio"],
        "instructions": "",
        "voice": "alloy",
        "turn_detection": {
            "type": "server_vad",
            "threshold": 0.5,
            "prefix_padding_ms": 300,
            "silence_duration_ms": 200,
            "create_response": True,
            "interrupt_response": True,
        },
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "input_audio_transcription": None,
        "tool_choice": "auto",
        "temperature": 0.8,
        "max_response_output_tokens": "inf",
        "client_secret": None,
        "tools": [],
        "input_audio_noise_reduction": None,
        "speed": 1.0,
        "tracing": None,
        "include": None,
    }


def test_a_ga_session_with_everything():
    """Whatever was set is told in its place."""
    session = GA.session_view("sess_1", FULL, None)
    assert session["output_modalities"] == ["text"]
    assert session["audio"] == {
        "input": {
            "format": {"type": "audio/pcmu"},
            "transcription": {"model": "whisper-1", "language": "en", "prompt": "Names: Ada."},
            "noise_reduction": {"type": "far_field"},
            "turn_detection": {
                "type": "semantic_vad",
                "eagerness": "low",
                "create_response": True,
                "interrupt_response": False,
            },
        },
        "output": {"format": {"type": "audio/pcma"}, "voice": "verse", "speed": 1.5},
    }
    assert session["tools"] == [
        {"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}},
        {"type": "function", "name": "bare"},
    ]
    assert session["truncation"] == {
        "type": "retention_ratio",
        "retention_ratio": 0.8,
        "token_limits": {"post_instructions": 4000},
    }
    assert (session["parallel_tool_calls"], session["max_output_tokens"]) == (True, 200)
    assert session["tracing"] == {"workflow_name": "w"}


def test_manual_turns_are_null():
    """A client that commits by itself reads that it does."""
    assert GA.session_view("s", MANUAL, None)["audio"]["input"]["turn_detection"] is None
    assert BETA.session_view("s", MANUAL, None)["turn_detection"] is None


def test_a_ga_transcription_session():
    """It says nothing of answers."""
    assert GA.session_view("sess_1", TRANSCRIPTION, 5) == {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": "sess_1",
        "expires_at": 5,
        "audio": {
            "input": {
                "format": PCM,
                "transcription": {"model": "whisper-1", "language": None, "prompt": None},
                "noise_reduction": None,
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 500,
                },
            }
        },
        "include": None,
    }


def test_beta_has_events_of_its_own_for_transcription_sessions():
    """They are named after the session, which holds a secret that is none, since its type demands one."""
    created = frame(BETA, events.SessionCreated(id="sess_1", config=TRANSCRIPTION, expires_at=5))
    assert created["type"] == "transcription_session.created"
    updated_frame = frame(BETA, events.SessionUpdated(id="sess_1", config=TRANSCRIPTION, expires_at=5))
    assert updated_frame["type"] == "transcription_session.updated"
    assert updated_frame["session"]["client_secret"] == {"value": "", "expires_at": 0}
    assert updated_frame["session"]["object"] == "realtime.transcription_session"
    assert frame(GA, events.SessionUpdated(id="s", config=TRANSCRIPTION, expires_at=5))["type"] == "session.updated"


@both
@pytest.mark.parametrize("config", [PLAIN, MANUAL, FULL], ids=["plain", "manual", "full"])
def test_a_session_that_is_sent_back_says_the_same(dialect: Either, config: SessionConfig):
    """What is told is what is understood: a client may take the object, change a field and send it."""
    own = msgspec.structs.replace(config, model="gpt-realtime", output_modalities=("text",))
    again = updated(dialect, dict(dialect.session_view("s", own, None)))
    assert dialect.session_view("s", again, None) == dialect.session_view("s", own, None)


def test_a_ga_response_that_begins():
    """Nothing of it is known yet but how it will be."""
    response = frame(GA, events.ResponseCreated(RESPONSES[0]))["response"]
    assert response == {
        "object": "realtime.response",
        "id": "resp_1",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": "conv_1",
        "output_modalities": ["audio"],
        "max_output_tokens": "inf",
        "audio": {"output": {"format": PCM, "voice": "alloy"}},
        "usage": None,
        "metadata": {"client_event_id": "e1"},
    }


def test_a_beta_response_that_begins():
    """The same, flat."""
    response = frame(BETA, events.ResponseCreated(RESPONSES[0]))["response"]
    assert response == {
        "object": "realtime.response",
        "id": "resp_1",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": "conv_1",
        "modalities": ["text", "audio"],
        "voice": "alloy",
        "output_audio_format": "pcm16",
        "temperature": 0.8,
        "max_output_tokens": "inf",
        "usage": None,
        "metadata": {"client_event_id": "e1"},
    }


def test_usage_is_split():
    """By text, audio and pictures, cached ones a part of those in; beta knows no pictures."""
    usage = frame(GA, events.ResponseDone(RESPONSES[1]))["response"]["usage"]
    assert usage == {
        "total_tokens": 253,
        "input_tokens": 132,
        "output_tokens": 121,
        "input_token_details": {
            "text_tokens": 119,
            "audio_tokens": 13,
            "image_tokens": 0,
            "cached_tokens": 64,
            "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
    }
    beta = frame(BETA, events.ResponseDone(RESPONSES[1]))["response"]["usage"]["input_token_details"]
    assert beta == {
        "text_tokens": 119,
        "audio_tokens": 13,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0},
    }


@both
def test_usage_is_whole_at_the_end_of_every_response(dialect: Either):
    """One that failed before anything was counted has zeros: clients read the figures without looking."""
    usage = frame(dialect, events.ResponseDone(RESPONSES[4]))["response"]["usage"]
    assert usage["total_tokens"] == 0
    assert usage["input_token_details"]["cached_tokens_details"]["text_tokens"] == 0


@both
@pytest.mark.parametrize(
    ("response", "details"),
    [
        (RESPONSES[1], None),
        (RESPONSES[2], {"type": "cancelled", "reason": "turn_detected"}),
        (RESPONSES[3], {"type": "incomplete", "reason": "max_output_tokens"}),
        (
            RESPONSES[4],
            {
                "type": "failed",
                "error": {"type": "server_error", "code": "engine_failed", "message": "It broke."},
            },
        ),
    ],
)
def test_why_a_response_ended(dialect: Either, response: ResponseView, details: object):
    """Null where it ended well."""
    assert frame(dialect, events.ResponseDone(response))["response"]["status_details"] == details


def test_turns_by_meaning_in_beta():
    """They have the same fields in both."""
    config = msgspec.structs.replace(PLAIN, turn_detection=SemanticVad())
    assert BETA.session_view("s", config, None)["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }
