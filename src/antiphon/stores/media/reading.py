"""From an audio file to samples. Everything here blocks, and belongs into a thread."""

from collections.abc import Iterator
from io import BytesIO
from threading import Event
from typing import TYPE_CHECKING

from antiphon.errors import InvalidRequest
from antiphon.stores.media.containers import ACCEPTED, container_of

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

# What a recogniser's process takes at once.
MAX_SECONDS = 2 * 60 * 60
MIN_SECONDS = 0.1
# A short file may be very long silence, at a high rate and in many channels: two hours of 48 kHz stereo are the most.
_MAX_DECODED_SAMPLES = MAX_SECONDS * 48_000 * 2

_SAMPLE_BYTES = 2
_CODECS = frozenset(
    {"aac", "aac_latm", "ac3", "alac", "flac", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "opus"}
    | {"libopus", "vorbis", "libvorbis", "adpcm_ima_wav", "adpcm_ms", "gsm_ms"}
    | {"pcm_alaw", "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8"}
)
# No decoder but these is opened, not even to look at a picture; and no protocol, so that no file names another.
_OPTIONS = {"codec_whitelist": ",".join(sorted(_CODECS)), "protocol_whitelist": "none"}


class Abandoned(Exception):
    """Nobody waits for the samples any more."""


def decoded(data: bytes, rate_hz: int, is_abandoned: Event) -> bytes:
    """Return the first sound of a file as samples: signed 16-bit little-endian, one channel, at `rate_hz`.

    What a broken file still holds is returned. Raises `InvalidRequest` (codes `invalid_audio`, `audio_too_short`,
    `audio_too_long`), and `Abandoned`.
    """
    import av  # noqa: PLC0415 - 40 MB that only audio files need
    import av.error  # noqa: PLC0415

    kind = container_of(data)
    if kind is None:
        raise InvalidRequest(f"Invalid file format. Supported formats: {list(ACCEPTED)}", code="invalid_audio")
    try:
        with av.open(BytesIO(data), mode="r", format=kind, options=_OPTIONS) as container:
            samples = _resampled(container, rate_hz, is_abandoned)
    except (av.error.FFmpegError, ValueError, ArithmeticError, MemoryError):
        raise _broken() from None
    if not samples:
        raise _broken()
    if len(samples) < MIN_SECONDS * rate_hz * _SAMPLE_BYTES:
        raise InvalidRequest(
            f"Audio file is too short. Minimum audio length is {MIN_SECONDS} seconds.",
            code="audio_too_short",
        )
    return samples


def _resampled(container: "InputContainer", rate_hz: int, is_abandoned: Event) -> bytes:
    from av.audio.resampler import AudioResampler  # noqa: PLC0415

    stream = next(iter(container.streams.audio), None)
    if stream is None:
        raise InvalidRequest("The file holds no audio.", code="invalid_audio")
    if stream.codec_context.name not in _CODECS:
        raise _broken()
    sink, layout, resampler, num_decoded = BytesIO(), None, None, 0
    for frame in _frames(container, stream):
        num_decoded += frame.samples * frame.layout.nb_channels
        if is_abandoned.is_set():
            raise Abandoned
        if sink.tell() > MAX_SECONDS * rate_hz * _SAMPLE_BYTES or num_decoded > _MAX_DECODED_SAMPLES:
            raise InvalidRequest(
                f"Audio file is too long. Maximum audio length is {MAX_SECONDS} seconds.",
                code="audio_too_long",
            )
        frame.pts = None  # a gap in the file is no silence to be filled
        now = frame.format.name, frame.layout.name, frame.sample_rate
        if resampler is None or now != layout:
            _write(sink, resampler.resample(None) if resampler is not None else [])
            layout, resampler = now, AudioResampler(format="s16", layout="mono", rate=rate_hz)
        _write(sink, resampler.resample(frame))
    _write(sink, resampler.resample(None) if resampler is not None else [])
    return sink.getvalue()


def _frames(container: "InputContainer", stream: "AudioStream") -> "Iterator[AudioFrame]":
    """Yield what can be decoded: a broken packet is passed over, and a broken file ends where it breaks."""
    from av.error import FFmpegError  # noqa: PLC0415

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except FFmpegError:
            continue


def _write(sink: BytesIO, frames: "list[AudioFrame]") -> None:
    sink.writelines(memoryview(frame.planes[0])[: frame.samples * _SAMPLE_BYTES] for frame in frames)


def _broken() -> InvalidRequest:
    return InvalidRequest("The audio file could not be decoded or its format is not supported.", code="invalid_audio")
