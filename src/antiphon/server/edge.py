"""The layer around the application: every request passes it, and none leaves without an answer.

A socket passes the same doors; that of a spoken conversation opens even where its key does not hold, since its clients
read the reason from an event.

In order: the exchange gets its id; the address and the page that ask are checked; a preflight is answered; the caller
is known by its key; the body is held to its limit; then the application runs. Whatever it raises is answered here or
in `errors`, and the exchange ends in the log and the metrics. It is plain ASGI, since it runs for every byte.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from antiphon.errors import AntiphonError, InvalidApiKey
from antiphon.server.answers import Answer
from antiphon.server.bodies import LimitedBody, check_body_headers
from antiphon.server.cors import cors_headers, is_preflight, preflight_answer
from antiphon.server.errors import BUG, wire_error
from antiphon.server.exchange import Exchange, open_exchange
from antiphon.server.keys import Authentication
from antiphon.server.logs import REQUEST_ID
from antiphon.server.metrics import Metrics
from antiphon.server.origins import Doorkeeper
from antiphon.server.presence import ClientGone
from antiphon.server.repeats import Repeats
from antiphon.server.sse import SHUTTING_DOWN

_log = structlog.get_logger("antiphon.requests")

# What needs a key where keys are required; the rest are the console's files, the API's description and health.
_GUARDED = ("/v1/", "/antiphon/v1/", "/metrics")
REALTIME_PATH = "/v1/realtime"
_PROBES = frozenset({"/health", "/ready", "/metrics"})
_CLIENT_GONE_STATUS = 499  # in the log alone, as other servers write it


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What the edge asks. `clock` tells seconds and never goes back."""

    doorkeeper: Doorkeeper
    authentication: Authentication
    repeats: Repeats
    metrics: Metrics
    max_body_bytes: int
    clock: Callable[[], float]


class Edge:
    """Pure ASGI around `app`."""

    def __init__(self, app: ASGIApp, parts: EdgeParts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = self._parts
        exchange = open_exchange(scope, parts.clock())
        REQUEST_ID.set(exchange.id)
        answer = Answer(exchange, scope, send, parts.clock)
        parts.metrics.started()
        try:
            await self._admit_and_run(exchange, scope, receive, answer)
        except AntiphonError as error:
            await answer.fail(wire_error(error))
        except (ClientGone, ClientDisconnect):
            exchange.status = exchange.status or _CLIENT_GONE_STATUS
            exchange.is_broken = True
        except asyncio.CancelledError:
            await answer.fail(wire_error(SHUTTING_DOWN))
        except Exception:  # noqa: BLE001 - the supervisor point: a bug is the failure of one request
            _log.exception("bug", path=scope["path"])
            await answer.fail(BUG)
        finally:
            self._finish(exchange, scope)

    async def _admit_and_run(self, exchange: Exchange, scope: Scope, receive: Receive, answer: Answer) -> None:
        parts, path = self._parts, scope["path"]
        origin = parts.doorkeeper.check(exchange.headers)
        if origin is not None:
            exchange.annotations += cors_headers(origin)
        if is_preflight(scope["method"], exchange.headers):
            await preflight_answer(exchange.headers)(scope, receive, answer)
            return
        if path.startswith(_GUARDED):
            exchange.caller = await parts.authentication.caller(exchange)
        check_body_headers(exchange.headers, parts.max_body_bytes)
        body = LimitedBody(receive, parts.max_body_bytes)
        if exchange.caller is not None and scope["method"] == "POST" and b"idempotency-key" in exchange.headers:
            await parts.repeats.run(self._app, scope, body, answer)
        else:
            await self._app(scope, body, answer)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = self._parts
        exchange = open_exchange(scope, parts.clock())
        REQUEST_ID.set(exchange.id)
        try:
            parts.doorkeeper.check(exchange.headers)
            await self._know_caller_of_socket(exchange, scope["path"])
        except AntiphonError as error:
            _log.info("socket refused", path=scope["path"], code=error.code)
            await receive()  # websocket.connect
            await _refuse_socket(scope, send, wire_error(error).response())
            return
        await self._app(scope, receive, send)

    async def _know_caller_of_socket(self, exchange: Exchange, path: str) -> None:
        authentication = self._parts.authentication
        if path != REALTIME_PATH:
            exchange.caller = await authentication.caller(exchange)
            return
        try:
            exchange.caller = await authentication.caller_of_socket(exchange)
        except InvalidApiKey as error:
            _log.info("socket refused", path=path, code=error.code)
            exchange.refusal = error

    def _finish(self, exchange: Exchange, scope: Scope) -> None:
        path = scope["path"]
        duration_s = self._parts.clock() - exchange.started_at
        self._parts.metrics.finished(exchange, _route(scope), scope["method"], duration_s)
        write = _log.debug if path in _PROBES else _log.info
        write(
            "request",
            method=scope["method"],
            path=path,
            status=exchange.status,
            ms=round(duration_s * 1000, 1),
            **_particulars(exchange),
        )


def _particulars(exchange: Exchange) -> dict[str, object]:
    """What only some exchanges have to tell."""
    told: dict[str, object] = {
        "code": exchange.error_code,
        "model": exchange.model,
        "organization": exchange.caller.organization if exchange.caller is not None else None,
        "key": exchange.caller.key_id if exchange.caller is not None else None,
        "client_request_id": (exchange.header(b"x-client-request-id") or "")[:512] or None,
        "broken": exchange.is_broken or None,
    }
    if exchange.is_event_stream and exchange.first_byte_at is not None:
        told["first_ms"] = round((exchange.first_byte_at - exchange.started_at) * 1000, 1)
    return {name: value for name, value in told.items() if value is not None}


def _route(scope: Scope) -> str:
    """The pattern of the route that answered, so that ids in paths do not multiply the metrics."""
    route = scope.get("route")
    return getattr(route, "path", "none")


async def _refuse_socket(scope: Scope, send: Send, response: Response) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    start = {"type": "websocket.http.response.start", "status": response.status_code, "headers": response.raw_headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": response.body})
