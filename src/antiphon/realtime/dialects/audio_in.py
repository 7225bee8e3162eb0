"""Audio and pictures as they come inside JSON."""

import base64
import re

from antiphon.audio.formats import AudioFormat
from antiphon.errors import InvalidRequest
from antiphon.wire.wording import Place, shown, written

_SPOKEN_OF = {
    AudioFormat.PCM16: "mono PCM16 at 24kHz",
    AudioFormat.MULAW: "mono G.711 mu-law at 8kHz",
    AudioFormat.ALAW: "mono G.711 A-law at 8kHz",
}
_IMAGE_URL = re.compile(r"data:image/(?:png|jpe?g|webp|gif);base64,", re.IGNORECASE)
_SHOWN_URL_CHARS = 40


def audio_of(text: str, place: Place, audio_format: AudioFormat) -> bytes:
    """Return the bytes that base64 means. Raises `InvalidRequest` where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise InvalidRequest(
            f"Invalid '{written(place)}'. Expected base64-encoded audio bytes ({_SPOKEN_OF[audio_format]}) but got an "
            "invalid value.",
            param=written(place),
            code="invalid_value",
        ) from None


def whole_audio_of(text: str, place: Place, audio_format: AudioFormat) -> bytes:
    """Return the audio of an item: one sample at least, and no half ones. Raises `InvalidRequest`."""
    audio = audio_of(text, place, audio_format)
    if not audio or len(audio) % audio_format.sample_bytes:
        raise InvalidRequest(
            f"Invalid '{written(place)}'. Expected whole samples ({_SPOKEN_OF[audio_format]}) but got "
            f"{len(audio)} bytes.",
            param=written(place),
            code="invalid_value",
        )
    return audio


def image_url_of(url: str, place: Place) -> str:
    """Return the data URL of a picture. Raises `InvalidRequest` for other addresses: none is fetched in a session."""
    head = _IMAGE_URL.match(url)
    try:
        is_image = head is not None and bool(base64.b64decode(url[head.end() :], validate=True))
    except ValueError:
        is_image = False
    if is_image:
        return url
    raise InvalidRequest(
        f"Invalid '{written(place)}'. Expected a base64-encoded data URL of a PNG, JPEG, WebP or GIF image "
        f"(e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got '{shown(url[:_SHOWN_URL_CHARS])}'.",
        param=written(place),
        code="invalid_value",
    )
