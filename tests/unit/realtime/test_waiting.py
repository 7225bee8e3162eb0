"""Items that come while the model answers, and how much room items may take."""

import pytest
from tests.scenarios.stage import Stage, sound

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.client_events import (
    CancelResponse,
    CreateItem,
    CreateResponse,
    DeleteItem,
    RetrieveItem,
    TruncateItem,
)
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.items import AudioContent, FunctionCallItem, ImageContent, MessageItem, TextContent
from antiphon.realtime.limits import Abilities, SessionLimits
from antiphon.realtime.server_events import ErrorTold, ItemAdded, ItemDeleted, ItemRetrieved, SpeechStarted
from antiphon.realtime.waiting import WaitingEvents

MANUAL = SessionConfig(model="m", turn_detection=None)


def said(item_id: str, text: str = "Hello!") -> MessageItem:
    """Return a written message."""
    return MessageItem(id=item_id, role="user", content=(TextContent(text),))


def answering(limits: SessionLimits = SessionLimits()) -> Stage:  # noqa: B008 - a value
    """Return a stage where the model was asked about the message `b` and has said nothing yet."""
    stage = Stage(config=MANUAL, abilities=Abilities(takes_images=True), limits=limits)
    stage.step(CreateItem(item=said("b")))
    stage.step(CreateResponse())
    return stage


def order(stage: Stage) -> list[str]:
    """Return the ids of the conversation's items."""
    return [item.id for item in stage.session._parts.conversation.known()]


def codes(stage: Stage) -> list[str | None]:
    """Return the codes of all errors."""
    return [error.fault.code for error in stage.errors()]


def test_items_that_wait_for_each_other_are_refused_and_nothing_hangs():
    """`a` is to follow `b`, which is deleted and comes again to follow `a`."""
    stage = answering()
    stage.step(CreateItem(item=said("a"), previous_item_id="b", event_id="first"))
    stage.step(DeleteItem(item_id="b"))
    stage.step(CreateItem(item=said("b"), previous_item_id="a", event_id="second"))
    stage.step(CancelResponse())
    assert order(stage) == []
    assert [(error.cause, error.fault.code) for error in stage.errors()] == [
        ("first", "item_create_invalid_previous_item_id"),
        ("second", "item_create_invalid_previous_item_id"),
    ]


def test_an_item_whose_neighbour_went_meanwhile_is_refused():
    """It was there when the item was asked for, and is not when the item is taken."""
    stage = answering()
    stage.step(CreateItem(item=said("a"), previous_item_id="b", event_id="late"))
    stage.step(DeleteItem(item_id="b"))
    told = stage.step(CancelResponse())
    assert [event.cause for event in told if isinstance(event, ErrorTold)] == ["late"]
    assert "a" not in order(stage)


def test_what_is_asked_of_a_waiting_item_is_done_once_it_is_there():
    """In the order in which it was asked."""
    stage = answering()
    stage.step(CreateItem(item=said("c")))
    stage.step(RetrieveItem(item_id="c"))
    stage.step(DeleteItem(item_id="c"))
    told = stage.step(CancelResponse())
    kinds = [type(event) for event in told if isinstance(event, ItemAdded | ItemRetrieved | ItemDeleted)]
    assert kinds == [ItemAdded, ItemRetrieved, ItemDeleted]


def test_so_many_events_may_wait_and_no_more():
    """Whatever they ask."""
    stage = answering(SessionLimits(max_items=4))
    stage.step(CreateItem(item=said("c")))
    for _ in range(4):
        stage.step(RetrieveItem(item_id="c"))
    assert codes(stage) == ["conversation_full"] * 2


@pytest.mark.parametrize(
    "item",
    [
        said("c", "x" * 600),
        FunctionCallItem(id="c", call_id="1", name="look_up", arguments="x" * 600),
        MessageItem(id="c", role="user", content=(ImageContent("data:image/png;base64," + "A" * 600),)),
    ],
)
def test_the_words_and_pictures_of_a_conversation_have_a_bound(item: MessageItem):
    """Those that wait count, and those that were deleted do not."""
    stage = answering(SessionLimits(max_item_chars=1000))
    stage.step(CreateItem(item=item))
    stage.step(CreateItem(item=said("d", "x" * 500)))
    assert codes(stage) == ["conversation_full"]
    stage.step(CancelResponse())
    stage.step(CreateItem(item=said("d", "x" * 500)))
    assert codes(stage) == ["conversation_full"] * 2
    stage.step(DeleteItem(item_id="c"))
    stage.step(CreateItem(item=said("d", "x" * 500)))
    assert order(stage) == ["b", "d"]


def test_nobody_takes_the_place_of_what_the_user_says():
    """The item of a turn was announced, and its id is taken."""
    stage = Stage()
    stage.append(sound(600))
    (started,) = stage.events(SpeechStarted)
    stage.step(CreateItem(item=said(started.item_id)))
    assert codes(stage) == ["item_create_duplicate_item_id"]
    stage.append(sound(400, level=0))
    stage.hears("Hello.")
    assert order(stage) == [started.item_id]


def test_a_line_knows_what_it_brings():
    """As long as it waits."""
    line = WaitingEvents()
    audio = AudioContent(audio=bytes(200), format=AudioFormat.PCM16)
    line.add(CreateItem(item=MessageItem(id="a", role="user", content=(audio, TextContent("abc")))))
    line.add(TruncateItem(item_id="a", content_index=0, audio_end_ms=0))
    assert (len(line), line.num_bytes, line.brings("a"), line.brings("b"), line.brings(None)) == (
        2,
        203,
        True,
        False,
        False,
    )
    line.take()
    assert (len(line), line.num_bytes, line.brings("a")) == (1, 0, False)
