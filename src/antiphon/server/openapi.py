"""The OpenAPI document: routes read and write bytes themselves, so each says here what these mean.

A route is given `openapi_extra=operation(...)`. `document` collects the types that the operations name, pydantic ones
of requests and msgspec ones of answers, into the document's components.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

_REFERENCE = "#/components/schemas/"
_ERROR = "Error"

_ERROR_SCHEMA: Mapping[str, Any] = {
    "title": "Error",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}


class Operation(dict[str, Any]):
    """What a route adds to the document, and the types that it refers to."""

    def __init__(self, extra: Mapping[str, Any], types: Sequence[type]) -> None:
        super().__init__(extra)
        self.types = tuple(types)


def operation(
    answer: type[msgspec.Struct] | None = None,
    *,
    request: type[BaseModel] | None = None,
    event: type[msgspec.Struct] | None = None,
    form: type[BaseModel] | None = None,
    media: Sequence[str] = (),
) -> Operation:
    """Describe a route that reads a `request` or a `form`, and writes what is given, or an error.

    It writes an `answer`, a stream of `event`s, or bytes of the `media` types.
    """
    content: dict[str, Any] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media}
    if answer is not None:
        content["application/json"] = {"schema": _reference(answer.__name__)}
    if event is not None:
        content["text/event-stream"] = {"schema": _reference(event.__name__)}
    extra: dict[str, Any] = {
        "responses": {
            "200": {"description": "The answer", "content": content},
            "4XX": _error_answer("The request's fault"),
            "5XX": _error_answer("The server's or an engine's fault"),
        }
    }
    for kind, body in (("application/json", request), ("multipart/form-data", form)):
        if body is not None:
            extra["requestBody"] = {"required": True, "content": {kind: {"schema": _reference(body.__name__)}}}
    return Operation(extra, [kind for kind in (answer, request, event, form) if kind is not None])


def document(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Make `app` describe the operations of its `routers` with all their types, when it is first asked."""
    extras = [getattr(route, "openapi_extra", None) for router in routers for route in router.routes]
    types = dict.fromkeys(kind for extra in extras if isinstance(extra, Operation) for kind in extra.types)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, types)
        return app.openapi_schema

    app.openapi = openapi  # the way that FastAPI documents


def _document(app: FastAPI, types: Mapping[type, None]) -> dict[str, Any]:
    whole = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components: dict[str, Any] = whole.setdefault("components", {}).setdefault("schemas", {})
    components[_ERROR] = _ERROR_SCHEMA
    for name, schema in (*_request_schemas(types), *_answer_schemas(types)):
        if components.setdefault(name, schema) != schema:
            raise ValueError(f"two types of the API are called {name}")
    for kind in types:
        if kind.__name__ not in components:  # its like were given longer names
            raise ValueError(f"two types of the API are called {kind.__name__}")
    return whole


def _request_schemas(types: Mapping[type, None]) -> list[tuple[str, Any]]:
    models = [(kind, "validation") for kind in types if issubclass(kind, BaseModel)]
    _, whole = models_json_schema(cast("Any", models), ref_template=_REFERENCE + "{model}")
    return list(whole.get("$defs", {}).items())


def _answer_schemas(types: Mapping[type, None]) -> list[tuple[str, Any]]:
    structs = [kind for kind in types if issubclass(kind, msgspec.Struct)]
    _, components = msgspec.json.schema_components(structs, schema_hook=_anything, ref_template=_REFERENCE + "{name}")
    return list(components.items())


def _anything(kind: type) -> dict[str, Any]:
    """The schema of `object`, which every value fits."""
    if kind is object:
        return {"description": "Any value"}
    raise NotImplementedError(f"no JSON schema is known for {kind}")


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE + name}


def _error_answer(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _reference(_ERROR)}}}
