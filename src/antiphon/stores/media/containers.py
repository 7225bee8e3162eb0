"""Which kind of audio file bytes are, by how they begin.

FFmpeg's own guess is not asked: it knows playlists, which are lists of other files to open.
"""

import re
from collections.abc import Callable

ACCEPTED = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")

_EBML = b"\x1a\x45\xdf\xa3"
# ISO/IEC 11172-3: eleven bits of sync, a version, a layer and a bit rate that are not reserved.
_MPEG_AUDIO = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff][\x10-\xef]", re.DOTALL)
_ADTS = re.compile(rb"\xff[\xf0\xf1\xf8\xf9]", re.DOTALL)
# What some writers leave before the first frame of an MP3.
_PADDING = b"\x00"
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip")

_Test = Callable[[bytes], bool]

# FFmpeg's name of the container, and how its files begin.
_KINDS: tuple[tuple[str, _Test], ...] = (
    ("wav", lambda data: data[:4] in {b"RIFF", b"RF64"} and data[8:12] == b"WAVE"),
    ("flac", lambda data: data.startswith(b"fLaC")),
    ("ogg", lambda data: data.startswith(b"OggS")),
    ("matroska", lambda data: data.startswith(_EBML)),
    ("mov", lambda data: data[4:8] in _BOXES),
    ("mpeg", lambda data: data.startswith(b"\x00\x00\x01\xba")),
    ("mp3", lambda data: data.startswith(b"ID3") or bool(_MPEG_AUDIO.match(data.lstrip(_PADDING)))),
    ("aac", lambda data: bool(_ADTS.match(data))),
)
_HEAD_BYTES = 4096


def container_of(data: bytes) -> str | None:
    """Return FFmpeg's name for the container of a file, None where it is none that is accepted."""
    head = data[:_HEAD_BYTES]
    return next((name for name, begins in _KINDS if begins(head)), None)
