"""The sending side of an exchange: adds the headers that every answer carries and notes what went out."""

from collections.abc import Callable

from starlette.types import Message, Scope, Send

from antiphon.server.errors import WireError
from antiphon.server.exchange import Exchange
from antiphon.server.sse import error_event

_VERSION = (b"openai-version", b"2020-10-01")


class Answer:
    """A `send` of one exchange."""

    __slots__ = ("_clock", "_exchange", "_is_whole", "_scope", "_send")

    def __init__(self, exchange: Exchange, scope: Scope, send: Send, clock: Callable[[], float]) -> None:
        self._exchange = exchange
        self._scope = scope
        self._send = send
        self._clock = clock
        self._is_whole = False

    async def __call__(self, message: Message) -> None:
        """Send the next part of the answer."""
        exchange = self._exchange
        if message["type"] == "http.response.start":
            self._complete(message)
        elif message["type"] == "http.response.body":
            if exchange.first_byte_at is None:
                exchange.first_byte_at = self._clock()
            self._is_whole = not message.get("more_body", False)
        await self._send(message)

    async def fail(self, error: WireError) -> None:
        """Answer with an error, or end with one what has already begun.

        A plain answer that broke off is left as it is: its client sees that the end is missing.
        """
        exchange = self._exchange
        exchange.error_code = error.code or error.type
        if exchange.status == 0:
            response = error.response()
            await self({"type": "http.response.start", "status": error.status, "headers": response.raw_headers})
            await self({"type": "http.response.body", "body": response.body})
        elif not self._is_whole:
            exchange.is_broken = True
            if exchange.is_event_stream:
                await self({"type": "http.response.body", "body": error_event(error)})

    def _complete(self, message: Message) -> None:
        exchange = self._exchange
        exchange.status = message["status"]
        headers: list[tuple[bytes, bytes]] = message["headers"]
        exchange.is_event_stream = (b"content-type", b"text/event-stream; charset=utf-8") in headers
        elapsed_ms = round((self._clock() - exchange.started_at) * 1000)
        message["headers"] = [
            *headers,
            (b"x-request-id", exchange.id.encode()),
            (b"openai-processing-ms", b"%d" % elapsed_ms),
            _VERSION,
            *exchange.annotations,
        ]
        if exchange.caller is not None:
            message["headers"].append((b"openai-organization", exchange.caller.organization.encode()))
