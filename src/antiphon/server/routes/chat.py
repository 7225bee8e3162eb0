"""`/v1/chat/completions`."""

from fastapi import APIRouter, Request, Response

from antiphon.features.audio.spoken_chat import ChatAnswers
from antiphon.server.exchange import caller_of
from antiphon.server.openapi import operation
from antiphon.server.rates import RateLimits, estimated_tokens
from antiphon.server.routes.answering import answered, streamed
from antiphon.wire.chat.answer import ChatCompletion, ChatCompletionChunk
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.reading import read


def chat_routes(chat: ChatAnswers, rates: RateLimits) -> APIRouter:
    """Return the routes of chat completions."""
    router = APIRouter(tags=["Chat"])

    described = operation(ChatCompletion, request=ChatRequest, event=ChatCompletionChunk)

    @router.post("/v1/chat/completions", openapi_extra=described)
    async def create_chat_completion(request: Request) -> Response:
        """Answer a conversation, whole or as a stream."""
        body = await request.body()
        asked = read(ChatRequest, body)
        caller = caller_of(request)
        rates.admit(request, asked.model, estimated_tokens(body, asked.max_completion_tokens or asked.max_tokens))
        if asked.stream:
            return await streamed(request, chat.stream(caller, asked))
        return await answered(request, chat.answer(caller, asked))

    return router
