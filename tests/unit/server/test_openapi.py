"""The OpenAPI document names every type that the routes read and write."""

import msgspec
import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from antiphon.server.openapi import document, operation
from antiphon.wire.chat.answer import ChatCompletion, ChatCompletionChunk
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.models import Model


def described(*described_as: object) -> FastAPI:
    app, routes = FastAPI(), APIRouter()
    for number, extra in enumerate(described_as):

        @routes.post(f"/v1/{number}", name=str(number), openapi_extra=extra)
        async def answer() -> Response:
            return Response()

    app.include_router(routes)
    document(app, [routes])
    return app


def references(part: object) -> set[str]:
    if isinstance(part, dict):
        here = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return here.union(*map(references, part.values()))
    return set().union(*map(references, part)) if isinstance(part, list) else set()


def test_every_reference_leads_to_a_component():
    """Of requests, of answers and of what they contain."""
    whole = described(operation(ChatCompletion, request=ChatRequest, event=ChatCompletionChunk)).openapi()
    known = {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}
    found = references(whole)
    assert found <= known
    assert {"ChatRequest", "ChatCompletion", "ChatCompletionChunk", "Error", "TokenLogprob"} <= {
        reference.rpartition("/")[2] for reference in found
    }


def test_an_operation_tells_its_body_its_answers_and_its_errors():
    """A stream is a second form of the same answer."""
    whole = described(operation(ChatCompletion, request=ChatRequest, event=ChatCompletionChunk)).openapi()
    told = whole["paths"]["/v1/0"]["post"]
    assert told["requestBody"]["required"]
    assert set(told["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
    assert {"4XX", "5XX"} <= set(told["responses"])


def test_two_types_of_one_name_are_an_error():
    """One of them would be documented as the other."""
    other = msgspec.defstruct("Model", [("size", int)])
    app = described(operation(Model), operation(other))
    with pytest.raises(ValueError, match="Model"):
        app.openapi()
