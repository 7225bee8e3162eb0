"""The input audio buffer: what the client appended, by its position in all audio of the session."""

from collections.abc import Iterator, Mapping

import numpy as np

from antiphon.audio.formats import AudioFormat, Samples
from antiphon.audio.lowcut import without_rumble
from antiphon.audio.resampling import Resampler
from antiphon.realtime.config import NoiseReduction
from antiphon.speech.work import RECOGNITION_RATE_HZ

# Where the low cut of each kind of microphone lies. A telephone cuts at 300 Hz, and is understood.
CUTOFF_HZ: Mapping[NoiseReduction, int] = {"near_field": 80, "far_field": 120}
# Of a recording, heard in one go: about 3 ms of work.
_PIECE_MS = 10_000


class InputAudio:
    """Bytes in the session's format. Positions are ms of all audio that was ever appended."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self.format = audio_format
        self._origin_ms = 0.0  # where the present format began
        self._first = 0  # the sample, counted from there, with which the buffer begins
        self._audio: bytearray = bytearray()
        self._carried: bytes = b""  # the beginning of a sample whose end is still to come

    def __len__(self) -> int:
        return len(self._audio)

    @property
    def start_ms(self) -> float:
        """Where the buffer begins."""
        return self._position_ms(self._first)

    @property
    def end_ms(self) -> float:
        """How much audio was appended in the whole session."""
        return self._position_ms(self._first + len(self._audio) // self.format.sample_bytes)

    @property
    def duration_ms(self) -> float:
        """How much audio is in the buffer."""
        return self.format.ms(len(self._audio))

    def append(self, data: bytes) -> Samples:
        """Take more audio; return its whole samples at the format's rate."""
        data = self._carried + data
        num_whole = len(data) - len(data) % self.format.sample_bytes
        self._carried = data[num_whole:]
        self._audio += data[:num_whole]
        return self.format.decode(data[:num_whole])

    def between(self, start_ms: float, end_ms: float) -> bytes:
        """Return the audio between two positions, as far as it is in the buffer."""
        return bytes(self._audio[self._offset(start_ms) : self._offset(end_ms)])

    def drop_until(self, position_ms: float) -> None:
        """Forget the audio before a position."""
        num_bytes = self._offset(position_ms)
        del self._audio[:num_bytes]
        self._first += num_bytes // self.format.sample_bytes

    def clear(self) -> None:
        """Forget all of it, and half a sample too: a new recording begins with a whole one."""
        self.drop_until(self.end_ms)
        self._carried = b""

    def reformat(self, audio_format: AudioFormat) -> None:
        """Go on in another format; what is in the buffer is converted."""
        start_ms, end_ms = self.start_ms, self.end_ms
        converted = resampled(bytes(self._audio), self.format, audio_format.rate_hz)
        self.format, self._carried = audio_format, b""
        self._audio = bytearray(audio_format.encode(converted))
        self._origin_ms = end_ms - audio_format.ms(len(self._audio)) if self._audio else start_ms
        self._first = 0

    def _position_ms(self, sample: int) -> float:
        return self._origin_ms + sample * 1000 / self.format.rate_hz

    def _offset(self, position_ms: float) -> int:
        sample = round((position_ms - self._origin_ms) * self.format.rate_hz / 1000) - self._first
        return min(max(0, sample) * self.format.sample_bytes, len(self._audio))


def resampled(audio: bytes, audio_format: AudioFormat, rate_hz: int) -> Samples:
    """Return whole audio as samples at another rate."""
    resampler = Resampler(audio_format.rate_hz, rate_hz)
    head = resampler.feed(audio_format.decode(audio))
    return np.concatenate((head, resampler.finish()))


def heard_samples(audio: bytes, audio_format: AudioFormat, noise_reduction: NoiseReduction | None) -> Iterator[bytes]:
    """Give whole audio as engines are to hear it: 16-bit samples at the rate of recognition, and no rumble.

    It comes in pieces, so that others can run in between; joined they are the same however long a piece is.
    """
    pieces = _at_recognition_rate(audio, audio_format)
    if noise_reduction is not None:
        pieces = without_rumble(pieces, CUTOFF_HZ[noise_reduction], RECOGNITION_RATE_HZ)
    yield from map(AudioFormat.PCM16.encode, pieces)


def _at_recognition_rate(audio: bytes, audio_format: AudioFormat) -> Iterator[Samples]:
    resampler = Resampler(audio_format.rate_hz, RECOGNITION_RATE_HZ)
    step = audio_format.num_bytes(_PIECE_MS)
    for start in range(0, len(audio), step):
        yield resampler.feed(audio_format.decode(audio[start : start + step]))
    yield resampler.finish()
