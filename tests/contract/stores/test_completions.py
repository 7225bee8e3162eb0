"""Stored completions on a real database: what was saved is what lies there."""

import asyncio
import json

from sqlalchemy import select

from antiphon.callers import LOOPBACK_OWNER
from antiphon.stores.completions import StoredCompletionRows
from antiphon.stores.database.database import Database
from antiphon.stores.database.tables import stored_completion_metadata, stored_completions
from antiphon.wire.chat.answer import AnswerMessage, ChatCompletion, Choice
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.usage import CompletionUsage


def request(**fields: object) -> ChatRequest:
    return ChatRequest.model_validate(
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "握草"}], "store": True, **fields}
    )


def completion(number: int = 1) -> ChatCompletion:
    message = AnswerMessage(content="Good morning")
    return ChatCompletion(
        id=f"chatcmpl-{number}",
        created=1_700_000_000,
        model="gpt-4o",
        choices=[Choice(index=0, message=message, finish_reason="stop")],
        usage=CompletionUsage(3, 2, 5),
    )


async def test_request_and_answer_lie_there_as_they_were_on_the_wire(database: Database):
    """Only what the caller gave of the request, and all of the answer."""
    await StoredCompletionRows(database).save(LOOPBACK_OWNER, request(), completion())
    row = await database.read(lambda connection: connection.execute(select(stored_completions)).mappings().one())
    assert json.loads(row["request"]) == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "握草"}],
        "store": True,
    }
    assert json.loads(row["completion"])["choices"][0]["message"]["content"] == "Good morning"
    assert (row["id"], row["organization"], row["project"]) == ("chatcmpl-1", "default", "default")
    assert (row["model"], row["created_at"]) == ("gpt-4o", 1_700_000_000)


async def test_metadata_can_be_searched(database: Database):
    """Each pair is a row of its own."""
    await StoredCompletionRows(database).save(LOOPBACK_OWNER, request(metadata={"team": "a", "run": "7"}), completion())
    rows = await database.read(lambda connection: connection.execute(select(stored_completion_metadata)).all())
    assert sorted(map(tuple, rows)) == [("chatcmpl-1", "run", "7"), ("chatcmpl-1", "team", "a")]


async def test_many_are_saved_at_once(database: Database):
    """A hundred callers each wait for their own, and all lie there."""
    stored = StoredCompletionRows(database)
    await asyncio.gather(*(stored.save(LOOPBACK_OWNER, request(), completion(number)) for number in range(100)))
    ids = await database.read(lambda connection: connection.execute(select(stored_completions.c.id)).scalars().all())
    assert len(ids) == 100
