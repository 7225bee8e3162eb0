"""The application: FastAPI with our errors, our edge and the routes that it is given."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Lifespan

from antiphon.server.edge import Edge, EdgeParts
from antiphon.server.errors import install_error_handler
from antiphon.server.openapi import document

Farewell = Callable[[], Awaitable[None]]


def application(parts: EdgeParts, routers: Sequence[APIRouter], lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return the ASGI application. A path with a slash too many is no other path's, so none is redirected."""
    app = FastAPI(
        title="Antiphon",
        description="A self-hosted, OpenAI-compatible platform for spoken and multimodal AI.",
        lifespan=lifespan,
        docs_url=None,  # these pages of the framework load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    install_error_handler(app)
    for router in routers:
        app.include_router(router)
    app.add_middleware(Edge, parts)
    document(app, routers)
    return app


def on_farewell(app: FastAPI, farewell: Farewell) -> None:
    """Have `farewell` awaited when the server stops, while its connections are still open."""
    app.state.farewell = farewell


async def say_farewell(app: ASGIApp | Callable[..., object] | str) -> None:
    """Await what `on_farewell` was given, where `app` was given something."""
    if isinstance(app, FastAPI) and hasattr(app.state, "farewell"):
        await app.state.farewell()
