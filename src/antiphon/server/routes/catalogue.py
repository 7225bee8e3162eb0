"""`/antiphon/v1/models`: the catalogue. Who may call at all may look; administrators pull and delete."""

from fastapi import APIRouter, Request, Response

from antiphon.features.catalogue import ModelCatalogue
from antiphon.server.exchange import admin_of
from antiphon.server.openapi import operation
from antiphon.server.routes.answering import encoded, streamed
from antiphon.wire.catalogue import (
    CatalogueList,
    CatalogueModel,
    CatalogueModelDeleted,
    PullDone,
    PullProgressed,
    PullRequest,
)
from antiphon.wire.reading import read


def catalogue_routes(catalogue: ModelCatalogue) -> APIRouter:
    """Return the routes of the catalogue."""
    router = APIRouter(tags=["Catalogue"])

    @router.get("/antiphon/v1/models", openapi_extra=operation(CatalogueList))
    async def list_catalogue() -> Response:
        """List every model of the catalogue, and whether its weights are here."""
        return encoded(catalogue.list())

    @router.get("/antiphon/v1/models/{model}", openapi_extra=operation(CatalogueModel))
    async def retrieve_from_catalogue(model: str) -> Response:
        """Describe one."""
        return encoded(catalogue.retrieve(model))

    @router.post("/antiphon/v1/models", openapi_extra=operation(PullDone, request=PullRequest, event=PullProgressed))
    async def pull_model(request: Request) -> Response:
        """Pull a model. The answer is a stream of server-sent events; a pull that is cut off goes on where it was."""
        admin_of(request)
        asked = read(PullRequest, await request.body())
        return await streamed(request, catalogue.pull(asked.model))

    @router.delete("/antiphon/v1/models/{model}", openapi_extra=operation(CatalogueModelDeleted))
    async def delete_model(request: Request, model: str) -> Response:
        """Delete a model's weights from this machine."""
        admin_of(request)
        return encoded(await catalogue.delete(model))

    return router
