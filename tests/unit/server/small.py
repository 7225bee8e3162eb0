"""A small application behind the real edge, for what the edge does whatever stands behind it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import msgspec
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from antiphon.errors import EngineFailed, InvalidRequest
from antiphon.ports import Keys
from antiphon.server.application import application
from antiphon.server.edge import EdgeParts
from antiphon.server.exchange import admin_of, caller_of
from antiphon.server.keys import Authentication
from antiphon.server.metrics import Metrics
from antiphon.server.origins import Doorkeeper
from antiphon.server.presence import answer_or_stop
from antiphon.server.rates import RateLimits
from antiphon.server.repeats import Repeats
from antiphon.server.routes.health import Readiness, health_routes
from antiphon.server.sse import EventStream
from antiphon.settings import Settings
from antiphon.testing.ephemeral_secrets import EphemeralSecretsInMemory
from antiphon.testing.keys import KeysInMemory
from antiphon.testing.repeats import RepeatsInMemory


class Piece(msgspec.Struct):
    """A chunk of the streams here."""

    text: str


class Small:
    """The application and what its routes noted: `closed` is set when a stream or a work was ended early."""

    def __init__(
        self, settings: Settings | None = None, keys: Keys | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings or Settings()
        self.closed = asyncio.Event()
        self.num_calls = 0
        self.num_pieces = 0
        self.metrics = Metrics()
        self.rates = RateLimits(self.settings, clock)
        self.readiness = Readiness(is_ready=True)
        self.app = self._build(keys or KeysInMemory(), clock)

    def _build(self, keys: Keys, clock: Callable[[], float]) -> FastAPI:
        parts = EdgeParts(
            doorkeeper=Doorkeeper(self.settings),
            authentication=Authentication(self.settings, keys, EphemeralSecretsInMemory(clock)),
            repeats=Repeats(RepeatsInMemory(clock)),
            metrics=self.metrics,
            max_body_bytes=self.settings.max_body_bytes,
            clock=clock,
        )
        return application(parts, [self._routes(), health_routes(self._ready, self.metrics)])

    async def _ready(self) -> Readiness:
        return self.readiness

    def _routes(self) -> APIRouter:
        routes = APIRouter()

        @routes.post("/v1/echo")
        async def echo(request: Request) -> Response:
            self.num_calls += 1
            return Response(await request.body(), media_type="application/json")

        @routes.get("/v1/who")
        async def who(request: Request) -> Response:
            caller = caller_of(request)
            return Response(msgspec.json.encode([caller.organization, caller.project, caller.is_admin]))

        @routes.get("/v1/state")
        async def state() -> Response:
            return Response(msgspec.json.encode([self.num_pieces, self.closed.is_set()]))

        @routes.get("/v1/admins")
        async def admins(request: Request) -> Response:
            admin_of(request)
            return Response()

        @routes.get("/v1/items/{item}")
        async def typed(item: int) -> Response:
            return Response(str(item))

        @routes.post("/v1/limited")
        async def limited(request: Request) -> Response:
            self.rates.admit(request, "gpt-4o", int(await request.body()))
            return Response(b"{}")

        @routes.get("/v1/fail/{kind}")
        async def fail(kind: str) -> Response:
            raise {
                "request": InvalidRequest("No.", param="a", code="b"),
                "engine": EngineFailed("It broke."),
                "bug": ZeroDivisionError("a secret"),
            }[kind]

        @routes.post("/v1/stream/{num_pieces}/{end}")
        async def stream(request: Request, num_pieces: int, end: str) -> Response:
            self.num_calls += 1
            await request.body()
            rest = self._pieces(num_pieces, end)
            return EventStream(await answer_or_stop(request, anext(rest)), rest)

        @routes.post("/v1/slow")
        async def slow(request: Request) -> Response:
            await request.body()
            return await answer_or_stop(request, self._wait_forever())

        return routes

    async def _pieces(self, num_pieces: int, end: str) -> AsyncGenerator[Piece, None]:
        try:
            for number in range(num_pieces):
                self.num_pieces += 1
                yield Piece(str(number))
                if end == "paced":
                    await asyncio.sleep(0.02)
            if end == "engine":
                raise EngineFailed("It broke.")
            if end == "bug":
                raise ZeroDivisionError("a secret")
            if end == "never":
                await asyncio.Event().wait()
        finally:
            self.closed.set()

    async def _wait_forever(self) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            self.closed.set()
        return Response()
