"""Runs an application on a socket until it is told to stop, and then lets it finish what it began."""

import asyncio
import contextlib
import errno
import gc
import math
import signal
import socket
import ssl
from collections.abc import Generator
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp

from antiphon.errors import StartRefused
from antiphon.server.application import say_farewell
from antiphon.server.protocol import HttpProtocol
from antiphon.server.sockets import SocketProtocol
from antiphon.settings import MIB, Settings

_log = structlog.get_logger("antiphon.server")

_KEEP_ALIVE_S = 75  # longer than the pools of the usual clients keep a connection that they do not use
_BACKLOG = 2048
# A frame of Realtime holds 15 MiB of base64 at most; a larger one is still read, so that it is answered with words.
_MAX_FRAME_BYTES = 32 * MIB
_PING_EVERY_S = 20
_PONG_WITHIN_S = 60  # a client may be busy with what it was sent
_STOPPING = (signal.SIGINT, signal.SIGTERM)


async def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve `app` until SIGINT or SIGTERM. It then takes no new connections and finishes the requests under way.

    Sockets are told at once. After `shutdown_grace_s`, or a second SIGINT, the rest is cut, streams with an error as
    their last event. Raises `StartRefused` where the address cannot be bound or the certificate not be read.
    """
    server = Server(server_config(app, settings))
    loop = asyncio.get_running_loop()
    with contextlib.closing(bound_socket(settings)) as listener:
        for number in _STOPPING:
            loop.add_signal_handler(number, server.handle_exit, number, None)
        try:
            _log.info("listening", address=address_of(listener, settings))
            await server.serve([listener])
        finally:
            for number in _STOPPING:
                loop.remove_signal_handler(number)


class Server(uvicorn.Server):
    """uvicorn's, which would raise each signal again in the end, and so end the process before its engines close."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to `serve`."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let open sockets end in their own words, and then what is left as uvicorn does."""
        await say_farewell(self.config.app)
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and take what is there by then for permanent.

        The libraries alone are 90,000 objects, and no request moves while the garbage collector walks them: 35 ms on
        each full collection, 2 ms without them.
        """
        await super().startup(sockets)
        gc.collect()
        gc.freeze()


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return uvicorn's options. Raises `StartRefused` for a certificate that cannot be read."""
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        ws=SocketProtocol,
        ws_max_size=_MAX_FRAME_BYTES,
        ws_ping_interval=_PING_EVERY_S,
        ws_ping_timeout=_PONG_WITHIN_S,
        ws_per_message_deflate=False,  # audio does not shrink, and each connection would keep a window
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who asks is told by keys and never by headers that anyone can write
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace_s),
        **_tls(settings),
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as failure:
        raise StartRefused(f"The TLS certificate or its key cannot be read: {failure}.") from None
    return config


def bound_socket(settings: Settings) -> socket.socket:
    """Return a socket at the address of the settings. Raises `StartRefused` where it cannot be had."""
    is_v6 = ":" in settings.host
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if is_v6 else socket.AF_INET,
            backlog=_BACKLOG,
            dualstack_ipv6=is_v6 and settings.host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as failure:
        where = f"{settings.host}:{settings.port}"
        if failure.errno == errno.EADDRINUSE:
            raise StartRefused(
                f"The address {where} is taken: stop what runs there, or choose another --port."
            ) from None
        raise StartRefused(f"The address {where} cannot be bound: {failure.strerror or failure}.") from None


def address_of(listener: socket.socket, settings: Settings) -> str:
    """Return the URL at which a socket listens."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if settings.tls_cert is not None else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _tls(settings: Settings) -> dict[str, Any]:
    if settings.tls_cert is None and settings.tls_key is None:
        return {}
    if settings.tls_cert is None or settings.tls_key is None:
        raise StartRefused("TLS needs both --tls-cert and --tls-key.")
    return {"ssl_certfile": settings.tls_cert, "ssl_keyfile": settings.tls_key}
