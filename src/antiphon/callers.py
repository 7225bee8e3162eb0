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
