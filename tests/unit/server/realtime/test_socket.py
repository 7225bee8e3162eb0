"""A socket and the connection under it: what ends quietly, and what does not hide."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
from starlette.websockets import WebSocket
from tests.unit.features.voice.fakes import FakeMachine, Rig, effects_for

from antiphon.features.voice.outbox import Ending
from antiphon.realtime.effects import Send
from antiphon.realtime.server_events import AudioCleared
from antiphon.server.realtime.socket import _Connection  # pyright: ignore[reportPrivateUsage]

Message = MutableMapping[str, Any]


class Wire:
    """A connection whose client says nothing; sending raises `failure`, where there is one."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.failure: Exception | None = None
        self.left = asyncio.Event()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(self, message: Message) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent.append(message)


class House:
    """Notes which sessions were dropped."""

    def __init__(self) -> None:
        self.dropped: list[object] = []

    def drop(self, conversation: object) -> None:
        self.dropped.append(conversation)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig(FakeMachine(effects_for(Send(AudioCleared()))))
    yield rig
    await rig.close()


async def opened(wire: Wire, rig: Rig, house: House) -> "asyncio.Task[None]":
    """Carry the session over the wire."""
    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b""}
    websocket = WebSocket(scope, _connecting(wire), wire.send)
    await websocket.accept()
    return asyncio.create_task(_Connection(websocket, rig.conversation, house).run())  # type: ignore[arg-type]


def _connecting(wire: Wire):
    first = [{"type": "websocket.connect"}]

    async def receive() -> Message:
        return first.pop() if first else await wire.receive()

    return receive


async def test_a_bug_while_sending_does_not_pass_for_a_client_that_left(rig: Rig):
    """It is told to whoever runs the socket, and the session is dropped."""
    wire, house = Wire(), House()
    serving = await opened(wire, rig, house)
    wire.failure = RuntimeError("a bug")
    await rig.commit()
    with pytest.raises(RuntimeError, match="a bug"):
        async with asyncio.timeout(5):
            await serving
    assert house.dropped == [rig.conversation]


async def test_a_client_that_left_while_it_was_sent_something_is_no_failure(rig: Rig):
    """Nothing more is said to it, no farewell either."""
    wire, house = Wire(), House()
    serving = await opened(wire, rig, house)
    wire.failure = ConnectionResetError()
    await rig.commit()
    async with asyncio.timeout(5):
        await serving
    assert [message["type"] for message in wire.sent] == ["websocket.accept"]
    assert house.dropped == [rig.conversation]


async def test_a_session_that_ended_says_farewell_after_its_last_frame(rig: Rig):
    """With its code."""
    wire, house = Wire(), House()
    serving = await opened(wire, rig, house)
    await rig.commit()
    rig.outbox.end(Ending(1001, "Time."))
    async with asyncio.timeout(5):
        await serving
    assert wire.sent[-1] == {"type": "websocket.close", "code": 1001, "reason": "Time."}
