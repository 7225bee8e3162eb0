"""`/v1/models`."""

from fastapi import APIRouter, Response

from antiphon.features.models import Models
from antiphon.server.openapi import operation
from antiphon.server.routes.answering import encoded
from antiphon.wire.models import Model, ModelList


def model_routes(models: Models) -> APIRouter:
    """Return the routes of models. A name may hold slashes and colons."""
    router = APIRouter(tags=["Models"])

    @router.get("/v1/models", openapi_extra=operation(ModelList))
    async def list_models() -> Response:
        """List every name that a request may give as its model."""
        return encoded(models.list())

    @router.get("/v1/models/{model:path}", openapi_extra=operation(Model))
    async def retrieve_model(model: str) -> Response:
        """Describe one."""
        return encoded(models.retrieve(model))

    return router
