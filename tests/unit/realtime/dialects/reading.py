"""Frames read by a dialect, for tests."""

import json
from typing import Any

import pytest

from antiphon.realtime.client_events import ClientEvent, CreateItem, CreateResponse, MalformedEvent, UpdateSession
from antiphon.realtime.config import ResponseOptions, SessionChanges, SessionConfig
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.items import Item

Either = Ga | Beta
both = pytest.mark.parametrize("dialect", [Ga(), Beta()], ids=["ga", "beta"])


def read(dialect: Either, event: object, config: SessionConfig | None = None) -> ClientEvent:
    """Read JSON, or a frame that is given as it is."""
    frame = event if isinstance(event, str | bytes) else json.dumps(event)
    return dialect.read(frame, config or dialect.initial("gpt-realtime"))


def refusal(dialect: Either, event: object, config: SessionConfig | None = None) -> MalformedEvent:
    """Read what cannot be read."""
    got = read(dialect, event, config)
    assert isinstance(got, MalformedEvent), got
    return got


def changes(dialect: Either, session: dict[str, Any], config: SessionConfig | None = None) -> SessionChanges:
    """Read a `session.update`."""
    got = read(dialect, {"type": "session.update", "session": session}, config)
    assert isinstance(got, UpdateSession), got
    return got.changes


def updated(dialect: Either, session: dict[str, Any]) -> SessionConfig:
    """Return the set-up that a new session has after a `session.update`."""
    return changes(dialect, session).applied_to(dialect.initial("gpt-realtime"))


def item(dialect: Either, item: dict[str, Any], config: SessionConfig | None = None) -> Item:
    """Read a `conversation.item.create`."""
    got = read(dialect, {"type": "conversation.item.create", "item": item}, config)
    assert isinstance(got, CreateItem), got
    return got.item


def options(dialect: Either, response: dict[str, Any]) -> ResponseOptions:
    """Read a `response.create`."""
    got = read(dialect, {"type": "response.create", "response": response})
    assert isinstance(got, CreateResponse), got
    return got.options
