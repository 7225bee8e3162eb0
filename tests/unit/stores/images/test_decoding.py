"""Bytes are an image, or the caller is told what they are not."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.stores.images.pictures import moving_picture, picture

from antiphon.errors import InvalidRequest
from antiphon.stores.images.decoding import MAX_PIXELS, image_type


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
def test_an_image_is_known_by_its_bytes(kind: str, expected: str):
    """Of each kind that models see."""
    assert image_type(picture(kind)) == expected


@pytest.mark.parametrize("data", [b"", b"hello", picture("BMP"), picture("TIFF"), b"<svg xmlns=''/>"])
def test_what_is_no_such_image_is_refused(data: bytes):
    """With OpenAI's words, which name the kinds."""
    with pytest.raises(InvalidRequest, match="unsupported image") as caught:
        image_type(data)
    assert caught.value.code == "invalid_image"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_that_ends_too_soon_is_refused(kind: str):
    """A header alone is no picture."""
    whole = picture(kind, (64, 64))
    with pytest.raises(InvalidRequest):
        image_type(whole[: len(whole) // 2])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_image_that_moves_is_refused(kind: str):
    """Models see one frame, and the caller should choose it."""
    with pytest.raises(InvalidRequest, match="still"):
        image_type(moving_picture(kind))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size and whose data is a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(MAX_PIXELS, 2), (10_000, 10_000), (2**31 - 1, 2**31 - 1)])
def test_an_image_that_would_unpack_to_gigabytes_is_refused_before_it_does(size: tuple[int, int]):
    """By the size that its header claims."""
    with pytest.raises(InvalidRequest) as caught:
        image_type(png_claiming(*size))
    assert caught.value.code == "image_too_large"


@given(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]), st.data())
def test_no_damage_is_more_than_the_requests_fault(kind: str, data: st.DataObject):
    """Bytes changed anywhere give an image or a refusal, and never a failure of ours."""
    whole = bytearray(picture(kind, (16, 16)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert image_type(bytes(whole)).startswith("image/")
    except InvalidRequest as refusal:
        assert refusal.status == 400  # noqa: PT017 - either outcome is right
