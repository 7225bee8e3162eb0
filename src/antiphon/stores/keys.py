"""Keys, in the database, with a small memory in front of it: a request must not wait for a disk to be let in."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from antiphon.callers import Caller, KeyRecord
from antiphon.errors import NotFound
from antiphon.stores.database.database import Database
from antiphon.stores.database.tables import api_keys, organizations, projects

REMEMBERED_FOR_S = 5.0  # within which a key that another process revoked stops working
_USE_NOTED_EVERY_S = 60
_MAX_REMEMBERED = 4096

_COLUMNS = [column for column in api_keys.columns if column.name != "digest"]


class KeyRows:
    """The port `Keys` over the database. `clock` tells seconds and never goes back, `now` the seconds since 1970."""

    def __init__(self, database: Database, clock: Callable[[], float], now: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._now = now
        self._remembered: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    async def find(self, secret: str) -> Caller | None:
        """Return who holds a key, None where it never was or is revoked."""
        digest = _digest(secret)
        caller, until = self._remembered.get(digest, (None, 0.0))
        if self._clock() < until:
            return caller
        record = await self._database.read(lambda connection: _select(connection, api_keys.c.digest == digest))
        if not record or record[0].revoked_at is not None:
            self._remembered.pop(digest, None)
            return None
        found = record[0]
        caller = Caller(found.organization, found.project, found.id, found.is_admin)
        self._remember(digest, caller)
        if found.last_used_at is None or self._now() - found.last_used_at >= _USE_NOTED_EVERY_S:
            await self._note_use(found.id)
        return caller

    async def add(self, record: KeyRecord, secret: str) -> None:
        """Remember a key; its organisation and project are made if they are new."""
        organization = {"id": record.organization, "created_at": record.created_at}
        project = {"organization": record.organization, "id": record.project, "created_at": record.created_at}
        key = {name: getattr(record, name) for name in KeyRecord.__slots__}

        def write(connection: Connection) -> None:
            _insert_if_new(connection, organizations, organization)
            _insert_if_new(connection, projects, project)
            connection.execute(insert(api_keys), {**key, "digest": _digest(secret)})

        await self._database.write(write)

    async def records(self) -> Sequence[KeyRecord]:
        """List the keys, revoked ones included, oldest first."""
        return await self._database.read(_select)

    async def revoke(self, key_id: str, revoked_at: int) -> KeyRecord:
        """End a key; a second time changes nothing. Raises `NotFound`."""
        is_it = api_keys.c.id == key_id

        def write(connection: Connection) -> list[KeyRecord]:
            still_holds = api_keys.c.revoked_at.is_(None)
            connection.execute(update(api_keys).where(is_it, still_holds).values(revoked_at=revoked_at))
            return _select(connection, is_it)

        records = await self._database.write(write)
        self._remembered.clear()
        if not records:
            raise NotFound(f"There is no key '{key_id}'. `antiphon keys list` shows those that there are.")
        return records[0]

    async def _note_use(self, key_id: str) -> None:
        used = update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=int(self._now()))
        await self._database.write(lambda connection: connection.execute(used).rowcount)

    def _remember(self, digest: bytes, caller: Caller) -> None:
        self._remembered[digest] = caller, self._clock() + REMEMBERED_FOR_S
        self._remembered.move_to_end(digest)
        if len(self._remembered) > _MAX_REMEMBERED:
            self._remembered.popitem(last=False)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _select(connection: Connection, *conditions: Any) -> list[KeyRecord]:  # noqa: ANN401 - expressions of SQLAlchemy's
    chosen = select(*_COLUMNS).where(*conditions).order_by(api_keys.c.created_at, api_keys.c.id)
    return [_record(row) for row in connection.execute(chosen).mappings()]


def _record(row: RowMapping) -> KeyRecord:
    return KeyRecord(**{str(name): value for name, value in row.items()})


def _insert_if_new(connection: Connection, table: Any, row: dict[str, Any]) -> None:  # noqa: ANN401 - a Table
    same = [table.c[name] == value for name, value in row.items() if name != "created_at"]
    if connection.execute(select(table.c.id).where(*same)).first() is None:
        connection.execute(insert(table), row)
