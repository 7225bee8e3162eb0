"""What OpenAI's API has and this server does not have yet: each path says so, and what to use in its place."""

from fastapi import APIRouter

from antiphon.errors import UnsupportedEndpoint

UNSUPPORTED = {
    "/v1/responses": "Use /v1/chat/completions.",
    "/v1/responses/{rest:path}": "Use /v1/chat/completions.",
    "/v1/realtime": "Open a WebSocket at this path: calls by WebRTC (SDP) are not taken.",
    "/v1/realtime/calls": "Open a WebSocket at /v1/realtime.",
    "/v1/realtime/calls/{rest:path}": "Open a WebSocket at /v1/realtime.",
    "/v1/realtime/translations/{rest:path}": "Open a WebSocket at /v1/realtime and ask for translations there.",
    "/v1/moderations": "No model of the catalogue moderates.",
    "/v1/images/{rest:path}": "No model of the catalogue makes images.",
}
METHODS = ["GET", "POST", "DELETE"]


def unsupported_routes() -> APIRouter:
    """Return a route for each path that is not supported."""
    router = APIRouter(tags=["Not supported"])
    for path, advice in UNSUPPORTED.items():
        router.add_api_route(path, _refusing(path, advice), methods=METHODS, include_in_schema=False)
    return router


def _refusing(path: str, advice: str):  # noqa: ANN202 - a route whose only answer is its error
    name = path.partition("/{")[0]

    async def refuse() -> None:
        raise UnsupportedEndpoint(f"{name} is not supported by this server yet. {advice}")

    return refuse
