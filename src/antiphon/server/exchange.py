"""One request and its answer, as everything at the edge sees them."""

import secrets

from starlette.requests import Request
from starlette.types import Scope

from antiphon.callers import Caller, EphemeralSecret
from antiphon.errors import AntiphonError, PermissionDenied

_KEY = "antiphon.exchange"

Headers = dict[bytes, bytes]


class Exchange:
    """What is known of a request from its first byte to the last of its answer.

    Times are in seconds of the monotonic clock. `status` is 0 until the answer starts; `is_broken` means that the
    answer started and did not come to its proper end. `annotations` are headers that the answer will carry. A socket
    may be asked for with an ephemeral key (`secret`), or with no key that holds (`refusal`).
    """

    __slots__ = (
        "annotations",
        "caller",
        "error_code",
        "first_byte_at",
        "headers",
        "id",
        "is_broken",
        "is_event_stream",
        "model",
        "refusal",
        "secret",
        "started_at",
        "status",
    )

    def __init__(self, headers: Headers, started_at: float) -> None:
        self.id = "req_" + secrets.token_hex(16)
        self.headers = headers
        self.started_at = started_at
        self.first_byte_at: float | None = None
        self.caller: Caller | None = None
        self.model: str | None = None
        self.status = 0
        self.error_code: str | None = None
        self.is_event_stream = False
        self.is_broken = False
        self.secret: EphemeralSecret | None = None
        self.refusal: AntiphonError | None = None
        self.annotations: list[tuple[bytes, bytes]] = []

    def header(self, name: bytes) -> str | None:
        """Return a request header, which is Latin-1 on the wire, or None."""
        value = self.headers.get(name)
        return value.decode("latin-1") if value is not None else None


def open_exchange(scope: Scope, started_at: float) -> Exchange:
    """Begin the exchange of a request or a socket. A header that is there twice counts as its last value."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    exchange = scope[_KEY] = Exchange(dict(headers), started_at)
    return exchange


def exchange_of(scope: Scope) -> Exchange:
    """Return the exchange that the edge began for this request."""
    return scope[_KEY]


def caller_of(request: Request) -> Caller:
    """Return who asks; only paths that the edge guards have a caller."""
    caller = exchange_of(request.scope).caller
    assert caller is not None
    return caller


def admin_of(request: Request) -> Caller:
    """Return who asks. Raises `PermissionDenied` where it is no administrator."""
    caller = caller_of(request)
    if not caller.is_admin:
        raise PermissionDenied(
            "This endpoint is for administrators: use a key that was made with `antiphon keys create --admin`.",
            code="admin_required",
        )
    return caller
