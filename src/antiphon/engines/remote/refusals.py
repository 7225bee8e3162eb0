"""An upstream's error, in our words: whose fault it is decides what the caller reads.

What the caller can mend comes back with the upstream's own message, field and code. What the operator must mend says
so, without the upstream's message where that may show a part of the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from antiphon.engines.http import UpstreamRefusal
from antiphon.engines.remote.retries import TRANSIENT_STATUSES, retry_after_s
from antiphon.errors import (
    AntiphonError,
    BodyTooLarge,
    ContextLengthExceeded,
    EngineTimedOut,
    InvalidRequest,
    RateLimited,
    UpstreamFailed,
)

MAX_MESSAGE_CHARACTERS = 2000
_OUT_OF_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that failed: what to raise, whether another try may succeed and when, and whether the upstream is ill."""

    error: AntiphonError
    is_transient: bool
    is_upstreams: bool
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked, for which model, with which key: what the words of an error need."""

    engine: str
    model: str
    key: str | None


def failure_of(refusal: UpstreamRefusal, asked: Asked, now: float) -> Failure:
    """Judge an answer of status 300 and more; `now` is in seconds since 1970."""
    error = _fields(refusal.body)
    wait_s = retry_after_s(refusal.headers, now)
    out_of_quota = _is_out_of_quota(error)
    return Failure(
        error=_error(refusal.status, error, asked, 1.0 if wait_s is None else wait_s),
        is_transient=refusal.status in TRANSIENT_STATUSES and not out_of_quota,
        is_upstreams=refusal.status >= 500,
        retry_after_s=wait_s,
    )


def _error(status: int, error: Mapping[str, Any], asked: Asked, wait_s: float) -> AntiphonError:
    if status in {401, 403, 404} or not 400 <= status < 500:
        return _operators(status, error, asked)
    engine = f"The engine '{asked.engine}'"
    said = _said(error, asked.key) or f"{engine} refused the request (status {status})."
    if status == 429:
        return _too_much(engine, said, error, wait_s)
    if status == 408:
        return EngineTimedOut(f"{engine} gave up waiting: try again.")
    if status == 413:
        return BodyTooLarge(said)
    return _callers(said, error)


def _operators(status: int, error: Mapping[str, Any], asked: Asked) -> UpstreamFailed:
    engine = f"The engine '{asked.engine}'"
    if status in {401, 403}:  # what it says of a refused key may quote the key
        return UpstreamFailed(
            f"{engine} refused the key that this server's operator gave it (status {status}): "
            "the operator must set one that it accepts."
        )
    if status == 404:
        return UpstreamFailed(f"{engine} has no model `{asked.model}`, or no such path: the operator must correct it.")
    said = _said(error, asked.key)
    return UpstreamFailed(f"{engine} failed with status {status}{': ' + said if said else '.'}")


def _too_much(engine: str, said: str, error: Mapping[str, Any], wait_s: float) -> AntiphonError:
    if _is_out_of_quota(error):
        return UpstreamFailed(f"{engine} has no quota left: the operator must raise it.")
    return RateLimited(said, retry_after_s=wait_s)


def _is_out_of_quota(error: Mapping[str, Any]) -> bool:
    told = (error.get("code"), error.get("type"))
    return any(isinstance(word, str) and word in _OUT_OF_QUOTA for word in told)


def _callers(message: str, error: Mapping[str, Any]) -> InvalidRequest:
    context, prompt = error.get("n_ctx"), error.get("n_prompt_tokens")  # llama-server counts apart from its sentence
    if isinstance(context, int) and isinstance(prompt, int):
        return ContextLengthExceeded(context_tokens=context, prompt_tokens=prompt)
    param, code = error.get("param"), error.get("code")
    if "context length" in message:
        code = ContextLengthExceeded.default_code
    return InvalidRequest(
        message,
        param=param if isinstance(param, str) else None,
        code=code if isinstance(code, str) else None,
    )


def _fields(body: bytes) -> Mapping[str, Any]:
    """Return the fields of the error that a body holds, in any of the forms that servers use; none if it holds none."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if not isinstance(answer, dict):
        return {}
    fields = cast("dict[str, Any]", answer)
    error = fields.get("error", fields)
    if isinstance(error, dict):
        return cast("dict[str, Any]", error)
    return {"message": error}


def _said(error: Mapping[str, Any], key: str | None) -> str:
    """Return the upstream's message without the key, should it repeat it; empty if it gave none."""
    message = error.get("message") or error.get("detail")
    if not isinstance(message, str):
        return ""
    text = message.replace(key, "***") if key else message
    return text.strip()[:MAX_MESSAGE_CHARACTERS]
