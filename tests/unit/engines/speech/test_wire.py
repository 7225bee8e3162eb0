"""Frames: what is written is read, and what is no frame is refused."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.speech.wire import (
    Asked,
    BadFrame,
    Cancel,
    Ended,
    Failed,
    Hello,
    More,
    Start,
    Told,
    Welcome,
    frame,
    read_answered,
    read_asked,
)

IDS = st.integers(0, 2**53)
ASKED = st.one_of(
    st.builds(Hello, st.text()),
    st.builds(Start, IDS, st.booleans(), st.binary()),
    st.builds(More, IDS),
    st.builds(Cancel, IDS),
)
ANSWERED = st.one_of(
    st.just(Welcome()),
    st.builds(Told, IDS, st.binary()),
    st.builds(Ended, IDS),
    st.builds(Failed, IDS, st.booleans(), st.text()),
)


def reader_of(data: bytes) -> asyncio.StreamReader:
    """Return a stream of these bytes and no more."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@given(st.lists(ASKED, max_size=5))
def test_what_is_asked_is_read_as_it_was_written(messages: list[Asked]):
    """Frames follow each other without a seam."""

    async def read_all() -> list[Asked]:
        reader = reader_of(b"".join(frame(message) for message in messages))
        return [await read_asked(reader) for _ in messages]

    assert asyncio.run(read_all()) == messages


@given(ANSWERED)
def test_what_is_answered_is_read_as_it_was_written(message: Welcome | Told | Ended | Failed):
    """Every answer survives the way."""

    async def read() -> object:
        return await read_answered(reader_of(frame(message)))

    assert asyncio.run(read()) == message


async def test_an_answer_is_nothing_that_can_be_asked():
    """The two directions know different messages."""
    with pytest.raises(BadFrame):
        await read_asked(reader_of(frame(Welcome())))


async def test_a_frame_that_is_too_long_is_refused_before_it_is_read():
    """Four bytes decide; nothing is kept of the rest."""
    with pytest.raises(BadFrame, match="4294967295 bytes"):
        await read_answered(reader_of(b"\xff\xff\xff\xffrest"))


async def test_a_connection_that_ends_in_a_frame_has_ended():
    """Half a frame is the end of the stream."""
    with pytest.raises(EOFError):
        await read_asked(reader_of(bytes(frame(Cancel(1)))[:-1]))
