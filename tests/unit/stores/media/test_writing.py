"""Samples become files, piece by piece, that any reader takes."""

import subprocess
import sys
from threading import Event

import pytest
from tests.fixtures.spoken import heard_in

from antiphon.audio.files import FILE_RATE_HZ, MEDIA_TYPES, FileFormat
from antiphon.engines.scripted.tones import tones_of
from antiphon.stores.media.files import MediaFiles
from antiphon.stores.media.reading import decoded
from antiphon.stores.media.writing import whole_file, writer

TEXT = "Hello there, friend. How are you?"
SAMPLES = tones_of(TEXT, FILE_RATE_HZ).astype("<i2").tobytes()
WITH_HEAD: list[FileFormat] = ["mp3", "opus", "aac", "flac", "wav"]


def pieces(num_bytes: int = 4801 * 2) -> list[bytes]:
    return [SAMPLES[start : start + num_bytes] for start in range(0, len(SAMPLES), num_bytes)]


@pytest.mark.parametrize("file_format", WITH_HEAD)
def test_a_file_written_in_pieces_says_what_was_spoken(file_format: FileFormat):
    """All of it, to the last word."""
    one = writer(file_format)
    data = b"".join([*map(one.feed, pieces()), one.finish()])
    assert heard_in(decoded(data, 16_000, Event()), 16_000) == TEXT


@pytest.mark.parametrize("file_format", WITH_HEAD)
def test_a_whole_file_says_it_too(file_format: FileFormat):
    """With nothing left open in its head."""
    data = whole_file(file_format, SAMPLES)
    assert heard_in(decoded(data, 16_000, Event()), 16_000) == TEXT


@pytest.mark.parametrize("file_format", sorted(MEDIA_TYPES))
def test_the_first_piece_gives_the_first_bytes(file_format: FileFormat):
    """A fifth of a second of sound is enough to begin with."""
    assert writer(file_format).feed(pieces()[0])


def test_pcm_is_the_samples_themselves():
    """Nothing before, between or after them."""
    one = writer("pcm")
    assert b"".join([*map(one.feed, pieces()), one.finish()]) == SAMPLES == whole_file("pcm", SAMPLES)


@pytest.mark.parametrize("file_format", sorted(MEDIA_TYPES))
def test_nothing_spoken_is_still_a_file(file_format: FileFormat):
    """Or no bytes at all, but never an error."""
    one = writer(file_format)
    assert isinstance(one.feed(b"") + one.finish(), bytes)


async def test_threads_do_the_same_work():
    """The port gives what the writers give."""
    files = MediaFiles()
    try:
        encoder = files.encoder("flac")
        data = b"".join([await encoder.feed(piece) for piece in pieces()]) + await encoder.finish()
        assert heard_in(await files.decode(data, 16_000), 16_000) == TEXT
        assert await files.encode("wav", SAMPLES) == whole_file("wav", SAMPLES)
    finally:
        files.close()


def test_ffmpeg_waits_until_a_file_wants_it():
    """The server's process starts without its 40 MB."""
    loaded = "import sys, antiphon.app; print(sorted({'av', 'faster_whisper'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "[]\n"
