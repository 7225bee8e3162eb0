"""Frames of a session, with the ids by which they are found again."""

import json

import pytest

from antiphon.realtime.client_events import ClearAudio, MalformedEvent
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.items import MessageItem, TextContent
from antiphon.realtime.server_events import AudioCleared, ItemAdded, ItemDone, OwnEvent, TurnTimed
from antiphon.server.realtime.interpreter import Interpreter
from antiphon.testing.ids import CountingIds

CONFIG = SessionConfig(model="m")
ITEM = MessageItem(id="item_1", role="user", content=(TextContent("Hi"),))


def interpreter(*, tells_own: bool = True, wants_events: bool = True) -> Interpreter:
    return Interpreter(Ga(tells_own=tells_own), CountingIds(), wants_events=wants_events)


@pytest.mark.parametrize("event", [AudioCleared(), ItemAdded(item=ITEM, previous_item_id=None)])
def test_each_frame_is_known_by_its_event_id(event: AudioCleared | ItemAdded):
    """The one that stands in it."""
    speaking = interpreter()
    for number in (1, 2):
        (frame,) = speaking.encode(event)
        assert frame.event_id == json.loads(frame.data)["event_id"] == f"event_{number}"


def test_what_a_client_does_not_want_to_know_is_not_sent():
    """Turns are timed for those who asked for events, sessions resumed for those who asked for that."""
    timed = TurnTimed(response_id="r", stages_ms={"first_audio": 1.0})
    resumable = OwnEvent(name="antiphon.session.resumable", fields={"token": "t"})
    assert len(interpreter().encode(timed)) == len(interpreter().encode(resumable)) == 1
    assert interpreter(wants_events=False).encode(timed) == ()
    assert len(interpreter(wants_events=False).encode(resumable)) == 1
    assert list(interpreter(tells_own=False, wants_events=False).encode(resumable)) == []


def test_an_event_of_several_frames_or_of_none_is_written_as_such():
    """Whatever the dialect makes of it."""
    assert len(interpreter().encode(ItemDone(item=ITEM, previous_item_id=None))) == 1


def test_frames_are_read_by_the_dialect():
    """What it cannot read is an event, too."""
    assert interpreter().decode('{"type": "input_audio_buffer.clear"}', CONFIG) == ClearAudio()
    assert isinstance(interpreter().decode("{", CONFIG), MalformedEvent)
