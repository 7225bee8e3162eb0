"""What of a chat is sound is found, and the chat is written out without it."""

import pytest

from antiphon.errors import InvalidRequest
from antiphon.generation.spoken import (
    answered_in_writing,
    audio_inputs,
    named_answers,
    wanted_audio,
    with_heard,
    with_named,
)
from antiphon.wire.chat.messages import text_of
from antiphon.wire.chat.request import ChatRequest

HELLO = {"type": "text", "text": "Hello"}
SOUND = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
SPOKEN = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}


def request(*contents: object, **fields: object) -> ChatRequest:
    messages = [{"role": "user", "content": content} for content in contents] or [{"role": "user", "content": "Hi"}]
    return ChatRequest.model_validate({"model": "m", "messages": messages, **fields})


def test_audio_is_found_where_it_stands():
    """By its message and its part."""
    asked = request("Hi", [HELLO, SOUND, SOUND])
    assert [place for place, _ in audio_inputs(asked)] == [(1, 1), (1, 2)]


def test_what_was_heard_stands_on_lines_of_its_own():
    """The parts of a message are joined as they stand: words would run into one another."""
    asked = with_heard(request([HELLO, SOUND, HELLO], [SOUND]), {(0, 1): "there", (1, 0): "you"})
    assert [text_of(message.content) for message in asked.messages] == ["Hello\nthere\nHello", "you"]
    assert list(audio_inputs(asked)) == []


def test_a_named_answer_becomes_its_transcript():
    """And what the caller wrote beside it, if anything, counts instead."""
    said = [
        {"role": "assistant", "audio": {"id": "audio_1"}},
        {"role": "assistant", "content": "A", "audio": {"id": "b"}},
    ]
    asked = ChatRequest.model_validate({"model": "m", "messages": said})
    assert list(named_answers(asked)) == [(0, "audio_1"), (1, "b")]
    written = with_named(asked, {0: "Words.", 1: "Other."})
    assert [text_of(message.content) for message in written.messages] == ["Words.", "A"]
    assert list(named_answers(written)) == []


def test_a_received_message_is_taken_back_as_it_was():
    """With the file and all: programs append what they got."""
    audio = {"id": "audio_1", "data": "AAAA", "expires_at": 1, "transcript": "Words."}
    asked = ChatRequest.model_validate(
        {"model": "m", "messages": [{"role": "assistant", "content": None, "audio": audio}]}
    )
    assert list(named_answers(asked)) == [(0, "audio_1")]


def test_an_answer_is_spoken_where_audio_is_among_its_modalities():
    """A voice alone asks for nothing."""
    assert wanted_audio(request(**SPOKEN)) is not None
    assert wanted_audio(request(audio=SPOKEN["audio"])) is None
    assert wanted_audio(request(modalities=["text"])) is None


def test_a_voice_may_be_named_by_its_id():
    """As the newest SDK writes it."""
    output = wanted_audio(request(modalities=["audio"], audio={"voice": {"id": "alloy"}, "format": "wav"}))
    assert output is not None


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"modalities": ["audio"]}, "audio"), ({**SPOKEN, "stream": True}, "audio.format")],
)
def test_a_sound_that_cannot_be_is_refused(fields: dict, param: str):
    """One that is not described, and a file that cannot be streamed."""
    with pytest.raises(InvalidRequest) as refusal:
        wanted_audio(request(**fields))
    assert refusal.value.param == param


def test_a_written_answer_asks_for_no_sound():
    """The engine sees neither wish."""
    asked = answered_in_writing(request(**SPOKEN))
    assert (asked.modalities, asked.audio) == (None, None)
