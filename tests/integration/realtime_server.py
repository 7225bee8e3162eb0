"""A server with spoken conversations, inside of the test's own loop: real sockets, the scripted model."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from tests.conftest import absent
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from antiphon.app import build
from antiphon.server.run import Server, server_config
from antiphon.settings import Settings

WITHIN_S = 10.0


class RealtimeServer:
    """A running server; `stop` ends it as a signal would."""

    def __init__(self, server: Server, port: int, scheme: str) -> None:
        self._server = server
        self.port = port
        self.url = f"{scheme}://127.0.0.1:{port}/v1/realtime"

    @property
    def num_connections(self) -> int:
        return len(self._server.server_state.connections)

    def stop(self) -> None:
        self._server.should_exit = True


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[RealtimeServer]:
    """Serve on a free port until the block ends; nothing of it may run afterwards."""
    async with build(settings) as app:
        server = Server(server_config(app, settings))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            task = asyncio.create_task(server.serve([listener]))
            try:
                while not server.started:  # noqa: ASYNC110 - uvicorn tells it by a flag alone
                    await asyncio.sleep(0.005)
                yield RealtimeServer(server, port, "wss" if settings.tls_cert else "ws")
            finally:
                server.should_exit = True
                async with asyncio.timeout(20):
                    await task


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Return the paths of a certificate for 127.0.0.1, signed by itself, and of its key."""
    program = shutil.which("openssl") or absent("OpenSSL's program")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class Talk:
    """A client of a session; it keeps every event that it got."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.events: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **fields}))

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN_S):
            event = json.loads(await self.connection.recv(decode=True))
        self.events.append(event)
        return event

    async def until(self, kind: str) -> dict[str, Any]:
        """Read on to the next event of a kind."""
        while (event := await self.next())["type"] != kind:
            pass
        return event

    async def closed(self) -> tuple[int | None, str]:
        """Read on to the end; return the code and the reason of the farewell."""
        with suppress(ConnectionClosed):
            while True:
                await self.next()
        return self.connection.close_code, self.connection.close_reason or ""

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def say(self, text: str) -> None:
        """Write a user's message and ask for an answer."""
        await self.send("conversation.item.create", item=message(text))
        await self.send("response.create")


def message(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


@asynccontextmanager
async def talking(
    server: RealtimeServer, query: str = "?model=antiphon-scripted", *, beta: bool = False, **options: Any
) -> AsyncIterator[Talk]:
    """Open a socket and read the first event."""
    headers = {"OpenAI-Beta": "realtime=v1"} if beta else {}
    headers |= options.pop("headers", {})
    async with connect(server.url + query, additional_headers=headers, max_size=None, **options) as connection:
        talk = Talk(connection)
        await talk.next()
        yield talk


def script(*steps: dict[str, Any], then: list[list[dict[str, Any]]] | None = None) -> str:
    return json.dumps({"script": list(steps), **({"then": then} if then else {})})


async def exposition(server: RealtimeServer) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{server.port}/metrics")).text


async def open_sessions(server: RealtimeServer) -> int:
    """How many sessions the server has now."""
    line = next(
        line for line in (await exposition(server)).splitlines() if line.startswith("antiphon_realtime_sessions ")
    )
    return int(float(line.split()[1]))
