"""`/v1/embeddings`."""

from fastapi import APIRouter, Request, Response

from antiphon.features.embeddings import Embeddings
from antiphon.server.exchange import caller_of
from antiphon.server.openapi import operation
from antiphon.server.rates import RateLimits, estimated_tokens
from antiphon.server.routes.answering import answered
from antiphon.wire.embeddings import EmbeddingList, EmbeddingRequest
from antiphon.wire.reading import read


def embedding_routes(embeddings: Embeddings, rates: RateLimits) -> APIRouter:
    """Return the route of embeddings."""
    router = APIRouter(tags=["Embeddings"])

    @router.post("/v1/embeddings", openapi_extra=operation(EmbeddingList, request=EmbeddingRequest))
    async def create_embedding(request: Request) -> Response:
        """Turn texts into vectors."""
        body = await request.body()
        asked = read(EmbeddingRequest, body)
        rates.admit(request, asked.model, estimated_tokens(body, 0))
        return await answered(request, embeddings.answer(caller_of(request), asked))

    return router
