"""The protocol under all sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect

from antiphon.server.run import Server, server_config
from antiphon.settings import Settings


@asynccontextmanager
async def serving(app: object, data_dir: Path) -> AsyncIterator[str]:
    """Serve an application; give the URL of its sockets."""
    server = Server(server_config(app, Settings(data_dir=data_dir)))  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it by a flag alone
            await asyncio.sleep(0.005)
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            async with asyncio.timeout(20):
                await task


async def test_a_connection_that_was_closed_under_the_application_is_a_client_that_left(tmp_path: Path):
    """The application is not told that it made a mistake: it did not know of the frame that could not be read."""
    outcome = asyncio.get_running_loop().create_future()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "text": "tick"})
                await asyncio.sleep(0)
        except Exception as failure:  # noqa: BLE001 - whatever it is, is what the test wants to know
            outcome.set_result(failure)

    async with serving(endless, tmp_path) as url, asyncio.timeout(20), connect(url) as connection:
        await connection.recv()
        connection.transport.write(b"\x81\x82\x00\x00\x00\x00\xff\xff")  # a text that is no UTF-8
        failure = await outcome
    if not isinstance(failure, OSError):
        pytest.fail(f"The application was told {failure!r}.")
