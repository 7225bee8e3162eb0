"""Whatever a client sends, no frame that it is sent reaches a MiB: clients of old take no larger ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.scenarios.stage import Stage
from tests.unit.realtime.dialects.reading import Either, both

from antiphon.realtime.client_events import AppendAudio
from antiphon.realtime.effects import Send
from antiphon.realtime.limits import Abilities
from antiphon.realtime.server_events import ErrorTold
from antiphon.testing.ids import CountingIds

NUM_CHARS = (200_000, 1_200_000)
# One that takes a byte of JSON, and one that takes six.
CHARS = ("a", "\x01")


def user(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": list(content)}


def setups(text: str) -> Iterator[dict[str, Any]]:
    yield {"instructions": text}
    yield {"tools": [{"type": "function", "name": "f", "description": text}]}
    yield {"tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "description": text}}]}
    yield {"tracing": {"workflow_name": text}}
    yield {"voice": text}
    yield {text: 1}
    yield {"audio": {"input": {"transcription": {"model": "whisper-1", "prompt": text}}}}
    yield {"input_audio_transcription": {"model": "whisper-1", "prompt": text}}
    yield {"audio": {"output": {"voice": text}}}


def items(text: str) -> Iterator[dict[str, Any]]:
    yield user({"type": "input_text", "text": text})
    yield user(*[{"type": "input_text", "text": text[:1000]}] * 1000)
    yield user({"type": "input_audio", "audio": "AAAA" * 100, "transcript": text})
    yield user({"type": "input_image", "image_url": "data:image/png;base64," + "A" * (len(text) // 4 * 4)})
    picture = {"type": "input_image", "image_url": "data:image/png;base64," + "A" * (len(text) // 4 * 4)}
    yield user({"type": "input_text", "text": text[:400_000]}, picture, picture)
    yield {"type": "message", "role": "system", "content": [{"type": "input_text", "text": text}]}
    yield {"type": "function_call", "call_id": "c", "name": "f", "arguments": text}
    yield {"type": "function_call", "call_id": "c", "name": text, "arguments": "{}"}
    yield {"type": "function_call_output", "call_id": text, "output": ""}
    yield {"type": text}


def events(text: str, kind: str) -> Iterator[dict[str, Any]]:
    """Give client events with a long text in every place where one may stand."""
    for setup in setups(text):
        yield {"type": "session.update", "session": {"type": "realtime", **setup} if kind == "ga" else setup}
    for number, item in enumerate(items(text)):
        yield {"type": "conversation.item.create", "item": {**item, "id": f"i{number}"}}
        yield {"type": "conversation.item.retrieve", "item_id": f"i{number}"}
    yield {"type": "conversation.item.retrieve", "item_id": text}
    yield {"type": "conversation.item.create", "previous_item_id": text, "item": user()}
    yield {"type": "response.create", "response": {"instructions": text, "metadata": {"k": text}}}
    yield {"type": "response.create", "response": {"conversation": "none", "input": list(items(text))[:1]}}
    yield {"type": "response.cancel", "event_id": text}
    yield {"type": "input_audio_buffer.append", "audio": text}
    yield {"type": text}
    yield {text: text}


@both
@pytest.mark.parametrize("char", CHARS, ids=["plain", "control"])
@pytest.mark.parametrize("num_chars", NUM_CHARS)
def test_no_frame_reaches_a_mib(dialect: Either, num_chars: int, char: str):
    """Each event is obeyed or refused, and both in frames of less than that."""
    stage = Stage(config=dialect.initial("gpt-realtime"), abilities=Abilities(takes_images=True))
    ids, num_told = CountingIds(), 0
    for event in events(char * num_chars, dialect.name):
        happening = dialect.read(json.dumps(event), stage.session.config)
        if not isinstance(happening, AppendAudio):
            stage.step(happening)
        told = [effect.event for effect in stage.wanted[num_told:] if isinstance(effect, Send)]
        num_told = len(stage.wanted)
        frames = [frame for said in told for frame in dialect.write(said, ids)]
        assert max(map(len, frames), default=0) < 2**20, (event.get("type", ""), len(frames))


def codes(stage: Stage) -> list[str | None]:
    return [error.fault.code for error in stage.sent if isinstance(error, ErrorTold)]


@both
def test_what_is_too_long_to_be_told_back_is_refused_in_words(dialect: Either):
    """The error says how much may be, and what was there before stays."""
    stage = Stage(config=dialect.initial("gpt-realtime"))
    update = {"type": "session.update", "session": {"instructions": "x" * 600_000}}
    if dialect.name == "ga":
        update["session"]["type"] = "realtime"
    created = {"type": "conversation.item.create", "item": user({"type": "input_text", "text": "x" * 600_000})}
    for event in (update, created):
        stage.step(dialect.read(json.dumps(event), stage.session.config))
    assert codes(stage) == ["session_too_large", "item_too_large"]
    assert all("524288 bytes" in error.fault.message for error in stage.errors())
    assert stage.session.config.instructions == ""
