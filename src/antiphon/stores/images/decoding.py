"""Whether bytes are an image of a kind that models see: PNG, JPEG, WEBP or a GIF that stands still."""

import struct
import zlib
from io import BytesIO

from PIL import Image

from antiphon.errors import InvalidRequest

MAX_PIXELS = 40_000_000  # 160 MB as RGBA, for the moment of the check

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

# What Pillow's decoders raise for broken data.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    MemoryError,
    struct.error,
    zlib.error,
)


def image_type(data: bytes) -> str:
    """Decode an image and return its media type, whatever its name or its server said.

    Blocks for the time of the decoding. Raises `InvalidRequest` (codes `invalid_image`, `image_too_large`).
    """
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            _check_size(image)
            if getattr(image, "is_animated", False):
                raise InvalidRequest(
                    "The image moves: only images that stand still are supported.", code="invalid_image"
                )
            image.load()
            return Image.MIME[image.format or ""]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except _BROKEN:
        raise InvalidRequest(
            "You uploaded an unsupported image. Please make sure your image is valid and has of one the following "
            "formats: ['png', 'jpeg', 'gif', 'webp'].",
            code="invalid_image",
        ) from None


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> InvalidRequest:
    return InvalidRequest(f"The image has more than {MAX_PIXELS} pixels.", code="image_too_large")
