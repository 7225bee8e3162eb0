"""Files become samples: whatever kind they are, as much as there is of them, and within bounds."""

import io
import struct
from threading import Event

import av
import numpy as np
import pytest
from tests.fixtures.spoken import heard_in, spoken_wav, wav

from antiphon.audio.files import FILE_RATE_HZ
from antiphon.engines.scripted.tones import tones_of
from antiphon.errors import InvalidRequest
from antiphon.stores.media import reading
from antiphon.stores.media.reading import Abandoned, decoded

TEXT = "Hello there, friend."
RATE_HZ = 16_000


def read(data: bytes) -> bytes:
    return decoded(data, RATE_HZ, Event())


def file_of(samples: np.ndarray, container: str, codec: str, rate_hz: int = 48_000, layout: str = "mono") -> bytes:
    """A file of samples as FFmpeg writes it."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.pts = rate_hz, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "aac"),
        ("ipod", "alac"),
        ("webm", "libopus"),
        ("matroska", "pcm_s16le"),
        ("ogg", "flac"),
        ("mp3", "libmp3lame"),
        ("mpeg", "mp2"),
        ("wav", "pcm_mulaw"),
        ("wav", "pcm_f32le"),
    ],
)
def test_every_kind_is_heard(container: str, codec: str):
    """In two channels and at another rate than the recogniser's."""
    sound = np.concatenate([tones_of(TEXT, 48_000), np.zeros(4800, np.int16)])
    stereo = np.repeat(sound, 2)
    assert heard_in(read(file_of(stereo, container, codec, layout="stereo")), RATE_HZ) == TEXT


def test_an_unfinished_stream_is_heard():
    """A WAV file whose head tells no length is read to its end."""
    data = spoken_wav(TEXT)
    endless = data[:4] + b"\xff" * 4 + data[8:40] + b"\xff" * 4 + data[44:]
    assert heard_in(read(endless), RATE_HZ) == TEXT


@pytest.mark.parametrize("codec", ["libmp3lame", "flac"])
def test_of_a_file_that_breaks_off_the_rest_is_heard(codec: str):
    """As a call that was cut: its beginning is worth something."""
    container = {"libmp3lame": "mp3", "flac": "flac"}[codec]
    whole = file_of(tones_of(TEXT * 4, 48_000), container, codec)
    assert heard_in(read(whole[: len(whole) // 2]), RATE_HZ).startswith("Hello")


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", "invalid_audio", "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3'"),
        (b"This is a letter.", "invalid_audio", "Invalid file format"),
        (b"RIFF\x00\x00\x00\x00WAVE", "invalid_audio", "could not be decoded"),
        (b"ID3" + bytes(1000), "invalid_audio", "could not be decoded"),
        (b"OggS" + bytes(1000), "invalid_audio", "could not be decoded"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(100), "invalid_audio", "could not be decoded"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), "invalid_audio", "could not be decoded"),
        (b"\xff\xfb\x90\x64" + b"x" * 5000, "invalid_audio", "could not be decoded"),
        (wav(np.zeros(100, np.int16)), "audio_too_short", "Minimum audio length is 0.1 seconds"),
        (wav(np.zeros(0, np.int16)), "invalid_audio", "could not be decoded"),
    ],
)
def test_what_is_no_audio_is_refused_in_words(data: bytes, code: str, says: str):
    """Each with what to do about it."""
    with pytest.raises(InvalidRequest) as refusal:
        read(data)
    assert refusal.value.code == code
    assert says in refusal.value.message


def test_a_film_without_sound_is_refused():
    """And no picture of it is decoded."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(InvalidRequest, match="holds no audio"):
        read(file.getvalue())


def test_a_file_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch):
    """As soon as it is, not after all of it was decoded."""
    monkeypatch.setattr(reading, "MAX_SECONDS", 1)
    with pytest.raises(InvalidRequest) as refusal:
        read(wav(np.zeros(3 * FILE_RATE_HZ, np.int16)))
    assert refusal.value.code == "audio_too_long"


def test_a_bomb_of_silence_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Few bytes, many channels, a high rate: what is decoded counts, not what comes out of it."""
    monkeypatch.setattr(reading, "_MAX_DECODED_SAMPLES", 500_000)
    silence = np.zeros(192_000 * 8, np.int16)
    bomb = file_of(silence, "flac", "flac", 192_000, "7.1")
    assert len(bomb) < 50_000
    with pytest.raises(InvalidRequest) as refusal:
        read(bomb)
    assert refusal.value.code == "audio_too_long"


def test_an_abandoned_file_is_decoded_no_further():
    """Whoever asked has left."""
    is_abandoned = Event()
    is_abandoned.set()
    with pytest.raises(Abandoned):
        decoded(spoken_wav(TEXT), RATE_HZ, is_abandoned)


def test_a_codec_that_is_none_of_ours_is_not_opened():
    """A WAV file may hold any; ours are the usual ones."""
    data = bytearray(spoken_wav(TEXT))
    data[20:22] = struct.pack("<H", 0x0161)  # Windows Media Audio
    with pytest.raises(InvalidRequest, match="could not be decoded"):
        read(bytes(data))
