"""`/health`, `/ready` and `/metrics`: is the process alive, can it answer, and how it has done."""

from collections.abc import Awaitable, Callable

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from antiphon.server.exchange import admin_of
from antiphon.server.metrics import CONTENT_TYPE, Metrics


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests would be answered now, and if not, what is waited for."""

    is_ready: bool
    waiting_for: tuple[str, ...] = ()


def health_routes(ready: Callable[[], Awaitable[Readiness]], metrics: Metrics) -> APIRouter:
    """Return the routes. `ready` is asked at each call."""
    routes = APIRouter(tags=["Health"])

    @routes.get("/health", summary="Whether the process is alive")
    async def health() -> Response:  # pyright: ignore[reportUnusedFunction] - the router keeps it
        return Response(b'{"status":"ok"}', media_type="application/json")

    @routes.get("/ready", summary="Whether requests would be answered now")
    async def readiness() -> Response:  # pyright: ignore[reportUnusedFunction] - the router keeps it
        state = await ready()
        body = {"status": "ready" if state.is_ready else "starting", "waiting_for": state.waiting_for}
        return Response(msgspec.json.encode(body), 200 if state.is_ready else 503, media_type="application/json")

    @routes.get(
        "/metrics", summary="Metrics in Prometheus' text format, for administrators", response_class=PlainTextResponse
    )
    async def exposition(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] - the router keeps it
        admin_of(request)
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    return routes
