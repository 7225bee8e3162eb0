"""Server-sent events: one chunk an event, as soon as it is there.

`data: {json}`, an empty line, and `data: [DONE]` at the end. A failure after the first event becomes an event of its
own, `data: {"error": {...}}`, and the stream ends without `[DONE]`, so that no client takes it for whole. There are no
comments in between to keep a connection alive: OpenAI sends none, and some readers stumble over them.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from antiphon.errors import AntiphonError, EngineUnavailable
from antiphon.server.errors import WireError, wire_error
from antiphon.server.exchange import exchange_of
from antiphon.server.presence import ClientPresence

DONE = b"data: [DONE]\n\n"
SHUTTING_DOWN = EngineUnavailable("The server is shutting down and could not finish the answer. Please try again.")

_encode = msgspec.json.Encoder().encode


def event(chunk: msgspec.Struct) -> bytes:
    """Return a chunk as one event."""
    return b"data: %b\n\n" % _encode(chunk)


def error_event(error: WireError) -> bytes:
    """Return the event that ends a broken stream."""
    return b"data: %b\n\n" % error.body()


class EventStream(Response):
    """Streams `first`, then `rest`, then `[DONE]`.

    The route has awaited `first` itself, so that whatever fails before it gets a status of its own. `rest` is closed as
    soon as the client leaves or stops reading, and its errors become the last event. Back-pressure is the server's: a
    chunk is asked for only when the socket took the one before.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        first: msgspec.Struct,
        rest: AsyncGenerator[msgspec.Struct, None],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status_code = 200
        self.background = None
        self._first = first
        self._rest = rest
        self.init_headers({"cache-control": "no-cache", "x-accel-buffering": "no", **(headers or {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all. Raises `ClientGone`."""
        exchange = exchange_of(scope)
        exchange.is_broken = True
        try:
            async with ClientPresence(receive) as presence:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._send_events(send, presence)
            exchange.is_broken = False
            await send(_body(DONE, more=False))
        except AntiphonError as error:
            exchange.error_code = error.code or error.type
            await send(_body(error_event(wire_error(error)), more=False))
        except asyncio.CancelledError:
            exchange.error_code = SHUTTING_DOWN.code
            await send(_body(error_event(wire_error(SHUTTING_DOWN)), more=False))
            raise
        finally:
            await self._rest.aclose()

    async def _send_events(self, send: Send, presence: ClientPresence) -> None:
        clock = asyncio.get_running_loop().time
        await send(_body(event(self._first)))
        async for chunk in self._rest:
            data = event(chunk)
            presence.sending_since = clock()
            await send(_body(data))
            presence.sending_since = None


def _body(data: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}
