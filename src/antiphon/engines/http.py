"""The HTTP client of every engine that speaks HTTP: bodies out, bodies or streamed events in, errors in our words.

It knows nothing of what the bodies mean. An answer with an error status is an `UpstreamRefusal`, which each engine
turns into an error of `antiphon.errors`; everything else that goes wrong is one already.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from antiphon.errors import EngineError, EngineFailed, EngineTimedOut, EngineUnavailable, UpstreamFailed

# Both uvicorn and cpp-httplib close a connection that was idle for 5 s: stop using it a little earlier.
KEEP_ALIVE_S = 4.0
MAX_LINE_BYTES = 32 * 1024 * 1024
MAX_REFUSAL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for a connection, for the first byte of an answer, and from one byte to the next."""

    connect_s: float
    first_s: float
    idle_s: float


class UpstreamRefusal(Exception):
    """The upstream answered with the error `status`; `body` is at most 64 KiB of what it said."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.body = body
        self.headers = headers


class EventData:
    """Finds the `data:` lines of server-sent events in bytes that arrive in any pieces.

    Every upstream that we speak to puts an event's data on one line; comments and other fields are passed over.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """Return what the lines that `piece` completes carry. Raises `UpstreamFailed` for a line without end."""
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MAX_LINE_BYTES:
            raise UpstreamFailed("The engine sent a line of a stream that does not end.")
        return [line[5:].strip() for line in lines if line.startswith(b"data:")]


class Upstream:
    """One server: its address, the headers that every request carries, and its pool of connections.

    `keeps_alive` is for servers that say when they close a connection; with others each request has its own.

    Every method raises `UpstreamRefusal` for a status of 300 and more (no redirect is followed), `EngineUnavailable`
    where no connection is made, `EngineTimedOut`, and `EngineFailed` where the connection breaks.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        headers: Mapping[str, str],
        timeouts: Timeouts,
        keeps_alive: bool = True,
    ) -> None:
        self._name = name
        self._base_url = base_url.rstrip("/")
        self._headers = {"content-type": "application/json", **headers}
        self._timeouts = timeouts
        self._keeps_alive = keeps_alive
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Use the pool for the length of a block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the pool."""
        await self.close()

    async def get(self, path: str) -> bytes:
        """Return the body at `path`, a path below the base URL that begins with a slash."""
        return await self._whole("GET", path, None, None)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """Send JSON and return the body of the answer."""
        return await self._whole("POST", path, body, headers)

    async def stream(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Send JSON and yield the data of each server-sent event as it comes, `[DONE]` included if it is sent.

        Closing the generator closes the connection, which tells the upstream to stop.
        """
        events = EventData()
        async with aclosing(self.pieces(path, body, headers)) as pieces:
            async for piece in pieces:
                for data in events.feed(piece):
                    yield data

    async def pieces(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Send a body and yield the bytes of the answer as they come; closing the generator closes the connection."""
        response = await self._open("POST", path, body, headers)
        try:
            timeout_s = self._timeouts.first_s  # the head may come long before the first token
            while piece := await self._read(response, timeout_s):
                timeout_s = self._timeouts.idle_s
                yield piece
        finally:
            response.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _whole(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None) -> bytes:
        response = await self._open(method, path, body, headers)
        pieces: list[bytes] = []
        try:
            while piece := await self._read(response, self._timeouts.idle_s):
                pieces.append(piece)
        finally:
            response.close()
        return b"".join(pieces)

    async def _open(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> aiohttp.ClientResponse:
        """Send the request and return the response once its head is there and says that all is well."""
        try:
            async with asyncio.timeout(self._timeouts.connect_s + self._timeouts.first_s):
                try:
                    response = await self._send(method, path, body, headers)
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                    # A connection that was kept may have been closed as it was taken up again: that is nobody's fault.
                    if not self._keeps_alive or isinstance(error, aiohttp.ClientConnectorError):
                        raise
                    response = await self._send(method, path, body, headers)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._translated(error) from error
        if response.status < 300:
            return response
        try:
            refusal = await self._read_refusal(response)
        finally:
            response.close()
        raise UpstreamRefusal(response.status, refusal, response.headers)

    async def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> aiohttp.ClientResponse:
        return await self._pool().request(
            method, self._base_url + path, data=body, headers=headers, allow_redirects=False
        )

    async def _read(self, response: aiohttp.ClientResponse, timeout_s: float) -> bytes:
        """Return what has arrived, waiting for at least one byte; nothing at the end."""
        try:
            async with asyncio.timeout(timeout_s):
                return await response.content.readany()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._translated(error) from error

    async def _read_refusal(self, response: aiohttp.ClientResponse) -> bytes:
        body = b""
        while len(body) < MAX_REFUSAL_BYTES and (piece := await self._read(response, self._timeouts.idle_s)):
            body += piece
        return body[:MAX_REFUSAL_BYTES]

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = (
                aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S)
                if self._keeps_alive
                else aiohttp.TCPConnector(limit=0, force_close=True)
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._timeouts.connect_s),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _translated(self, error: Exception) -> EngineError:
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return EngineUnavailable(f"The engine '{self._name}' cannot be reached: try again in a moment.")
        if isinstance(error, TimeoutError):
            return EngineTimedOut(f"The engine '{self._name}' did not answer in time: try again, or ask for less.")
        return EngineFailed(f"The engine '{self._name}' broke off while it answered: try again.")
