"""HTTP/1.1 on a socket, where it does not reach the application: what is no HTTP, and heads without end.

uvicorn's protocol bounds neither the size of a request's head nor the time that it may take; both are bounded here, and
what cannot be read is answered in OpenAI's shape like everything else.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from antiphon.server.errors import WireError

MAX_HEAD_BYTES = 64 * 1024
HEAD_WITHIN_S = 30.0


class HttpProtocol(HttpToolsProtocol):
    """A connection."""

    _is_in_head = False
    _num_head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Expect a request."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has become too long."""
        super().data_received(data)
        if self._is_in_head:
            self._num_head_bytes += len(data)
            if self._num_head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self._refuse(f"The request's head is larger than {MAX_HEAD_BYTES} bytes.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._is_in_head = True
        self._num_head_bytes = 0
        self._expect_head()

    def on_headers_complete(self) -> None:
        """A head has ended."""
        self._is_in_head = False
        self._stop_timer()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and hang up."""
        self._refuse(msg)

    def _expect_head(self) -> None:
        self._stop_timer()
        self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, message: str) -> None:
        body = WireError(400, message).body()
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        )
        self.transport.write(head + body)
        self.transport.close()
