"""The head of a WAV file is what readers of WAV expect."""

import io
import wave

from antiphon.audio.files import FILE_RATE_HZ, wav_head


def test_a_whole_file_tells_its_length():
    """Any reader finds one channel of 16-bit samples at the rate of `pcm`."""
    with wave.open(io.BytesIO(wav_head(4) + b"\1\0\2\0")) as sound:
        layout = sound.getnchannels(), sound.getsampwidth(), sound.getframerate(), sound.getnframes()
        assert (layout, sound.readframes(9)) == ((1, 2, FILE_RATE_HZ, 2), b"\1\0\2\0")


def test_a_stream_has_no_length():
    """Both lengths in its head are the largest that there are, which players take for unknown."""
    head = wav_head(None)
    assert (len(head), head[4:8], head[40:44]) == (44, b"\xff" * 4, b"\xff" * 4)
