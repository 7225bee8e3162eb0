"""Ephemeral keys that are kept in memory."""

from collections.abc import Callable

from antiphon.callers import EphemeralSecret


class EphemeralSecretsInMemory:
    """Keeps records by their secrets, until `now` (seconds since 1970) says that they have expired."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._records: dict[str, EphemeralSecret] = {}

    async def add(self, record: EphemeralSecret, secret: str) -> None:
        """Remember a key."""
        self._records[secret] = record

    async def find(self, secret: str) -> EphemeralSecret | None:
        """Return what a key stands for, None where it never was or has expired."""
        record = self._records.get(secret)
        return record if record is not None and self._now() < record.expires_at else None
