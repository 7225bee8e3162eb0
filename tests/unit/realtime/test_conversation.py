"""The order of items, and how much room they take."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.conversation import Conversation
from antiphon.realtime.items import AudioContent, Item, MessageItem, num_audio_bytes, num_kept_chars

MOST_BYTES = 1000

_steps = st.lists(
    st.tuples(st.sampled_from(["insert", "replace", "remove"]), st.integers(0, 5), st.integers(0, 40)), max_size=40
)


def spoken(item_id: str, num_bytes: int) -> MessageItem:
    """Return a message with so much audio, and a letter for each ten bytes of it."""
    content = AudioContent(audio=bytes(num_bytes), format=AudioFormat.PCM16, transcript="x" * (num_bytes // 10))
    return MessageItem(id=item_id, role="user", content=(content,))


def kept(conversation: Conversation) -> list[Item]:
    """Return all items."""
    return list(conversation.known())


@given(_steps)
def test_the_room_is_counted_through_all_changes(steps: list[tuple[str, int, int]]):
    """Words are counted to the letter, and of audio there is never too much."""
    conversation = Conversation("conv_1", MOST_BYTES)
    for kind, number, tens in steps:
        item = spoken(str(number), tens * 10)
        if kind == "insert" and item.id not in conversation:
            conversation.insert(item, conversation.last_id)
        elif kind == "replace":
            conversation.replace(item)
        elif kind == "remove" and item.id in conversation:
            conversation.remove(item.id)
        items = kept(conversation)
        assert conversation.num_chars == sum(map(num_kept_chars, items))
        assert sum(map(num_audio_bytes, items)) <= MOST_BYTES


def test_the_oldest_audio_goes_first():
    """Its words stay, and so does its length."""
    conversation = Conversation("conv_1", MOST_BYTES)
    for item_id in ("a", "b", "c"):
        conversation.insert(spoken(item_id, 400), conversation.last_id)
    assert [num_audio_bytes(item) for item in kept(conversation)] == [0, 400, 400]
    assert [num_kept_chars(item) for item in kept(conversation)] == [40, 40, 40]
    first = kept(conversation)[0]
    assert isinstance(first, MessageItem)
    assert isinstance(first.content[0], AudioContent)
    assert first.content[0].num_samples == 200


def test_every_item_knows_the_one_before():
    """Wherever it was put."""
    conversation = Conversation("conv_1", MOST_BYTES)
    for item_id, after in (("b", None), ("c", "b"), ("a", None), ("d", "c"), ("bb", "b")):
        conversation.insert(spoken(item_id, 0), after)
    order = [item.id for item in kept(conversation)]
    assert order == ["a", "b", "bb", "c", "d"]
    assert [conversation.previous_id(item_id) for item_id in order] == [None, *order[:-1]]
