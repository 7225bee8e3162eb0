"""What a frame may bring besides words and audio, which have bounds of their own."""

from typing import Any

import pytest
from tests.unit.realtime.dialects.reading import Either, both, read, refusal

from antiphon.realtime.client_events import MalformedEvent

LONG = "x" * 600


def created(item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": item, **fields}


def said(num_parts: int) -> dict[str, Any]:
    parts = [{"type": "input_text", "text": ""}] * num_parts
    return {"type": "message", "role": "user", "content": parts}


NAMED = {
    "item_id": {"type": "conversation.item.retrieve", "item_id": LONG},
    "response_id": {"type": "response.cancel", "response_id": LONG},
    "previous_item_id": created(said(1), previous_item_id=LONG),
    "item.id": created({**said(1), "id": LONG}),
    "item.call_id": created({"type": "function_call_output", "call_id": LONG, "output": "x"}),
    "response.input[0].id": {
        "type": "response.create",
        "response": {"input": [{"type": "item_reference", "id": LONG}]},
    },
}


@both
@pytest.mark.parametrize("place", NAMED)
def test_an_id_is_short(dialect: Either, place: str):
    """It is kept, or told back in the error that says it is unknown."""
    fault = refusal(dialect, NAMED[place])
    assert (fault.code, fault.param) == ("string_above_max_length", place)
    assert len(fault.message) < 300


@both
def test_a_message_has_a_thousand_parts_at_most(dialect: Either):
    """Empty ones take room, too, which no bound on words counts."""
    assert refusal(dialect, created(said(1001))).code == "array_above_max_length"
    assert not isinstance(read(dialect, created(said(1000))), MalformedEvent)
