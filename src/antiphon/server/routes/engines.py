"""`/antiphon/v1/engines`, for administrators."""

from fastapi import APIRouter, Request, Response

from antiphon.features.engines import EngineStates
from antiphon.server.exchange import admin_of
from antiphon.server.openapi import operation
from antiphon.server.routes.answering import encoded
from antiphon.wire.engines import EngineList


def engine_routes(engines: EngineStates) -> APIRouter:
    """Return the route of engines."""
    router = APIRouter(tags=["Engines"])

    @router.get("/antiphon/v1/engines", openapi_extra=operation(EngineList))
    async def list_engines(request: Request) -> Response:
        """Tell state, memory, slots and logs of each process in which a model runs."""
        admin_of(request)
        return encoded(engines.list())

    return router
