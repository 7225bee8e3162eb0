"""`/v1/embeddings`."""

from fastapi import APIRouter, Request, Response

from antiphon.features.embeddings import Embeddings
from antiphon.server.exchange import caller_of
from antiphon.server.routes.answering import answered
from antiphon.wire.embeddings import EmbeddingRequest
from antiphon.wire.reading import read


def embedding_routes(embeddings: Embeddings) -> APIRouter:
    """Return the route of embeddings."""
    router = APIRouter(tags=["Embeddings"])

    @router.post("/v1/embeddings")
    async def create_embedding(request: Request) -> Response:
        """Turn texts into vectors."""
        asked = read(EmbeddingRequest, await request.body())
        return await answered(request, embeddings.answer(caller_of(request), asked))

    return router
