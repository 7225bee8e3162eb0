"""The errors that a script can make the model fail with: those of the server, by their status."""

from collections.abc import Mapping

from antiphon.engines.scripted.script import Failure
from antiphon.errors import (
    AntiphonError,
    BodyTooLarge,
    Conflict,
    EngineFailed,
    EngineTimedOut,
    EngineUnavailable,
    InvalidApiKey,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    RateLimited,
    UpstreamFailed,
)

_ERRORS: Mapping[int, type[AntiphonError]] = {
    error.status: error
    for error in (
        InvalidRequest,
        InvalidApiKey,
        PermissionDenied,
        NotFound,
        Conflict,
        BodyTooLarge,
        EngineFailed,
        UpstreamFailed,
        EngineUnavailable,
        EngineTimedOut,
    )
}


def error_of(failure: Failure) -> AntiphonError:
    """Return the error of a failure's status, with its message, field and code."""
    if failure.status == RateLimited.status:
        limited = RateLimited(failure.message, retry_after_s=failure.retry_after_s)
        limited.param, limited.code = failure.param, failure.code or limited.code
        return limited
    return _ERRORS[failure.status](failure.message, param=failure.param, code=failure.code)
