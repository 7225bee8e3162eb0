"""The forms in which spoken audio leaves the server, and the head of a WAV file (RIFF, Microsoft and IBM 1991)."""

import struct
from collections.abc import Mapping
from typing import Literal

FileFormat = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]

# All that is spoken leaves at the rate of `pcm`, which has no head to tell another.
FILE_RATE_HZ = 24_000
FILE_SAMPLE_BYTES = 2

MEDIA_TYPES: Mapping[FileFormat, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}

_WITHOUT_END = 0xFFFFFFFF
_HEAD_BYTES = 44


def wav_head(num_bytes: int | None, rate_hz: int = FILE_RATE_HZ) -> bytes:
    """Return what stands before `num_bytes` of samples (signed 16-bit, one channel) in a WAV file.

    None is for a stream whose length nobody knows yet: players then read to its end.
    """
    data_bytes = _WITHOUT_END if num_bytes is None else num_bytes
    riff_bytes = _WITHOUT_END if num_bytes is None else num_bytes + _HEAD_BYTES - 8
    rate_bytes = rate_hz * FILE_SAMPLE_BYTES
    layout = struct.pack("<HHIIHH", 1, 1, rate_hz, rate_bytes, FILE_SAMPLE_BYTES, 8 * FILE_SAMPLE_BYTES)
    return (
        struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE")
        + struct.pack("<4sI", b"fmt ", len(layout))
        + layout
        + struct.pack("<4sI", b"data", data_bytes)
    )
