"""The one place where an error becomes an HTTP answer in OpenAI's shape.

`{"error": {"message", "type", "param", "code"}}`, whoever raised it: a feature, an engine, the framework or a bug.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from antiphon.errors import AntiphonError, InternalError
from antiphon.server.exchange import exchange_of

_encode = msgspec.json.Encoder().encode


class WireError(NamedTuple):
    """An error as it is sent."""

    status: int
    message: str
    type: str = "invalid_request_error"
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = {}

    def body(self) -> bytes:
        """The JSON of it, which is also the data of an event that ends a stream."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return _encode({"error": error})

    def response(self) -> Response:
        """The whole answer."""
        return Response(self.body(), self.status, self.headers, media_type="application/json")


def wire_error(error: AntiphonError) -> WireError:
    """Return an error of ours as it is sent."""
    return WireError(error.status, error.message, error.type, error.param, error.code, error.headers())


BUG = wire_error(
    InternalError("The server had an error while processing your request. Its log says what, under the request's id.")
)


def framework_error(error: HTTPException | RequestValidationError, method: str, path: str) -> WireError:
    """Return an error of the framework's as OpenAI words it."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        param = ".".join(str(step) for step in first["loc"][1:]) or None
        return WireError(400, f"Invalid '{param}': {first['msg']}.", param=param, code="invalid_value")
    headers = error.headers or {}
    if error.status_code == 404:
        return WireError(404, f"Invalid URL ({method} {path})", headers=headers)
    if error.status_code == 405:
        message = f"Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)"
        return WireError(405, message, code="method_not_supported", headers=headers)
    kind = "server_error" if error.status_code >= 500 else "invalid_request_error"
    return WireError(error.status_code, str(error.detail), kind, headers=headers)


async def answer_error(request: Request, error: Exception) -> Response:
    """The handler of every error that leaves a route."""
    if isinstance(error, AntiphonError):
        answer = wire_error(error)
    else:
        assert isinstance(error, HTTPException | RequestValidationError)
        answer = framework_error(error, request.method, request.url.path)
    exchange_of(request.scope).error_code = answer.code or answer.type
    return answer.response()


def install_error_handler(app: FastAPI) -> None:
    """Let `app` answer errors in OpenAI's shape. What is none of these is a bug, which the edge answers."""
    for kind in (AntiphonError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer_error)
