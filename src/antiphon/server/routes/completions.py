"""`/v1/completions`."""

from fastapi import APIRouter, Request, Response

from antiphon.features.completions import Completions
from antiphon.server.exchange import caller_of
from antiphon.server.routes.answering import answered, streamed
from antiphon.wire.completions import CompletionRequest
from antiphon.wire.reading import read


def completion_routes(completions: Completions) -> APIRouter:
    """Return the routes of plain completions."""
    router = APIRouter(tags=["Completions"])

    @router.post("/v1/completions")
    async def create_completion(request: Request) -> Response:
        """Continue text, whole or as a stream."""
        asked = read(CompletionRequest, await request.body())
        caller = caller_of(request)
        if asked.stream:
            return await streamed(request, completions.stream(caller, asked))
        return await answered(request, completions.answer(caller, asked))

    return router
