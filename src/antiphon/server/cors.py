"""What a browser must be told before it lets a page of another origin read our answers.

Only origins that may ask at all get these headers (`origins`). The SDKs send many headers of their own
(`x-stainless-*`), so a preflight is answered with the headers that it named.
"""

from starlette.responses import Response

from antiphon.server.exchange import Headers

_EXPOSED = (
    "x-request-id, openai-processing-ms, openai-version, openai-organization, retry-after, retry-after-ms, "
    "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
    "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, idempotent-replayed"
)
_METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
_PREFLIGHT_HOLDS_S = b"600"


def is_preflight(method: str, headers: Headers) -> bool:
    """Whether a browser asks for leave, in place of the request itself."""
    return method == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers


def cors_headers(origin: str) -> list[tuple[bytes, bytes]]:
    """The headers of every answer to a page of `origin`."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _EXPOSED.encode()),
        (b"vary", b"Origin"),
    ]


def preflight_answer(headers: Headers) -> Response:
    """Leave to send the request that the preflight describes."""
    answer = Response(status_code=204)
    answer.raw_headers = [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", headers.get(b"access-control-request-headers", b"*")),
        (b"access-control-max-age", _PREFLIGHT_HOLDS_S),
    ]
    if b"access-control-request-private-network" in headers:
        answer.raw_headers.append((b"access-control-allow-private-network", b"true"))
    return answer
