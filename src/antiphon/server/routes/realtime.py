"""`/v1/realtime`: the socket of spoken conversations, and the keys with which a browser may open one."""

import msgspec
from fastapi import APIRouter, Request, Response, WebSocket

from antiphon.features.realtime_sessions import RealtimeSessions
from antiphon.server.edge import REALTIME_PATH
from antiphon.server.exchange import caller_of
from antiphon.server.openapi import operation
from antiphon.server.realtime.socket import RealtimeSockets
from antiphon.server.routes.answering import encoded
from antiphon.wire.reading import read
from antiphon.wire.realtime.secrets import (
    ClientSecret,
    ClientSecretRequest,
    RealtimeSessionCreated,
    RealtimeSessionRequest,
)


def realtime_routes(sockets: RealtimeSockets, sessions: RealtimeSessions) -> APIRouter:
    """Return the socket and the routes around it."""
    router = APIRouter(tags=["Realtime"])

    @router.websocket(REALTIME_PATH)
    async def converse(websocket: WebSocket) -> None:  # pyright: ignore[reportUnusedFunction] - the router keeps it
        await sockets.serve(websocket)

    _add_secret_routes(router, sessions)
    return router


def _add_secret_routes(router: APIRouter, sessions: RealtimeSessions) -> None:
    described = operation(ClientSecret, request=ClientSecretRequest)

    @router.post("/v1/realtime/client_secrets", openapi_extra=described)
    async def create_client_secret(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Make an ephemeral key for Realtime sockets, with the session that they begin with."""
        asked = read(ClientSecretRequest, await request.body() or b"{}")
        return encoded(await sessions.client_secret(caller_of(request), asked))

    described = operation(RealtimeSessionCreated, request=RealtimeSessionRequest)

    @router.post("/v1/realtime/sessions", openapi_extra=described)
    async def create_session(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Make an ephemeral key, in the words of the beta API."""
        asked = read(RealtimeSessionRequest, await request.body() or b"{}")
        answer = await sessions.session(caller_of(request), asked.model_extra or {}, "realtime")
        return Response(msgspec.json.encode(answer), media_type="application/json")

    @router.post("/v1/realtime/transcription_sessions", openapi_extra=described)
    async def create_transcription_session(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Make an ephemeral key for a session that only transcribes, in the words of the beta API."""
        asked = read(RealtimeSessionRequest, await request.body() or b"{}")
        answer = await sessions.session(caller_of(request), asked.model_extra or {}, "transcription")
        return Response(msgspec.json.encode(answer), media_type="application/json")
