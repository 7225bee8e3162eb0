"""What a handshake asks for."""

import pytest
from starlette.datastructures import Headers, QueryParams

from antiphon.errors import InvalidRequest
from antiphon.realtime.server_events import Place, TranscriptDelta
from antiphon.server.realtime.handshake import Handshake, Resumption, read_handshake
from antiphon.testing.ids import CountingIds

BETA = "openai-beta.realtime-v1"


def asked(query: str = "", headers: dict[str, str] | None = None, protocols: tuple[str, ...] = ()) -> Handshake:
    return read_handshake(Headers(headers or {}), QueryParams(query), list(protocols))


@pytest.mark.parametrize(
    ("headers", "protocols", "name"),
    [
        ({}, (), "ga"),
        ({"OpenAI-Beta": "realtime=v1"}, (), "beta"),
        ({}, ("realtime", BETA), "beta"),
        ({"OpenAI-Beta": "assistants=v2"}, ("realtime",), "ga"),
    ],
)
def test_the_generation_is_chosen_by_header_or_subprotocol(
    headers: dict[str, str], protocols: tuple[str, ...], name: str
):
    """And by nothing else."""
    assert asked("model=m", headers, protocols).dialect.name == name


def test_a_subprotocol_is_answered_and_never_a_key():
    """A browser gives up where none comes back."""
    key = "openai-insecure-api-key.sk-x"
    assert asked(protocols=("realtime", key, BETA)).subprotocol == "realtime"
    assert asked(protocols=(key,)).subprotocol is None
    assert asked().subprotocol is None


def test_our_own_events_are_asked_for_by_query_or_header():
    """Or by both."""
    assert asked().wishes == frozenset()
    assert asked("antiphon=events,resume").wishes == {"events", "resume"}
    assert asked("antiphon=events", {"Antiphon-Events": "resume"}).wishes == {"events", "resume"}


@pytest.mark.parametrize(("wish", "tells_times"), [("events", True), ("resume", False), ("events,resume", True)])
def test_times_of_words_come_with_our_events_alone(wish: str, tells_times: bool):
    """Whoever wants to resume gets the protocol as it is."""
    delta = TranscriptDelta(place=Place("r", "i", 0), delta="a", start_ms=1.0)
    (frame,) = asked(f"antiphon={wish}").dialect.write(delta, CountingIds())
    assert (b"start_time" in frame) is tells_times


def test_a_wish_that_nobody_knows_is_refused():
    """It would otherwise be passed over in silence."""
    with pytest.raises(InvalidRequest, match="'dance'"):
        asked("model=m&antiphon=dance").check()
    asked("model=m&antiphon=events").check()


def test_a_socket_beside_a_call_is_refused():
    """In words."""
    with pytest.raises(InvalidRequest, match="call_id"):
        asked("call_id=rtc_1").check()


def test_a_session_is_resumed_by_its_token():
    """After the last event that the client has."""
    assert asked("model=m").resumption is None
    assert asked("resume_token=t").resumption == Resumption("t", None)
    assert asked("resume_token=t&last_event_id=e").resumption == Resumption("t", "e")


def test_an_intent_says_what_kind_of_session_it_is():
    """Whether a model is named or not."""
    assert asked("model=m").kind == "realtime"
    assert (asked("intent=transcription").kind, asked("intent=transcription").model) == ("transcription", None)
