"""Frames written by a dialect, for tests."""

import json
from typing import Any

from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.server_events import ServerEvent
from antiphon.testing.ids import CountingIds


def frames(dialect: Ga | Beta, *events: ServerEvent) -> list[dict[str, Any]]:
    """Write events and read their JSON."""
    ids = CountingIds()
    return [json.loads(frame) for event in events for frame in dialect.write(event, ids)]


def frame(dialect: Ga | Beta, event: ServerEvent) -> dict[str, Any]:
    """Write an event that is one frame."""
    [written] = frames(dialect, event)
    return written
