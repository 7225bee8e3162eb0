"""How much of a body is read, and in which form."""

from starlette.types import Message, Receive

from antiphon.errors import BodyTooLarge, UnsupportedRequest
from antiphon.server.exchange import Headers


def check_body_headers(headers: Headers, max_body_bytes: int) -> None:
    """Refuse by its headers alone a body that would not be read.

    Raises `BodyTooLarge`, and `UnsupportedRequest` for one that is compressed.
    """
    encoding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
    if encoding not in {"identity", ""}:
        raise UnsupportedRequest(
            f"Bodies with the content encoding '{encoding[:100]}' are not read: send the body as it is.",
            code="unsupported_content_encoding",
        )
    length = headers.get(b"content-length")
    if length is not None and length.isdigit() and int(length[:20]) > max_body_bytes:
        raise _too_large(max_body_bytes)


class LimitedBody:
    """A `receive` that raises `BodyTooLarge` once more than `max_body_bytes` came, however they were announced."""

    __slots__ = ("_max_body_bytes", "_num_bytes", "_receive")

    def __init__(self, receive: Receive, max_body_bytes: int) -> None:
        self._receive = receive
        self._max_body_bytes = max_body_bytes
        self._num_bytes = 0

    async def __call__(self) -> Message:
        """Return the next message."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._num_bytes += len(message.get("body", b""))
            if self._num_bytes > self._max_body_bytes:
                raise _too_large(self._max_body_bytes)
        return message


def _too_large(max_body_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"The body is larger than the {max_body_bytes} bytes that this server reads (ANTIPHON_MAX_BODY_BYTES)."
    )
