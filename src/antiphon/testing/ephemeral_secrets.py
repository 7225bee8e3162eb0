"""Ephemeral keys that are kept in memory."""

from collections.abc import Callable

from antiphon.callers import Caller, EphemeralSecret


class EphemeralSecretsInMemory:
    """Keeps records by their secrets, until `now` (seconds since 1970) says that they have expired."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._records: dict[str, EphemeralSecret] = {}

    async def add(self, record: EphemeralSecret, secret: str, most: int) -> int | None:
        """Remember a key; see `EphemeralSecrets.add`."""
        own = [one.expires_at for one in self._records.values() if _is_of(record.caller, one)]
        live = [expires_at for expires_at in own if self._now() < expires_at]
        if len(live) >= most:
            return min(live)
        self._records[secret] = record
        return None

    async def find(self, secret: str) -> EphemeralSecret | None:
        """Return what a key stands for, None where it never was or has expired."""
        record = self._records.get(secret)
        return record if record is not None and self._now() < record.expires_at else None


def _is_of(caller: Caller, record: EphemeralSecret) -> bool:
    holder = record.caller
    return (holder.organization, holder.project, holder.key_id) == (caller.organization, caller.project, caller.key_id)
