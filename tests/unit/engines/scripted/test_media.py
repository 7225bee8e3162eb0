"""What images and audio cost."""

import base64
import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from antiphon.engines.scripted.media import audio_tokens, image_tokens, num_tiles
from antiphon.errors import InvalidRequest
from antiphon.wire.chat.messages import ImageUrl, InputAudio


@pytest.mark.parametrize(
    ("width", "height", "tiles"),
    [(1024, 1024, 4), (2048, 4096, 6), (4096, 2048, 6), (512, 512, 1), (1, 1, 1), (513, 512, 2), (768, 2048, 8)],
)
def test_tiles_are_as_openai_documents_them(width: int, height: int, tiles: int):
    """The examples of its guide, and the edges."""
    assert num_tiles(width, height) == tiles


@given(width=st.integers(1, 20_000), height=st.integers(1, 20_000))
def test_no_image_needs_more_than_eight_tiles(width: int, height: int):
    """After both reductions it is at most 768 by 2048, whichever way it lies."""
    assert 1 <= num_tiles(width, height) <= 8
    assert num_tiles(width, height) == num_tiles(height, width)


def url_of(image_format: str) -> str:
    """Return an image of 1024 by 1024 as a data URL."""
    buffer = io.BytesIO()
    Image.new("RGB", (1024, 1024)).save(buffer, image_format)
    return f"data:image/{image_format.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_of_any_format_is_measured(image_format: str):
    """By its pixels, not its bytes."""
    assert image_tokens(ImageUrl(url=url_of(image_format))) == 765
    assert image_tokens(ImageUrl(url=url_of(image_format), detail="low")) == 85


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "data:image/png;base64,AAAA", "data:image/png;base64,@", "data:,hello"]
)
def test_what_is_no_image_is_refused(url: str):
    """An engine fetches nothing, and must be able to read what it is given."""
    with pytest.raises(InvalidRequest):
        image_tokens(ImageUrl(url=url))


def wav(seconds: float) -> str:
    """Return a WAV file in base64."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(int(8000 * seconds) * 2))
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(("seconds", "tokens"), [(0, 0), (1, 10), (1.5, 15), (0.01, 1)])
def test_audio_is_ten_tokens_a_second(seconds: float, tokens: int):
    """A part of a token is a token."""
    assert audio_tokens(InputAudio(data=wav(seconds), format="wav")) == tokens


def test_mp3_is_taken_to_be_of_128_kbit_a_second():
    """Nothing decodes it here."""
    assert audio_tokens(InputAudio(data=base64.b64encode(bytes(32_000)).decode(), format="mp3")) == 20


@pytest.mark.parametrize("data", ["", "@", "AAAA"])
def test_what_is_no_audio_is_refused(data: str):
    """Bytes that are no WAV file, or no base64."""
    with pytest.raises(InvalidRequest):
        audio_tokens(InputAudio(data=data, format="wav"))


def test_audio_without_a_rate_is_refused():
    """A header of 0 frames a second says nothing of a length."""
    header = bytearray(base64.b64decode(wav(1)))
    header[24:28] = bytes(4)
    with pytest.raises(InvalidRequest):
        audio_tokens(InputAudio(data=base64.b64encode(header).decode(), format="wav"))
