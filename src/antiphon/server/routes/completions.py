"""`/v1/completions`."""

from fastapi import APIRouter, Request, Response

from antiphon.features.completions import Completions
from antiphon.server.exchange import caller_of
from antiphon.server.openapi import operation
from antiphon.server.rates import RateLimits, estimated_tokens
from antiphon.server.routes.answering import answered, streamed
from antiphon.wire.completions import Completion, CompletionRequest
from antiphon.wire.reading import read


def completion_routes(completions: Completions, rates: RateLimits) -> APIRouter:
    """Return the route of plain completions."""
    router = APIRouter(tags=["Completions"])

    described = operation(Completion, request=CompletionRequest, event=Completion)

    @router.post("/v1/completions", openapi_extra=described)
    async def create_completion(request: Request) -> Response:
        """Continue text, whole or as a stream."""
        body = await request.body()
        asked = read(CompletionRequest, body)
        caller = caller_of(request)
        rates.admit(request, asked.model, estimated_tokens(body, asked.max_tokens))
        if asked.stream:
            return await streamed(request, completions.stream(caller, asked))
        return await answered(request, completions.answer(caller, asked))

    return router
