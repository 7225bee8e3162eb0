"""From samples to an audio file, piece by piece. Everything here blocks, and belongs into a thread."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from antiphon.audio.files import FILE_RATE_HZ, FileFormat, wav_head


class Writer(Protocol):
    """Makes one file out of samples: signed 16-bit little-endian, one channel, `FILE_RATE_HZ`."""

    def feed(self, samples: bytes) -> bytes:
        """Return what is ready of the file."""
        ...

    def finish(self) -> bytes:
        """Return the rest of the file."""
        ...


def writer(file_format: FileFormat) -> Writer:
    """Return a new writer of a file whose length nobody knows yet."""
    if file_format == "pcm":
        return _PlainWriter(b"")
    if file_format == "wav":
        return _PlainWriter(wav_head(None))
    return _CodecWriter(_CODECS[file_format])


def whole_file(file_format: FileFormat, samples: bytes) -> bytes:
    """Return samples as a file whose head tells its length."""
    if file_format == "wav":
        return wav_head(len(samples)) + samples
    one = writer(file_format)
    return one.feed(samples) + one.finish()


class _PlainWriter:
    """Samples as they are, after a head."""

    def __init__(self, head: bytes) -> None:
        self._head = head

    def feed(self, samples: bytes) -> bytes:
        head, self._head = self._head, b""
        return head + samples

    def finish(self) -> bytes:
        return self.feed(b"")


@dataclass(frozen=True, slots=True)
class _Codec:
    """FFmpeg's names for a codec and its container, and their options: none may need to go back in the file."""

    codec: str
    container: str
    bits_per_s: int
    options: dict[str, str] = field(default_factory=dict[str, str])


_CODECS: dict[FileFormat, _Codec] = {
    "mp3": _Codec("libmp3lame", "mp3", 96_000, {"write_xing": "0", "id3v2_version": "0"}),
    "aac": _Codec("aac", "adts", 64_000),
    # a page holds a fifth of a second at most, so that the first of them leaves soon
    "opus": _Codec("libopus", "ogg", 32_000, {"page_duration": "200000"}),
    "flac": _Codec("flac", "flac", 0),
}


class _Sink:
    """A file that can only be written to, in order."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        """Take what FFmpeg writes."""
        self._data += data
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        data, self._data = bytes(self._data), bytearray()
        return data


class _CodecWriter:
    """Samples through one of FFmpeg's codecs, whose types are only half told."""

    def __init__(self, codec: _Codec) -> None:
        import av  # noqa: PLC0415 - 40 MB that only audio files need
        import av.audio.frame  # noqa: PLC0415

        self._frame_of = av.audio.frame.AudioFrame.from_ndarray
        self._sink = _Sink()
        self._container: Any = av.open(self._sink, mode="w", format=codec.container, options=codec.options)
        self._stream: Any = self._container.add_stream(codec.codec, rate=FILE_RATE_HZ, layout="mono")
        if codec.bits_per_s:
            self._stream.bit_rate = codec.bits_per_s
        self._num_samples = 0

    def feed(self, samples: bytes) -> bytes:
        if samples:
            frame = self._frame_of(np.frombuffer(samples, "<i2").reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = FILE_RATE_HZ, self._num_samples
            self._num_samples += frame.samples
            self._container.mux(self._stream.encode(frame))
        return self._sink.taken()

    def finish(self) -> bytes:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._sink.taken()
