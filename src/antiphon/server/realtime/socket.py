"""One socket and the session behind it: frames in, frames out, until one of both ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from antiphon.callers import Caller
from antiphon.errors import AntiphonError, EngineError, InvalidApiKey, InvalidRequest, RateLimited
from antiphon.features.realtime_sessions import RealtimeSessions
from antiphon.features.voice.conversation import Conversation, Meter, Stage
from antiphon.features.voice.faults import fault_of
from antiphon.features.voice.outbox import Ending
from antiphon.features.voice.voice import Opening, Return, Voice
from antiphon.ids import Ids
from antiphon.realtime.client_events import MalformedEvent
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.server_events import ErrorTold
from antiphon.server.exchange import Exchange, exchange_of
from antiphon.server.rates import RateLimits
from antiphon.server.realtime.handshake import Handshake, read_handshake
from antiphon.server.realtime.interpreter import Interpreter
from antiphon.settings import MIB

MAX_EVENT_CHARS = 16 * MIB
# What waits when a session is over is still sent, if the client takes it in this time.
FLUSHED_WITHIN_S = 2.0
_MAX_REASON_BYTES = 123  # of a close frame, RFC 6455

_BINARY = MalformedEvent(
    message="Binary frames are not supported: send each event as a text frame of JSON.", code="invalid_event"
)
_TOO_LARGE = MalformedEvent(
    message=f"The event is larger than {MAX_EVENT_CHARS} bytes: send audio in smaller pieces.", code="event_too_large"
)
_REPLACED = Ending(4001, "The session was resumed on another connection.")


@dataclass(frozen=True, slots=True)
class SocketParts:
    """What sockets need. `clock` tells seconds and never goes back."""

    voice: Voice
    sessions: RealtimeSessions
    rates: RateLimits
    meter: Meter
    make_id: Ids
    clock: Callable[[], float]


class RealtimeSockets:
    """Every socket that is open."""

    def __init__(self, parts: SocketParts) -> None:
        self._parts = parts
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one from its handshake to its farewell."""
        task = asyncio.create_task(RealtimeSocket(self._parts, websocket).serve())
        self._serving.add(task)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            self._serving.discard(task)
        if not task.cancelled():
            task.result()

    async def stop(self) -> None:
        """End all sessions, and let their sockets tell what there is to tell."""
        await self._parts.voice.stop()
        if self._serving:
            await asyncio.wait(self._serving, timeout=2 * FLUSHED_WITHIN_S)


class RealtimeSocket:
    """Serves one socket."""

    def __init__(self, parts: SocketParts, websocket: WebSocket) -> None:
        self._parts = parts
        self._websocket = websocket
        self._handshake = read_handshake(
            websocket.headers, websocket.query_params, list(websocket.scope["subprotocols"])
        )
        wants_events = "events" in self._handshake.wishes
        self._interpreter = Interpreter(self._handshake.dialect, parts.make_id, wants_events=wants_events)

    async def serve(self) -> None:
        """Open the socket, whatever was asked; what is refused is refused in an event."""
        await self._websocket.accept(self._handshake.subprotocol)
        try:
            conversation = self._conversation(exchange_of(self._websocket.scope))
        except AntiphonError as error:
            await self._refuse(error)
            return
        await _Connection(self._websocket, conversation, self._parts.voice).run()

    def _conversation(self, exchange: Exchange) -> Conversation:
        if exchange.refusal is not None:
            raise exchange.refusal
        assert exchange.caller is not None
        handshake, caller = self._handshake, exchange.caller
        handshake.check()
        if handshake.resumption is not None:
            resumption = handshake.resumption
            client = Return(caller, resumption.token, resumption.last_event_id, handshake.dialect.name)
            return self._parts.voice.resume(client)
        config = self._config(exchange, handshake)
        exchange.model = config.model
        return self._parts.voice.open(self._opening(caller, config))

    def _config(self, exchange: Exchange, handshake: Handshake) -> SessionConfig:
        if exchange.secret is not None:
            return self._parts.sessions.config_of(exchange.secret)
        if handshake.model is None and handshake.kind == "realtime":
            raise InvalidRequest(
                "You must provide a model parameter: open the socket with `?model=`, such as `?model=gpt-realtime`.",
                param="model",
                code="missing_model",
            )
        return handshake.dialect.initial(handshake.model or "", handshake.kind)

    def _opening(self, caller: Caller, config: SessionConfig) -> Opening:
        parts = self._parts
        return Opening(
            caller=caller,
            config=config,
            allowance=parts.rates.allowance(caller, config.model),
            stage=Stage(self._interpreter.decode, self._interpreter.encode, parts.meter, parts.clock),
            dialect=self._handshake.dialect.name,
            is_resumable="resume" in self._handshake.wishes,
        )

    async def _refuse(self, error: AntiphonError) -> None:
        for frame in self._interpreter.encode(ErrorTold(fault=fault_of(error))):
            if not await _sent(self._websocket, frame.data):
                return  # it did not wait for the reason
        reason = f"{error.type}.{error.code}" if error.code else error.type
        await _close(self._websocket, Ending(_close_code(error), reason))


class _Connection:
    """A socket that carries a session."""

    def __init__(self, websocket: WebSocket, conversation: Conversation, voice: Voice) -> None:
        self._websocket = websocket
        self._conversation = conversation
        self._voice = voice
        self._holder = conversation.outbox.attach()

    async def run(self) -> None:
        """Carry frames until the client is gone, the session is over, or another socket carries it."""
        outbox = self._conversation.outbox
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read())
        ended = asyncio.create_task(outbox.ended.wait())
        tasks: set[asyncio.Task[Any]] = {writer, reader, ended}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                await asyncio.wait({writer, reader}, timeout=FLUSHED_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            if outbox.detach(self._holder):
                self._voice.drop(self._conversation)
        written = None if writer.cancelled() else writer.result()  # a bug of ours does not hide
        if not reader.cancelled():
            reader.result()
            return  # the client is gone
        await _close(self._websocket, outbox.ending or written or _REPLACED)

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                await self._conversation.tell(_BINARY)
            elif len(text) > MAX_EVENT_CHARS:
                await self._conversation.tell(_TOO_LARGE)
            else:
                await self._conversation.hear(text)

    async def _write(self) -> Ending | None:
        """Send frames; return how the session ended, None where the client or the right to send is gone."""
        outbox = self._conversation.outbox
        while True:
            frame = await outbox.take(self._holder)
            if frame is None or isinstance(frame, Ending):
                return frame
            if not await _sent(self._websocket, frame.data):
                return None


async def _sent(websocket: WebSocket, data: bytes) -> bool:
    """Send a frame; whether there was somebody to send it to."""
    if websocket.application_state is not WebSocketState.CONNECTED:
        return False
    try:
        await websocket.send_text(data.decode())
    except WebSocketDisconnect:
        return False
    return True


async def _close(websocket: WebSocket, ending: Ending) -> None:
    """Say farewell, unless it was said, or the client was faster."""
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect):
            await websocket.close(ending.code, _shortened(ending.reason))


def _close_code(error: AntiphonError) -> int:
    if isinstance(error, InvalidApiKey):
        return 3000  # registered: unauthorized
    return 1013 if isinstance(error, EngineError | RateLimited) else 4000


def _shortened(reason: str) -> str:
    return reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
