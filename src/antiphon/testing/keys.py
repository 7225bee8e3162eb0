"""Keys that are kept in memory."""

from collections.abc import Sequence
from dataclasses import replace

from antiphon.callers import Caller, KeyRecord
from antiphon.errors import NotFound


class KeysInMemory:
    """Keeps records by their secrets."""

    def __init__(self) -> None:
        self._records: dict[str, KeyRecord] = {}

    async def find(self, secret: str) -> Caller | None:
        """Return who holds a key, None where it never was or is revoked."""
        record = self._records.get(secret)
        if record is None or record.revoked_at is not None:
            return None
        return Caller(record.organization, record.project, record.id, record.is_admin)

    async def add(self, record: KeyRecord, secret: str) -> None:
        """Remember a key."""
        self._records[secret] = record

    async def records(self) -> Sequence[KeyRecord]:
        """List the keys, revoked ones included, oldest first."""
        return sorted(self._records.values(), key=lambda record: (record.created_at, record.id))

    async def revoke(self, key_id: str, revoked_at: int) -> KeyRecord:
        """End a key; a second time changes nothing. Raises `NotFound`."""
        for secret, record in self._records.items():
            if record.id == key_id:
                ended = record if record.revoked_at is not None else replace(record, revoked_at=revoked_at)
                self._records[secret] = ended
                return ended
        raise NotFound(f"There is no key '{key_id}'. `antiphon keys list` shows those that there are.")
