"""How a route turns what a feature gives into a response."""

from collections.abc import AsyncGenerator, Awaitable

import msgspec
from fastapi import Request, Response

from antiphon.errors import InternalError
from antiphon.server.presence import answer_or_stop
from antiphon.server.sse import EventStream

_encode = msgspec.json.Encoder().encode


def encoded(answer: msgspec.Struct) -> Response:
    """Return an answer as JSON."""
    return Response(_encode(answer), media_type="application/json")


async def answered(request: Request, work: Awaitable[msgspec.Struct]) -> Response:
    """Return what `work` returns as JSON; the work ends when the client leaves."""
    return encoded(await answer_or_stop(request, work))


async def streamed(request: Request, chunks: AsyncGenerator[msgspec.Struct, None]) -> Response:
    """Return a stream of `chunks`. What fails before the first of them fails with a status of its own."""
    try:
        first = await answer_or_stop(request, anext(chunks))
    except StopAsyncIteration:
        raise InternalError("An engine told nothing, not even that it had finished.") from None
    except BaseException:
        await chunks.aclose()
        raise
    return EventStream(first, chunks)
