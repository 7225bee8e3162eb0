"""Every error that can reach a caller, each with its answer on the wire.

    AntiphonError
    ├── RequestError               the caller's to mend (4xx)
    │   ├── InvalidRequest         400
    │   │   ├── UnsupportedRequest     it exists at OpenAI, and not here or not for this model
    │   │   └── ContextLengthExceeded
    │   ├── InvalidApiKey          401
    │   ├── PermissionDenied       403
    │   ├── NotFound               404
    │   │   ├── ModelNotFound
    │   │   └── UnsupportedEndpoint
    │   ├── Conflict               409
    │   ├── BodyTooLarge           413
    │   └── RateLimited            429
    ├── EngineError                an engine's or an upstream's
    │   ├── EngineFailed           500  it broke while it worked
    │   ├── UpstreamFailed         502  it answered with an error of its own
    │   ├── EngineUnavailable      503  it is starting, restarting or out of reach
    │   ├── EngineOverloaded       503  too many wait for it already
    │   └── EngineTimedOut         504
    ├── InternalError              500, a bug of ours; its details go to the log and never to the wire
    └── StartRefused               never on the wire: the sentence that a command ends with

The shape on the wire is OpenAI's: `{"error": {"message", "type", "param", "code"}}`.
"""

from typing import ClassVar


class AntiphonError(Exception):
    """The root. `status`, `type` and `code` are the answer on the wire; `message` says what to do."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    default_code: ClassVar[str | None] = None

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code if code is not None else self.default_code

    def headers(self) -> dict[str, str]:
        """Response headers that belong to the error."""
        return {}


class RequestError(AntiphonError):
    """The caller's to mend."""

    status = 400
    type = "invalid_request_error"


class InvalidRequest(RequestError):
    """A value is missing, malformed or out of range."""


class UnsupportedRequest(InvalidRequest):
    """OpenAI's API has it; this server, or the model that was asked, does not."""

    default_code = "unsupported_parameter"


class ContextLengthExceeded(InvalidRequest):
    """The prompt, or the prompt and the answer asked for, do not fit the model's context."""

    default_code = "context_length_exceeded"

    def __init__(self, *, context_tokens: int, prompt_tokens: int, param: str = "messages") -> None:
        super().__init__(
            f"This model's maximum context length is {context_tokens} tokens. However, your {param} resulted in "
            f"{prompt_tokens} tokens. Please reduce the length of the {param}.",
            param=param,
        )
        self.context_tokens = context_tokens
        self.prompt_tokens = prompt_tokens


class InvalidApiKey(RequestError):
    """No key, or one that does not hold."""

    status = 401
    default_code = "invalid_api_key"


class PermissionDenied(RequestError):
    """The caller is known, or its address is, and may not do this."""

    status = 403


class NotFound(RequestError):
    """Nothing of that name that the caller may see."""

    status = 404


class ModelNotFound(NotFound):
    """No model, alias or engine of that name; `likely` is one that is much like it."""

    default_code = "model_not_found"

    def __init__(self, model: str, *, likely: str | None = None) -> None:
        hint = f" Did you mean `{likely}`?" if likely is not None else ""
        super().__init__(
            f"The model `{model}` does not exist or you do not have access to it.{hint} GET /v1/models lists those "
            "that do.",
            param="model",
        )


class UnsupportedEndpoint(NotFound):
    """A path that OpenAI's API has and this server does not have yet."""

    default_code = "unsupported_endpoint"


class Conflict(RequestError):
    """The request contradicts another one, or the present state."""

    status = 409


class BodyTooLarge(RequestError):
    """The body is larger than the server reads."""

    status = 413
    default_code = "request_too_large"


class RateLimited(RequestError):
    """Too much in too short a time; `retry_after_s` says when to come back."""

    status = 429
    type = "requests"
    default_code = "rate_limit_exceeded"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    def headers(self) -> dict[str, str]:
        """`retry-after` in whole seconds and `retry-after-ms`, both of which the SDKs read."""
        whole = max(1, round(self.retry_after_s + 0.5))
        return {"retry-after": str(whole), "retry-after-ms": str(max(1, round(self.retry_after_s * 1000)))}


class EngineError(AntiphonError):
    """An engine's or an upstream's: nothing that the caller sent is at fault."""


class EngineFailed(EngineError):
    """The engine broke while it worked on the request."""

    default_code = "engine_failed"


class UpstreamFailed(EngineError):
    """An engine that is well answered with an error of its own, or with what could not be read."""

    status = 502
    default_code = "upstream_failed"


class EngineUnavailable(EngineError):
    """The engine is starting, restarting or out of reach."""

    status = 503
    default_code = "engine_unavailable"


class EngineOverloaded(EngineError):
    """Too many requests wait for the engine already."""

    status = 503
    default_code = "engine_overloaded"


class EngineTimedOut(EngineError):
    """The engine did not answer in time."""

    status = 504
    default_code = "engine_timed_out"


class InternalError(AntiphonError):
    """A bug of ours. What happened is in the log, under the request's id."""


class StartRefused(AntiphonError):
    """A command cannot do what it was asked; its message is the one sentence that the user reads."""
