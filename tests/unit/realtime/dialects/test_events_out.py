"""Server events as frames of either dialect."""

import base64
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.realtime.dialects.reading import Either, both
from tests.unit.realtime.dialects.reading import item as item_read
from tests.unit.realtime.dialects.said import BARE_FAULT, FAULT, HEARD, PLACE, SAID, SPOKEN
from tests.unit.realtime.dialects.writing import frame, frames

from antiphon.audio.formats import AudioFormat
from antiphon.realtime import server_events as events
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.items import AudioContent, ImageContent, MessageItem, TextContent
from antiphon.testing.ids import CountingIds

GA, BETA = Ga(), Beta()
QUINTET = {"event_id": "event_1", "response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 1}
USER = MessageItem(id="item_2", role="user", content=(HEARD,))
ASSISTANT = MessageItem(id="item_3", role="assistant", content=(SPOKEN,))


@both
def test_every_frame_has_an_id_of_its_own(dialect: Either):
    """Clients of old throw where one is missing."""
    ids = [written["event_id"] for written in frames(dialect, *SAID)]
    assert all(event_id.startswith("event_") for event_id in ids)
    assert len(set(ids)) == len(ids)


def test_no_event_is_forgotten():
    """Each event is a frame to a GA client that asked for all."""
    for event in SAID:
        assert frame(Ga(tells_own=True), event)["type"]


@both
def test_frames_are_compact(dialect: Either):
    """No white space goes over the wire that is not in a text."""
    for event in SAID:
        for written in dialect.write(event, CountingIds()):
            assert written == json.dumps(json.loads(written), separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("event", "ga", "beta", "rest"),
    [
        (events.TextDelta(place=PLACE, delta="a"), "response.output_text.delta", "response.text.delta", {"delta": "a"}),
        (events.TextDone(place=PLACE, text="a"), "response.output_text.done", "response.text.done", {"text": "a"}),
        (
            events.TranscriptDelta(place=PLACE, delta="a", start_ms=5),
            "response.output_audio_transcript.delta",
            "response.audio_transcript.delta",
            {"delta": "a"},
        ),
        (
            events.TranscriptDone(place=PLACE, transcript="a"),
            "response.output_audio_transcript.done",
            "response.audio_transcript.done",
            {"transcript": "a"},
        ),
        (
            events.AudioDelta(place=PLACE, audio=b"\x00\xff"),
            "response.output_audio.delta",
            "response.audio.delta",
            {"delta": "AP8="},
        ),
        (events.AudioDone(PLACE), "response.output_audio.done", "response.audio.done", {}),
    ],
)
def test_pieces_have_a_name_in_each_generation(event: events.ServerEvent, ga: str, beta: str, rest: dict[str, Any]):
    """The names differ, and nothing else."""
    assert frame(GA, event) == {"type": ga, **QUINTET, **rest}
    assert frame(BETA, event) == {"type": beta, **QUINTET, **rest}


@both
def test_parts_are_text_or_audio_with_empty_words_at_first(dialect: Either):
    """Both generations say `text` and `audio` here, and no null where clients add to a text."""
    added = events.ContentPartAdded(place=PLACE, kind="audio")
    assert frame(dialect, added)["part"] == {"type": "audio", "transcript": ""}
    assert frame(dialect, events.ContentPartAdded(place=PLACE, kind="text"))["part"] == {"type": "text", "text": ""}
    done = events.ContentPartDone(place=PLACE, kind="audio", text="Hi")
    assert frame(dialect, done)["part"] == {"type": "audio", "transcript": "Hi"}


def test_an_item_is_told_twice_in_ga_and_once_in_beta():
    """GA says when an item is added and when it is whole; beta says that it was created."""
    said = (events.ItemAdded(item=USER, previous_item_id=None), events.ItemDone(item=USER, previous_item_id=None))
    assert [it["type"] for it in frames(GA, *said)] == ["conversation.item.added", "conversation.item.done"]
    assert [it["type"] for it in frames(BETA, *said)] == ["conversation.item.created"]


def test_an_idle_user_is_told_in_ga_alone():
    """Beta has no such event, and no way to ask for it."""
    idle = events.IdleTimedOut(audio_start_ms=0, audio_end_ms=6000, item_id="i")
    assert frame(GA, idle)["type"] == "input_audio_buffer.timeout_triggered"
    assert frames(BETA, idle) == []


def test_items_as_ga_shows_them():
    """No `object`, `output_audio`, and no bytes."""
    assert frame(GA, events.ItemAdded(item=USER, previous_item_id="item_1")) == {
        "type": "conversation.item.added",
        "event_id": "event_1",
        "previous_item_id": "item_1",
        "item": {
            "type": "message",
            "id": "item_2",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        },
    }
    item = frame(GA, events.ItemDone(item=ASSISTANT, previous_item_id="item_2"))["item"]
    assert item["content"] == [{"type": "output_audio", "transcript": "Hello there."}]


def test_items_as_beta_shows_them():
    """With `object`, and `audio`."""
    item = frame(BETA, events.ItemAdded(item=ASSISTANT, previous_item_id="item_2"))["item"]
    assert item == {
        "type": "message",
        "id": "item_3",
        "object": "realtime.item",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "audio", "transcript": "Hello there."}],
    }


_TEXTS = st.lists(st.text(), min_size=1, max_size=3)


@given(user=_TEXTS, assistant=_TEXTS)
def test_an_item_that_is_created_is_shown_as_it_came(user: list[str], assistant: list[str]):
    """What a client reads of its own items is what it sent, in the words of its generation."""
    for dialect, kind in ((GA, "output_text"), (BETA, "text")):
        for role, texts, part in (("user", user, "input_text"), ("assistant", assistant, kind)):
            content = [{"type": part, "text": text} for text in texts]
            created = item_read(dialect, {"type": "message", "id": "i", "role": role, "content": content})
            shown = frame(dialect, events.ItemAdded(item=created, previous_item_id=None))["item"]
            assert shown["content"] == content


@both
def test_a_retrieved_item_has_its_audio(dialect: Either):
    """Bytes, and how they are packed, of both sides."""
    for kept, audio_format in ((USER, "g711_ulaw"), (ASSISTANT, "pcm16")):
        [part] = frame(dialect, events.ItemRetrieved(kept))["item"]["content"]
        assert base64.b64decode(part["audio"]) == bytes(4800)
        assert part["format"] == audio_format


@both
def test_audio_that_is_not_kept_is_not_shown(dialect: Either):
    """Nothing is said to be empty that sounded."""
    item = MessageItem(id="i", role="assistant", content=(SPOKEN.without_audio(),))
    [part] = frame(dialect, events.ItemRetrieved(item))["item"]["content"]
    assert part.keys() == {"type", "transcript"}


@both
@pytest.mark.parametrize(("num_bytes", "is_shown"), [(749_900, True), (750_001, False), (5_000_000, False)])
def test_no_frame_with_audio_reaches_a_mib(dialect: Either, num_bytes: int, is_shown: bool):
    """Clients of old take no larger frames: longer audio is left out, and its words stay."""
    audio = AudioContent(audio=bytes(num_bytes), format=AudioFormat.MULAW, transcript="Long.")
    retrieved = events.ItemRetrieved(MessageItem(id="i", role="user", content=(audio,)))
    [written] = dialect.write(retrieved, CountingIds())
    assert len(written) < 2**20
    [part] = json.loads(written)["item"]["content"]
    assert part["transcript"] == "Long."
    assert ("audio" in part, "format" in part) == (is_shown, is_shown)


@pytest.mark.parametrize("event", [events.ItemRetrieved, partial(events.ItemAdded, previous_item_id=None)])
def test_no_frame_with_a_picture_reaches_a_mib(event: Callable[..., events.ServerEvent]):
    """A larger picture is left out wherever its item is shown."""
    for num_chars, is_shown in ((700_000, True), (5_000_000, False)):
        picture = ImageContent("data:image/png;base64," + "A" * num_chars, "high")
        [part] = frame(GA, event(item=MessageItem(id="i", role="user", content=(picture,))))["item"]["content"]
        assert ("image_url" in part) == is_shown
        assert part["detail"] == "high"


@both
def test_pictures_and_words_share_the_room_of_a_frame(dialect: Either):
    """Each picture is shown whole or not at all, and the words always."""
    words, picture = TextContent("x" * 500_000), ImageContent("data:image/png;base64," + "A" * 400_000)
    item = MessageItem(id="i", role="user", content=(words, picture, picture))
    [written] = dialect.write(events.ItemRetrieved(item), CountingIds())
    assert len(written) < 2**20
    text, first, second = json.loads(written)["item"]["content"]
    assert (len(text["text"]), "image_url" in first, "image_url" in second) == (500_000, True, False)


@both
def test_an_error_says_everything(dialect: Either):
    """What is not known is null, and the client's own id is there."""
    assert frame(dialect, events.ErrorTold(fault=FAULT, cause="mine")) == {
        "type": "error",
        "event_id": "event_1",
        "error": {
            "type": "server_error",
            "code": "engine_failed",
            "message": "It broke.",
            "param": "model",
            "event_id": "mine",
        },
    }
    bare = frame(dialect, events.ErrorTold(fault=BARE_FAULT))["error"]
    assert (bare["code"], bare["param"], bare["event_id"]) == (None, None, None)


@pytest.mark.parametrize("of", ["session", "response"])
def test_what_is_wrong_is_named_in_the_words_of_the_generation(of: str):
    """The machine's refusals name GA's fields, of which beta has others."""
    param = f"{of}.audio.output.voice"
    told = events.ErrorTold(fault=events.Fault(message="No.", param=param))
    assert frame(GA, told)["error"]["param"] == param
    assert frame(BETA, told)["error"]["param"] == f"{of}.voice"


@both
def test_a_failed_transcription_has_a_code_and_no_null(dialect: Either):
    """Clients take a text or nothing there."""
    error = frame(dialect, events.TranscriptionFailed(item_id="i", fault=BARE_FAULT))["error"]
    assert error == {"type": "invalid_request_error", "code": "invalid_request_error", "message": "It broke."}


@both
def test_a_transcription_is_charged_by_its_seconds(dialect: Either):
    """Its usage is there in both, and its probabilities are not."""
    told = frame(dialect, events.TranscriptionCompleted(item_id="i", transcript="Hi", seconds=1.25))
    assert told["usage"] == {"type": "duration", "seconds": 1.25}
    assert told["logprobs"] is None


def test_the_name_of_a_called_function_is_told_in_ga():
    """Beta clients know it from the item."""
    done = events.ArgumentsDone(place=PLACE, call_id="call_1", name="look", arguments="{}")
    assert frame(GA, done)["name"] == "look"
    assert "name" not in frame(BETA, done)
    assert "content_index" not in frame(GA, done)


@both
def test_own_events_are_for_those_who_asked(dialect: Either):
    """Others hear nothing of them."""
    timed = events.TurnTimed(response_id="resp_1", stages_ms={"recognised": 120.5})
    own = events.OwnEvent(name="antiphon.session.resumable", fields={"token": "t"})
    assert frames(dialect, timed, own) == []
    asked = type(dialect)(tells_own=True)
    assert frames(asked, timed, own) == [
        {
            "type": "antiphon.turn.timed",
            "event_id": "event_1",
            "response_id": "resp_1",
            "stages_ms": {"recognised": 120.5},
        },
        {"type": "antiphon.session.resumable", "event_id": "event_2", "token": "t"},
    ]


@both
def test_times_of_words_are_for_those_who_asked(dialect: Either):
    """In seconds, as the one client that reads them wants them."""
    said = events.TranscriptDelta(place=PLACE, delta="a", start_ms=1234.5678)
    assert "start_time" not in frame(dialect, said)
    assert frame(type(dialect)(tells_times=True), said)["start_time"] == 1.235
