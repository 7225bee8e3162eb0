"""What images and audio cost in tokens, by the formula that OpenAI documents for gpt-4o, and what audio says."""

import binascii
import io
import math
import wave
from base64 import b64decode
from urllib.parse import unquote_to_bytes

import numpy as np
from PIL import Image, UnidentifiedImageError

from antiphon.engines.scripted.tones import LOWEST_RATE_HZ, text_of_tones
from antiphon.errors import InvalidRequest
from antiphon.wire.chat.messages import ImageUrl, InputAudio

BASE_TOKENS = 85
TILE_TOKENS = 170
TILE_PIXELS = 512
LONGEST_SIDE_PIXELS = 2048
SHORTEST_SIDE_PIXELS = 768
AUDIO_TOKENS_PER_S = 10
SAMPLE_BYTES = 2
MP3_BYTES_PER_S = 16_000  # mp3 is taken to be of 128 kbit/s: nothing here decodes it


def image_tokens(image: ImageUrl) -> int:
    """Return the tokens of an image in a data URL. Raises `InvalidRequest` for what is no image.

    With `detail` low 85; else the image is made to fit 2048 x 2048, then its shorter side to be at most 768, and each
    tile of 512 x 512 pixels that it then needs is 170 more (OpenAI's guide to images and vision).
    """
    data = _data_of(image.url)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as fault:
        raise InvalidRequest("The image data cannot be read as an image.", code="invalid_image") from fault
    if image.detail == "low":
        return BASE_TOKENS
    return BASE_TOKENS + TILE_TOKENS * num_tiles(width, height)


def num_tiles(width: int, height: int) -> int:
    """Return how many tiles an image of so many pixels needs."""
    scale = min(1, LONGEST_SIDE_PIXELS / max(width, height))
    scale *= min(1, SHORTEST_SIDE_PIXELS / (scale * min(width, height)))
    # rounded, since 512.0000000001 is one tile
    columns, rows = (math.ceil(round(side * scale, 6) / TILE_PIXELS) for side in (width, height))
    return columns * rows


def audio_tokens(audio: InputAudio) -> int:
    """Return the tokens of an audio file, ten a second. Raises `InvalidRequest` for what is none."""
    try:
        data = b64decode(audio.data, validate=True)
        return math.ceil(_seconds(data, audio.format) * AUDIO_TOKENS_PER_S)
    except (binascii.Error, wave.Error, EOFError, ZeroDivisionError) as fault:  # of a header without a rate
        raise InvalidRequest(f"The audio data cannot be read as {audio.format}.", code="invalid_audio") from fault


def words_in(audio: InputAudio) -> str:
    """Return the text in an audio file of 16-bit samples; nothing of another kind is heard.

    Raises `InvalidRequest` for what is no audio file.
    """
    audio_tokens(audio)
    if audio.format != "wav":
        return ""
    with wave.open(io.BytesIO(b64decode(audio.data))) as sound:
        if sound.getsampwidth() != SAMPLE_BYTES or sound.getframerate() < LOWEST_RATE_HZ:
            return ""
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
        return text_of_tones(samples[:: sound.getnchannels()].astype(np.int16), sound.getframerate())


def _seconds(data: bytes, audio_format: str) -> float:
    if audio_format == "mp3":
        return len(data) / MP3_BYTES_PER_S
    with wave.open(io.BytesIO(data)) as sound:
        return sound.getnframes() / sound.getframerate()


def _data_of(url: str) -> bytes:
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:"):
        raise InvalidRequest("An image must come as a data URL.", code="invalid_image_url")
    try:
        return b64decode(data, validate=True) if head.endswith(";base64") else unquote_to_bytes(data)
    except binascii.Error as fault:
        raise InvalidRequest("The image data is not base64.", code="invalid_image") from fault
