"""What the model is shown of a conversation."""

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.config import RetentionRatio, SessionConfig
from antiphon.realtime.effects import Prompt
from antiphon.realtime.hearing import AudioPlace
from antiphon.realtime.items import (
    AudioContent,
    FunctionCallItem,
    FunctionOutputItem,
    Item,
    MessageItem,
    TextContent,
    text_of,
)
from antiphon.realtime.prompts import estimated_tokens, over_budget, prompt_of, shown_to_model, without_oldest
from antiphon.speech.metering import text_tokens

CONFIG = SessionConfig(model="m", instructions="Be brief.")
AUDIO = AudioContent(audio=bytes(4800), format=AudioFormat.PCM16)


def said(text: str, item_id: str = "m") -> MessageItem:
    """Return a written message."""
    return MessageItem(id=item_id, role="user", content=(TextContent(text),))


def call(call_id: str) -> FunctionCallItem:
    """Return a call."""
    return FunctionCallItem(id=f"item_{call_id}", call_id=call_id, name="go", arguments="{}")


def output(call_id: str) -> FunctionOutputItem:
    """Return a call's result."""
    return FunctionOutputItem(id=f"out_{call_id}", call_id=call_id, output="gone")


def ids(items: tuple[Item, ...]) -> list[str]:
    """Return the ids of items."""
    return [item.id for item in items]


def shown(*items: Item, takes_audio: bool = False, words: str | None = "Hello") -> list[Item]:
    """Return items as the model gets them, where all audio says `words`."""
    return list(shown_to_model(items, lambda _: words, takes_audio=takes_audio))


def test_outputs_stand_right_after_their_calls():
    """Whatever the user said meanwhile."""
    items = (said("a", "a"), call("1"), call("2"), said("b", "b"), output("2"), output("1"), said("c", "c"))
    assert ids(prompt_of(CONFIG, items).items) == ["a", "item_1", "item_2", "out_1", "out_2", "b", "c"]


def test_a_call_that_is_under_way_is_shown():
    """Or the model would make it again; an output that nobody asked for means nothing to it."""
    assert ids(prompt_of(CONFIG, (call("1"), said("a", "a"), output("2"))).items) == ["item_1", "a"]


def test_a_call_that_stands_twice_has_one_output():
    """A history may name it again."""
    items = (call("1"), call("1"), output("1"), said("a", "a"))
    assert ids(prompt_of(CONFIG, items).items) == ["item_1", "item_1", "out_1", "a"]


def test_a_model_that_cannot_hear_gets_the_words():
    """And none of the bytes."""
    (item,) = shown(MessageItem(id="u", role="user", content=(AUDIO,)))
    assert isinstance(item, MessageItem)
    (part,) = item.content
    assert isinstance(part, AudioContent)
    assert (part.audio, part.transcript, part.duration_ms) == (b"", "Hello", AUDIO.duration_ms)


def test_a_model_that_hears_gets_the_users_audio():
    """Of its own speech it gets the words."""
    user = MessageItem(id="u", role="user", content=(AUDIO,))
    model = MessageItem(id="a", role="assistant", content=(AudioContent(**_fields(AUDIO, "I see.")),))
    first, second = shown(user, model, takes_audio=True, words=None)
    assert isinstance(first, MessageItem)
    assert isinstance(second, MessageItem)
    assert first.content[0] == AUDIO
    assert isinstance(second.content[0], AudioContent)
    assert (second.content[0].audio, text_of(second.content[0])) == (b"", "I see.")


def test_what_says_nothing_is_left_out():
    """Noises, messages that are still being made, calls that were broken off."""
    noise = MessageItem(id="n", role="user", content=(AUDIO,))
    growing = MessageItem(id="g", role="assistant", status="in_progress")
    broken = FunctionCallItem(id="f", call_id="1", name="go", arguments="{", status="incomplete")
    assert shown(noise, growing, broken, words="") == []


def test_the_words_are_asked_for_by_their_place():
    """A message may hold several pieces of audio."""
    places: list[AudioPlace] = []

    def words(place: AudioPlace) -> str:
        places.append(place)
        return "word"

    list(shown_to_model([MessageItem(id="u", role="user", content=(AUDIO, AUDIO))], words, takes_audio=False))
    assert places == [AudioPlace("u", 0), AudioPlace("u", 1)]


def test_the_oldest_items_go_first_and_the_newest_stays():
    """As many as the excess takes."""
    prompt = Prompt(instructions="", items=tuple(said("x" * 40, str(number)) for number in range(5)))
    assert ids(without_oldest(prompt, 1, "auto") or ()) == ["1", "2", "3", "4"]
    assert ids(without_oldest(prompt, 29, "auto") or ()) == ["3", "4"]
    assert ids(without_oldest(prompt, 9999, "auto") or ()) == ["4"]


def test_a_call_takes_its_output_along():
    """When the call is dropped, its output has no meaning."""
    prompt = Prompt(instructions="", items=(call("1"), output("1"), said("a", "a")))
    assert ids(without_oldest(prompt, 1, "auto") or ()) == ["a"]


def test_a_ratio_drops_more_at_once():
    """So that the cache holds for longer."""
    prompt = Prompt(instructions="", items=tuple(said("x" * 40, str(number)) for number in range(10)))
    assert len(without_oldest(prompt, 1, RetentionRatio(ratio=0.5)) or ()) == 5


def test_nothing_is_dropped_where_nothing_may_be():
    """The client wants an error, or there is but one item."""
    two = Prompt(instructions="", items=(said("a"), said("b")))
    assert without_oldest(two, 1, "disabled") is None
    assert without_oldest(Prompt(instructions="", items=(said("a"),)), 1, "auto") is None


def test_a_budget_of_tokens_is_held_to():
    """Only a ratio has one."""
    prompt = Prompt(instructions="", items=tuple(said("x" * 40, str(number)) for number in range(10)))
    assert over_budget(prompt, RetentionRatio(ratio=0.5, post_instructions_tokens=100)) == 40
    assert over_budget(prompt, RetentionRatio(ratio=0.5)) == over_budget(prompt, "auto") == 0


def _fields(content: AudioContent, transcript: str) -> dict[str, object]:
    return {"audio": content.audio, "format": content.format, "transcript": transcript}


def test_words_of_any_script_are_estimated_alike():
    """As everywhere else, and with the frame that each item has."""
    frame = estimated_tokens(said(""))
    for text in ("Good morning to you.", "早上好", "Доброе утро"):
        assert estimated_tokens(said(text)) == frame + text_tokens(text)
