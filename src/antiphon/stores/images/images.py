"""The port `Images`: whatever a request names as an image comes back as a data URL that holds one."""

import asyncio
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from antiphon.errors import InvalidRequest
from antiphon.settings import Settings
from antiphon.stores.images.decoding import image_type
from antiphon.stores.images.fetching import ImageDownloads

_SCHEME = "data:"
_MAX_FETCHES = 16  # at one time, whoever asks
_NUM_DECODERS = 1  # at one time: the largest image takes 160 MB while it is checked


class CheckedImages:
    """Fetches and checks images."""

    def __init__(self, settings: Settings) -> None:
        self._max_bytes = settings.max_image_bytes
        self._downloads = ImageDownloads(
            settings.max_image_bytes, settings.image_timeout_s, settings.image_private_hosts
        )
        self._fetches = asyncio.Semaphore(_MAX_FETCHES)
        self._decoders = ThreadPoolExecutor(_NUM_DECODERS, thread_name_prefix="image-decoder")

    async def data_url(self, url: str) -> str:
        """Return the image at an https or data URL as a data URL whose bytes were checked to be an image.

        Raises `InvalidRequest` (codes `invalid_image_url`, `invalid_image`, `image_too_large`).
        """
        if url[: len(_SCHEME)].lower() == _SCHEME:
            return await self._decoded(_checked_text, url, self._max_bytes)
        async with self._fetches:
            data = await self._downloads.fetch(url)
        return await self._decoded(_as_data_url, data)

    def close(self) -> None:
        """Let go of the threads."""
        self._downloads.close()
        self._decoders.shutdown(wait=False)

    async def _decoded(self, work: Callable[..., str], *arguments: object) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._decoders, work, *arguments)


def _as_data_url(data: bytes) -> str:
    return f"data:{image_type(data)};base64,{b64encode(data).decode()}"


def _checked_text(url: str, max_bytes: int) -> str:
    """Return a data URL of a caller's with the media type that its bytes have."""
    head, comma, payload = url.partition(",")
    kind, *parameters = head[len(_SCHEME) :].lower().split(";")
    if not comma or "base64" not in parameters:
        raise _refusal("expected a base64 data URL, such as 'data:image/png;base64,...'")
    if kind and not kind.startswith("image/"):
        raise _refusal("its media type is no image's")
    if len(payload) * 3 // 4 > max_bytes + 3:
        raise InvalidRequest(f"The image is larger than {max_bytes} bytes.", code="image_too_large")
    compact = "".join(payload.split()).rstrip("=")
    try:
        data = b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (NotBase64, ValueError):
        raise _refusal("its data are not base64") from None
    return _as_data_url(data)


def _refusal(reason: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid image data URL: {reason}.", code="invalid_image_url")
