"""The client: one connection that asks, and notes when the answer began and when it was whole."""

import asyncio
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Self, cast

import httptools
from bench.gateway.script import FIRST_PIECE

# A gateway that needs longer has failed, and the run is not held up.
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer and its times: from the request to the first piece of its text, and to its last byte."""

    status: int
    body: bytes
    first_ms: float
    whole_ms: float


def http_request(port: int, body: bytes) -> bytes:
    """Return the request, head and body, as it goes over the wire."""
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer local\r\n"
        f"content-type: application/json\r\naccept: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One connection to a server, kept alive, with one request on its way at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._asked_at_ns = self._first_at_ns = 0
        self._reply: asyncio.Future[Reply] | None = None
        self.is_open = False

    @classmethod
    async def to(cls, port: int) -> Self:
        """Connect to a port of loopback."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    async def ask(self, request: bytes) -> Reply:
        """Send a request and return the reply. Raises `OSError` where there is none, `TimeoutError` included."""
        self._reply = asyncio.get_running_loop().create_future()
        self._body = []
        self._first_at_ns = 0
        self._asked_at_ns = perf_counter_ns()
        self._transport.write(request)
        timer = asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up)
        try:
            return await self._reply
        finally:
            timer.cancel()

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio passes it
        """Fail a request that is on its way."""
        self.is_open = False
        self._fail(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        """Parse what came; the parser calls the methods below."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as fault:
            self._fail(ConnectionError(f"what came is no HTTP: {fault}"))
            self._transport.close()

    def on_body(self, body: bytes) -> None:
        """Gather the body, and note when the text begins: a chunk before it says the role alone."""
        if not self._first_at_ns and FIRST_PIECE in body:
            self._first_at_ns = perf_counter_ns()
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Give the reply to who waits for it."""
        whole_at_ns = perf_counter_ns()
        if self._reply is not None and not self._reply.done():
            # A piece that came in two halves is seen at the end alone; no gateway that was tried cuts a chunk.
            first_ms = ((self._first_at_ns or whole_at_ns) - self._asked_at_ns) / 1e6
            whole_ms = (whole_at_ns - self._asked_at_ns) / 1e6
            self._reply.set_result(Reply(self._parser.get_status_code(), b"".join(self._body), first_ms, whole_ms))

    def _give_up(self) -> None:
        self._fail(TimeoutError(f"no answer within {PATIENCE_S:g} s"))
        self._transport.close()

    def _fail(self, error: OSError) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)
