"""The tokens of a response, as the hosted service counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio.formats import AudioFormat
from antiphon.generation.facts import UsageCounted
from antiphon.realtime.effects import Prompt
from antiphon.realtime.items import AudioContent, FunctionCallItem, ImageContent, Item, MessageItem, Role, TextContent
from antiphon.realtime.server_events import TokenSplit
from antiphon.realtime.usage import Made, Measured, apportioned, audio_tokens, split_of, usage_of

NOTHING = Made(0, ())


def text(words: str, role: Role = "user") -> MessageItem:
    """Return a written message."""
    return MessageItem(id="t", role=role, content=(TextContent(words),))


def speech(ms: int, role: Role = "user", transcript: str | None = "hello") -> MessageItem:
    """Return a spoken message whose audio is not kept."""
    audio_format = AudioFormat.PCM16
    content = AudioContent(
        audio=b"", format=audio_format, transcript=transcript, num_dropped_bytes=audio_format.num_bytes(ms)
    )
    return MessageItem(id="s", role=role, content=(content,))


@pytest.mark.parametrize(("role", "tokens"), [("user", 600), ("assistant", 1200)])
def test_a_minute_of_speech_has_its_price(role: Role, tokens: int):
    """10 tokens a second from the user, 20 from the model."""
    assert audio_tokens(speech(60_000, role)) == tokens


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_a_begun_token_counts(audio_format: AudioFormat):
    """Each item is rounded up, in every format."""
    audio = audio_format.encode(audio_format.decode(bytes(audio_format.num_bytes(101))))
    item = MessageItem(id="s", role="user", content=(AudioContent(audio=audio, format=audio_format),))
    assert audio_tokens(item) == 2


def test_what_the_user_said_is_audio_alone():
    """The transcript that a cascade shows its model is nobody's text."""
    assert split_of(speech(1000), 12) == TokenSplit(text=0, audio=10)


def test_what_the_model_said_is_text_beside_its_audio():
    """Its transcript was written by it."""
    assert split_of(speech(1000, "assistant"), 12) == TokenSplit(text=12, audio=20)


def test_written_words_beside_spoken_ones_have_their_share():
    """Of a message with both, the written letters' share is text."""
    item = MessageItem(id="b", role="user", content=(TextContent("12345"), *speech(1000).content))
    assert split_of(item, 20) == TokenSplit(text=10, audio=10)


def test_an_image_has_tokens_of_its_own():
    """What a message takes beyond its words is its image."""
    item = MessageItem(id="i", role="user", content=(TextContent("What is this?"), ImageContent("data:image/png;,")))
    split = split_of(item, 300)
    assert split.image == 300 - split.text
    assert 0 < split.text < 20


def test_measured_tokens_are_told_as_they_are():
    """Where the engine measured its prompt, no letter is counted."""
    items: tuple[Item, ...] = (text("Hi"), speech(2000), FunctionCallItem(id="f", call_id="c", name="go"))
    prompt = Prompt(instructions="Be brief.", items=items)
    usage = usage_of(prompt, Measured(30, (5, 9, 7)), UsageCounted(51, 11), NOTHING)
    assert usage.input == TokenSplit(text=30 + 5 + 7, audio=20)
    assert usage.output == TokenSplit(text=11)


def test_cached_are_items_wholly_inside_the_prefix():
    """Each kind is rounded down to 64, and an item that is cut by the prefix's end is none."""
    prompt = Prompt(instructions="x", items=(speech(8000), text("a"), speech(9000, "assistant"), text("b")))
    measured = Measured(100, (40, 30, 60, 20))
    usage = usage_of(prompt, measured, UsageCounted(250, 1, cached_tokens=229), NOTHING)
    assert usage.cached == TokenSplit(text=128, audio=64)
    usage = usage_of(prompt, measured, UsageCounted(250, 1, cached_tokens=230), NOTHING)
    assert usage.cached == TokenSplit(text=128, audio=256)


@given(st.integers(0, 5000), st.lists(st.text(max_size=40), max_size=8))
def test_an_unmeasured_prompt_is_apportioned_to_the_last_token(total: int, texts: list[str]):
    """The shares add up to the engine's own count."""
    prompt = Prompt(instructions="Speak.", items=tuple(text(words) for words in texts))
    measured = apportioned(prompt, total)
    assert measured.instructions_tokens + sum(measured.item_tokens) == total
    assert min(measured.item_tokens, default=0) >= 0


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans(), st.integers(0, 9000)), max_size=6), st.integers(0, 3000))
def test_cached_is_a_part_of_input(rows: list[tuple[int, bool, int]], cached_tokens: int):
    """Whatever the engine says, and in units of 64."""
    items = tuple(speech(ms, "assistant") if is_model else speech(ms) for _, is_model, ms in rows)
    measured = Measured(77, tuple(tokens for tokens, _, _ in rows))
    usage = usage_of(Prompt(instructions="", items=items), measured, UsageCounted(0, 0, cached_tokens), NOTHING)
    assert usage.cached.text <= usage.input.text
    assert usage.cached.audio <= usage.input.audio
    assert usage.cached.total % 64 == 0


def test_without_a_count_what_was_written_is_estimated():
    """A response that was broken off took something all the same."""
    usage = usage_of(Prompt(instructions="Be brief.", items=(text("Hello!"),)), None, None, Made(41, ()))
    assert usage.output.text == 11
    assert usage.input.text > 0
