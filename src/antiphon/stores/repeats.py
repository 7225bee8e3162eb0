"""Answers to requests that carry an idempotency key, in the database, for a day."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from antiphon.limits.repeats import CLAIM_HOLDS_S, KEPT_FOR_S, RecordedAnswer, RepeatKey, known_answer, under_way
from antiphon.stores.database.database import Database
from antiphon.stores.database.tables import repeated_requests as rows


class RepeatedRequestRows:
    """The port `RepeatedRequests` over the database. `now` tells the seconds since 1970."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def claim(self, repeat: RepeatKey) -> RecordedAnswer | None:
        """Return the answer that was given before, or None, and the request is then the claimant's to carry out."""
        now = self._now()

        def write(connection: Connection) -> RecordedAnswer | None:
            connection.execute(delete(rows).where(rows.c.claimed_at < now - KEPT_FOR_S))
            is_void = rows.c.status.is_(None) & (rows.c.claimed_at < now - CLAIM_HOLDS_S)
            connection.execute(delete(rows).where(*_is(repeat), is_void))
            row = connection.execute(select(rows).where(*_is(repeat))).mappings().first()
            if row is not None:
                return known_answer(repeat, row["fingerprint"], _answer(row))
            connection.execute(insert(rows), {**_columns(repeat), "claimed_at": now})
            return None

        try:
            return await self._database.write(write)
        except IntegrityError:  # another server on the same database was first
            raise under_way() from None

    async def keep(self, repeat: RepeatKey, answer: RecordedAnswer) -> None:
        """Remember the answer to a claimed request, durably."""
        values = {
            "status": answer.status,
            "headers": msgspec.json.encode(answer.headers).decode(),
            "body": answer.body,
        }
        kept = update(rows).where(*_is(repeat)).values(**values)
        await self._database.write(lambda connection: connection.execute(kept).rowcount)

    async def release(self, repeat: RepeatKey) -> None:
        """Give a claim back."""
        released = delete(rows).where(*_is(repeat), rows.c.status.is_(None))
        await self._database.write(lambda connection: connection.execute(released).rowcount)


def _is(repeat: RepeatKey) -> tuple[Any, Any]:
    return rows.c.organization == repeat.organization, rows.c.key == repeat.scoped


def _columns(repeat: RepeatKey) -> dict[str, str]:
    return {"organization": repeat.organization, "key": repeat.scoped, "fingerprint": repeat.fingerprint}


def _answer(row: Any) -> RecordedAnswer | None:  # noqa: ANN401 - a row of SQLAlchemy's
    if row["status"] is None:
        return None
    headers = msgspec.json.decode(row["headers"], type=tuple[tuple[str, str], ...])
    return RecordedAnswer(row["status"], headers, row["body"])
