"""`Idempotency-Key`: a request that is sent twice is carried out once, and its second sender gets the first answer.

The answer is kept before its last byte leaves, streams included. One that is too large, that broke off or that settles
nothing is not kept; the request may then be carried out again.
"""

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from antiphon.errors import InvalidRequest
from antiphon.limits.repeats import (
    MAX_ANSWER_BYTES,
    MAX_KEY_CHARS,
    RecordedAnswer,
    RepeatKey,
    fingerprint,
    is_worth_keeping,
)
from antiphon.ports import RepeatedRequests
from antiphon.server.exchange import Exchange, exchange_of
from antiphon.server.forms import without_boundary
from antiphon.server.presence import ClientGone


class Repeats:
    """Runs requests that carry a key."""

    def __init__(self, requests: RepeatedRequests) -> None:
        self._requests = requests

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let `app` answer, or give the answer again that it gave before.

        Raises `InvalidRequest` for a key that belongs to another request, `Conflict` while that one is under way.
        """
        exchange = exchange_of(scope)
        key = exchange.header(b"idempotency-key") or ""
        if not 0 < len(key) <= MAX_KEY_CHARS:
            raise InvalidRequest(
                f"The Idempotency-Key must have 1 to {MAX_KEY_CHARS} characters.", code="invalid_idempotency_key"
            )
        body = await _read(receive)
        assert exchange.caller is not None
        repeat = RepeatKey(
            exchange.caller.organization,
            exchange.caller.project,
            key,
            fingerprint(scope["method"], scope["path"], without_boundary(exchange.header(b"content-type"), body)),
        )
        recorded = await self._requests.claim(repeat)
        if recorded is not None:
            await _replay(recorded, send)
            return
        recorder = _Recorder(repeat, self._requests, exchange, send)
        try:
            await app(scope, _Replayed(body, receive), recorder)
        finally:
            if not recorder.is_kept:
                await self._requests.release(repeat)


class _Recorder:
    """A `send` that keeps what it sends."""

    def __init__(self, repeat: RepeatKey, requests: RepeatedRequests, exchange: Exchange, send: Send) -> None:
        self._repeat = repeat
        self._requests = requests
        self._exchange = exchange
        self._send = send
        self._head: Message = {}
        self._body = bytearray()
        self.is_kept = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = dict(message)
        elif len(self._body) <= MAX_ANSWER_BYTES:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._keep()
        await self._send(message)

    async def _keep(self) -> None:
        status: int = self._head["status"]
        if self._exchange.is_broken or len(self._body) > MAX_ANSWER_BYTES or not is_worth_keeping(status):
            return
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._head["headers"])
        await self._requests.keep(self._repeat, RecordedAnswer(status, headers, bytes(self._body)))
        self.is_kept = True


class _Replayed:
    """A `receive` for a body that was read already."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        body, self._body = self._body, None
        return await self._receive() if body is None else {"type": "http.request", "body": body, "more_body": False}


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _replay(recorded: RecordedAnswer, send: Send) -> None:
    headers: list[Any] = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in recorded.headers]
    headers.append((b"idempotent-replayed", b"true"))
    await send({"type": "http.response.start", "status": recorded.status, "headers": headers})
    await send({"type": "http.response.body", "body": recorded.body})
