"""Who asks: the organisation and project that own whatever the request makes or sees."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a key, or the owner of this machine on a loopback address."""

    organization: str
    project: str
    key_id: str | None = None
    is_admin: bool = False


LOOPBACK_OWNER = Caller(organization="default", project="default", is_admin=True)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as it may be shown: everything but the secret. Times are in seconds since 1970."""

    id: str
    organization: str
    project: str
    is_admin: bool
    shown: str
    created_at: int
    last_used_at: int | None = None
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class EphemeralSecret:
    """A key for Realtime sockets alone, which may be given to a browser. It is good until `expires_at` (since 1970).

    `session` is the JSON with which sessions that it opens begin.
    """

    caller: Caller
    session: str
    expires_at: int


def masked(secret: str) -> str:
    """Return a key as it may be shown: `sk-...abcd`; of a short one, which may be a password, nothing."""
    return f"{secret[:3]}...{secret[-4:]}" if len(secret) >= 16 else "***"
