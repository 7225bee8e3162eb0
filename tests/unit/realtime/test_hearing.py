"""How much audio may wait for the recogniser."""

import pytest
from tests.scenarios.stage import Stage, sound

from antiphon.audio.formats import AudioFormat
from antiphon.realtime import hearing
from antiphon.realtime.client_events import CreateItem, CreateResponse, DeleteItem
from antiphon.realtime.config import SessionConfig, Transcription
from antiphon.realtime.effects import Recognise
from antiphon.realtime.items import AudioContent, MessageItem
from antiphon.realtime.server_events import ResponseDone, TranscriptionFailed

TRANSCRIBED = SessionConfig(model="m", turn_detection=None, transcription=Transcription(model="whisper-1"))


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a session for which a second of audio is much."""
    monkeypatch.setattr(hearing, "MAX_PENDING_BYTES", 48_000)
    return Stage(config=TRANSCRIBED)


def say(stage: Stage, item_id: str, ms: float = 400) -> None:
    """Let the client create a spoken message."""
    content = AudioContent(audio=sound(ms), format=AudioFormat.PCM16)
    stage.step(CreateItem(item=MessageItem(id=item_id, role="user", content=(content,))))


def failed(stage: Stage) -> list[tuple[str, str | None]]:
    """Return what could not be transcribed, and why."""
    return [(event.item_id, event.fault.code) for event in stage.events(TranscriptionFailed)]


def test_what_is_too_much_fails_in_words_and_in_order(stage: Stage):
    """After the pieces before it, and the next one is heard again."""
    for item_id in ("a", "b", "c"):
        say(stage, item_id)
    assert len(stage.effects(Recognise)) == 2
    assert failed(stage) == []
    stage.hears("The first.")
    stage.hears("The second.")
    assert failed(stage) == [("c", "recognition_overloaded")]
    say(stage, "d")
    assert len(stage.effects(Recognise)) == 3


def test_what_is_deleted_or_broken_waits_no_more(stage: Stage):
    """There is room again."""
    say(stage, "a")
    say(stage, "b")
    stage.step(DeleteItem(item_id="a"))
    stage.fails(Recognise)
    say(stage, "c")
    say(stage, "d")
    assert len(stage.effects(Recognise)) == 4


def test_a_response_to_what_could_not_be_heard_fails(stage: Stage):
    """It says why."""
    say(stage, "a", ms=1200)
    stage.step(CreateResponse())
    (done,) = stage.events(ResponseDone)
    assert done.response.details is not None
    assert done.response.details.fault is not None
    assert (done.response.status, done.response.details.fault.code) == ("failed", "recognition_overloaded")
