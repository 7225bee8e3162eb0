"""Stored completions, in the database: request and answer as they were on the wire, and the caller's metadata."""

import msgspec
from sqlalchemy import Connection, insert

from antiphon.callers import Caller
from antiphon.stores.database.database import Database
from antiphon.stores.database.tables import stored_completion_metadata, stored_completions
from antiphon.wire.chat.answer import ChatCompletion
from antiphon.wire.chat.request import ChatRequest


class StoredCompletionRows:
    """The port `StoredCompletions` over the database. All JSON is written before the database's thread is entered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, caller: Caller, request: ChatRequest, completion: ChatCompletion) -> None:
        """Keep a completion; it is on the disk when this returns."""
        row = {
            "id": completion.id,
            "organization": caller.organization,
            "project": caller.project,
            "model": completion.model,
            "created_at": completion.created,
            "request": request.model_dump_json(by_alias=True, exclude_unset=True),
            "completion": msgspec.json.encode(completion).decode(),
        }
        pairs = (request.metadata or {}).items()
        labels = [{"completion": completion.id, "key": key, "value": value} for key, value in pairs]

        def write(connection: Connection) -> None:
            connection.execute(insert(stored_completions), row)
            if labels:
                connection.execute(insert(stored_completion_metadata), labels)

        await self._database.write(write)
