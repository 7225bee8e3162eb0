"""A file is what its first bytes say, whatever it is called."""

import pytest

from antiphon.stores.media.containers import container_of


@pytest.mark.parametrize(
    ("begin", "container"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "wav"),
        (b"RF64\xff\xff\xff\xffWAVE", "wav"),
        (b"fLaC\x00\x00\x00\x22", "flac"),
        (b"OggS\x00\x02", "ogg"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81", "matroska"),
        (b"\x00\x00\x00\x1cftypisom", "mov"),
        (b"\x00\x00\x00\x1cftypM4A ", "mov"),
        (b"\x00\x00\x01\xba\x44", "mpeg"),
        (b"ID3\x04\x00", "mp3"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"\xff\xf3\x84\xc4", "mp3"),
        (b"\x00\x00\x00\xff\xfb\x90\x64", "mp3"),
        (b"\xff\xf1\x58\x40", "aac"),
    ],
)
def test_a_known_kind_is_known(begin: bytes, container: str):
    """Each that OpenAI takes."""
    assert container_of(begin + bytes(64)) == container


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"hello",
        b"\x00" * 64,
        b"RIFF\x24\x00\x00\x00AVI ",
        b"#EXTM3U\n#EXTINF:1,\nfile:secret\n",
        b"ffconcat version 1.0\nfile secret\n",
        b"<?xml version='1.0'?><MPD>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xff\xff\xff",
    ],
)
def test_anything_else_is_none(begin: bytes):
    """Above all what makes FFmpeg open other files."""
    assert container_of(begin) is None
