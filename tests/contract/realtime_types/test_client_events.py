"""Whatever the SDK's types let a client send is read, in each form of each field, or refused for a reason."""

import json
from collections.abc import Mapping
from typing import Any, get_args

import pytest
from openai.types.beta.realtime.realtime_client_event_param import RealtimeClientEventParam as BetaEvent
from openai.types.realtime.realtime_client_event_param import RealtimeClientEventParam as GaEvent
from tests.contract.realtime_types.typed_samples import values_of

from antiphon.realtime.client_events import MalformedEvent
from antiphon.realtime.dialects import Dialect
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga

# What the types let through and the API does not, and what this server does not have.
REFUSED = {
    "ga": ("mcp", '"conversation": "word"'),
    "beta": ('"modalities": ["audio"]', '"conversation": "word"', '"tool_choice": "word"'),
}


def is_refused(dialect: Dialect, event: Mapping[str, Any]) -> bool:
    # A session that only transcribes has modalities that mean nothing.
    is_transcription = event["type"] == "transcription_session.update"
    return not is_transcription and any(mark in json.dumps(event) for mark in REFUSED[dialect.name])


# The smallest number of forms that make the test worth its name.
LEAST = {"ga": 250, "beta": 90}


def sent_by(dialect: Dialect) -> list[Mapping[str, Any]]:
    events = GaEvent if dialect.name == "ga" else BetaEvent
    return [value for event in get_args(events) for value in values_of(event)]


def read(dialect: Dialect, event: Mapping[str, Any]) -> object:
    kind = "transcription" if event["type"].startswith("transcription") else "realtime"
    return dialect.read(json.dumps(event), dialect.initial("gpt-realtime", kind))


@pytest.mark.parametrize("dialect", [Ga(), Beta()], ids=["ga", "beta"])
def test_all_that_the_types_allow_is_read(dialect: Dialect):
    """Each client event of the SDK, with each field in each form, is understood unless it is one of the few refused."""
    events = sent_by(dialect)
    assert len(events) >= LEAST[dialect.name]
    for event in events:
        if not is_refused(dialect, event):
            got = read(dialect, event)
            assert not isinstance(got, MalformedEvent), (event, got)


@pytest.mark.parametrize("dialect", [Ga(), Beta()], ids=["ga", "beta"])
def test_what_is_refused_is_refused_in_words(dialect: Dialect):
    """What cannot be done says which parameter is at fault."""
    refused = [event for event in sent_by(dialect) if is_refused(dialect, event)]
    assert refused
    for event in refused:
        got = read(dialect, event)
        assert isinstance(got, MalformedEvent), event
        assert got.param
        assert got.code in {"unsupported_parameter", "invalid_value"}


@pytest.mark.parametrize(("dialect", "events"), [(Ga(), GaEvent), (Beta(), BetaEvent)], ids=["ga", "beta"])
def test_no_other_events_are_known(dialect: Dialect, events: Any):
    """The types that the dialect knows are those of the SDK's union, and no more."""
    names = {value["type"] for event in get_args(events) for value in values_of(event)}
    refusal = dialect.read('{"type": "unknown"}', dialect.initial("gpt-realtime"))
    assert isinstance(refusal, MalformedEvent)
    told = refusal.message.partition("Supported values are: ")[2].rstrip(".").replace(" and ", " ")
    assert {name.strip(" '") for name in told.split(",")} == names
