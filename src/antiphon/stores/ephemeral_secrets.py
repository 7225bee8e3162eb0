"""Ephemeral keys, in the database, so that any process of this server knows what another gave out."""

from collections.abc import Callable
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from antiphon.callers import Caller, EphemeralSecret
from antiphon.stores.database.database import Database
from antiphon.stores.database.tables import api_keys, ephemeral_secrets


class EphemeralSecretRows:
    """The port `EphemeralSecrets` over the database. `now` tells the seconds since 1970."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def add(self, record: EphemeralSecret, secret: str, most: int) -> int | None:
        """Remember a key, and forget those that have expired; see `EphemeralSecrets.add`."""
        row = {
            "digest": _digest(secret),
            "organization": record.caller.organization,
            "project": record.caller.project,
            "key_id": record.caller.key_id,
            "session": record.session,
            "expires_at": record.expires_at,
        }
        table, own = ephemeral_secrets, _own(record.caller)
        expired = delete(table).where(table.c.expires_at <= int(self._now()))

        def write(connection: Connection) -> int | None:
            connection.execute(expired)
            if connection.execute(select(func.count()).select_from(table).where(own)).scalar_one() >= most:
                first = select(table.c.expires_at).where(own).order_by(table.c.expires_at).limit(1)
                return connection.execute(first).scalar_one()
            connection.execute(insert(table), row)
            return None

        return await self._database.write(write)

    async def find(self, secret: str) -> EphemeralSecret | None:
        """Return what a key stands for; see `EphemeralSecrets.find`."""
        table = ephemeral_secrets
        chosen = (
            select(table.c.organization, table.c.project, table.c.key_id, table.c.session, table.c.expires_at)
            .outerjoin(api_keys, api_keys.c.id == table.c.key_id)
            .where(table.c.digest == _digest(secret), api_keys.c.revoked_at.is_(None))
        )
        row = await self._database.read(lambda connection: connection.execute(chosen).first())
        if row is None or row.expires_at <= self._now():
            return None
        return EphemeralSecret(Caller(row.organization, row.project, row.key_id), row.session, row.expires_at)


def _own(caller: Caller) -> ColumnElement[bool]:
    """Whether a row is of a key that this caller made."""
    table = ephemeral_secrets
    return and_(
        table.c.organization == caller.organization,
        table.c.project == caller.project,
        table.c.key_id.is_not_distinct_from(caller.key_id),
    )


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
