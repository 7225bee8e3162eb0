"""The application: FastAPI with our errors, our edge and the routes that it is given."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import Lifespan

from antiphon.server.edge import Edge, EdgeParts
from antiphon.server.errors import install_error_handler
from antiphon.server.openapi import document


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
