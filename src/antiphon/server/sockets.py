"""A WebSocket connection. uvicorn's protocol waits without end for a client that takes nothing; here it is let go.

Whoever does not read cannot be told, since what he is told waits behind what he did not read: so a connection that was
closed and has not drained within `CLOSED_WITHIN_S` is cut.
"""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

CLOSED_WITHIN_S = 12.0  # longer than uvicorn waits for the other side's farewell


class SocketProtocol(WebSocketsSansIOProtocol):
    """A connection."""

    _cut_timer: asyncio.TimerHandle | None = None

    async def send(self, message: "ASGISendEvent") -> None:
        """Send the next message; a farewell does not wait until there is room for it.

        Raises `ClientDisconnected` once the connection was closed, also where that was done here and not by the
        application: a frame that cannot be read closes it, and a client that answers no ping.
        """
        if message["type"] == "websocket.close":
            self.writable.set()
            self._cut_soon()
        await self.writable.wait()
        if self.close_sent and message["type"] in {"websocket.send", "websocket.close"}:
            raise ClientDisconnected
        await super().send(message)

    def shutdown(self) -> None:
        """The server stops."""
        super().shutdown()
        self._cut_soon()

    def keepalive_timeout(self) -> None:
        """The client answers no ping."""
        super().keepalive_timeout()
        self._cut_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._cut_timer is not None:
            self._cut_timer.cancel()
            self._cut_timer = None
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Run the application, which may leave without a farewell."""
        await super().run_asgi()
        self._cut_soon()

    def _cut_soon(self) -> None:
        if self._cut_timer is None and not self.disconnected:
            self._cut_timer = self.loop.call_later(CLOSED_WITHIN_S, self.transport.abort)
