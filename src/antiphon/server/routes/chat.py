"""`/v1/chat/completions`."""

from fastapi import APIRouter, Request, Response

from antiphon.features.chat import Chat
from antiphon.server.exchange import caller_of
from antiphon.server.routes.answering import answered, streamed
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.reading import read


def chat_routes(chat: Chat) -> APIRouter:
    """Return the routes of chat completions."""
    router = APIRouter(tags=["Chat"])

    @router.post("/v1/chat/completions")
    async def create_chat_completion(request: Request) -> Response:
        """Answer a conversation, whole or as a stream."""
        asked = read(ChatRequest, await request.body())
        caller = caller_of(request)
        if asked.stream:
            return await streamed(request, chat.stream(caller, asked))
        return await answered(request, chat.answer(caller, asked))

    return router
