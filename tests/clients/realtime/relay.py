"""A relay between a client and the server that notes every event that passes: its dialect, direction and type."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from antiphon.realtime.dialects.choosing import chosen

MAX_BYTES = 32 * 2**20
_PASSED_HEADERS = ("authorization", "openai-beta", "openai-organization", "openai-project", "antiphon-events")


@dataclass
class Relay:
    """Where it listens, and how often each event passed.

    The keys are a dialect, `sent` (by the client) or `received`, and a type: `ga sent response.create`.
    """

    address: str = ""
    passed: Counter[str] = field(default_factory=Counter[str])


@contextmanager
def relaying(server: str) -> Iterator[Relay]:
    """Relay to `server`, for example `http://127.0.0.1:43210`, from a thread of its own for the length of a block."""
    relay = Relay()
    is_listening = threading.Event()
    loop = asyncio.new_event_loop()
    is_over = asyncio.Event()

    async def run() -> None:
        async def connected(client: ServerConnection) -> None:
            await _relay(client, server.replace("http", "ws", 1), relay)

        async with serve(
            connected, "127.0.0.1", 0, max_size=MAX_BYTES, compression=None, select_subprotocol=_realtime
        ) as listener:
            port = next(iter(listener.sockets)).getsockname()[1]
            relay.address = f"ws://127.0.0.1:{port}"
            is_listening.set()
            await is_over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        is_listening.wait(10)
        yield relay
    finally:
        loop.call_soon_threadsafe(is_over.set)
        thread.join()
        loop.close()


def _realtime(_: ServerConnection, offered: list[Subprotocol]) -> Subprotocol | None:
    return Subprotocol("realtime") if "realtime" in offered else None


async def _relay(client: ServerConnection, server: str, relay: Relay) -> None:
    request = client.request
    assert request is not None
    headers = {name: request.headers[name] for name in _PASSED_HEADERS if name in request.headers}
    offered = [
        Subprotocol(name.strip()) for name in request.headers.get("sec-websocket-protocol", "").split(",") if name
    ]
    dialect = chosen(headers.get("openai-beta"), offered).name

    def note(direction: str, frame: str | bytes) -> None:
        relay.passed[f"{dialect} {direction} {json.loads(frame).get('type', '?')}"] += 1

    async with connect(
        server + request.path,
        additional_headers=headers,
        subprotocols=offered or None,
        max_size=MAX_BYTES,
        compression=None,
    ) as upstream:
        down = asyncio.create_task(_pass(upstream, client, partial(note, "received")))
        await _pass(client, upstream, partial(note, "sent"))
        await upstream.close()
        await asyncio.gather(down, return_exceptions=True)


async def _pass(source: Connection, target: Connection, note: Callable[[str | bytes], None]) -> None:
    try:
        async for frame in source:
            note(frame)
            await target.send(frame)
        await target.close(source.close_code or 1000, source.close_reason or "")
    except ConnectionClosed:
        pass
