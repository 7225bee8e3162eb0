"""Bytes that are sent while they are made.

A failure before the first of them has a status of its own. After it the connection breaks off, so that no client takes
a part of a file for the whole.
"""

import asyncio
from collections.abc import AsyncGenerator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from antiphon.errors import AntiphonError
from antiphon.server.exchange import exchange_of
from antiphon.server.presence import ClientPresence
from antiphon.server.sse import SHUTTING_DOWN


class ByteStream(Response):
    """Streams `first`, then `rest`, at the pace of the socket. `rest` is closed as soon as the client leaves."""

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes, None], media_type: str) -> None:
        self.status_code = 200
        self.background = None
        self._first = first
        self._rest = rest
        self.init_headers({"content-type": media_type, "cache-control": "no-cache", "x-accel-buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all, or leave the end out. Raises `ClientGone`."""
        exchange = exchange_of(scope)
        exchange.is_broken = True
        try:
            async with ClientPresence(receive) as presence:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._send_bytes(send, presence)
            exchange.is_broken = False
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except AntiphonError as error:
            exchange.error_code = error.code or error.type
        except asyncio.CancelledError:
            exchange.error_code = SHUTTING_DOWN.code
            raise
        finally:
            await self._rest.aclose()

    async def _send_bytes(self, send: Send, presence: ClientPresence) -> None:
        clock = asyncio.get_running_loop().time
        await send({"type": "http.response.body", "body": self._first, "more_body": True})
        async for data in self._rest:
            presence.sending_since = clock()
            await send({"type": "http.response.body", "body": data, "more_body": True})
            presence.sending_since = None
