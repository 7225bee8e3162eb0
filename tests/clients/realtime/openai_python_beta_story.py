"""openai-python, `client.beta.realtime.connect`: the API of October 2024, whole and unmixed."""

import asyncio
import base64
import json

from openai import AsyncOpenAI
from openai.types.beta.realtime import RealtimeServerEvent
from pydantic import TypeAdapter
from speaking import realtime_url, spoken

STRICT = TypeAdapter(RealtimeServerEvent)
MODEL = "gpt-4o-realtime-preview-2024-10-01"


async def until(connection, kind):
    """Read up to an event of a type, each checked against the SDK's own types; none may have a newer name."""
    seen = []
    while not seen or seen[-1].type != kind:
        event = await asyncio.wait_for(connection.recv(), 60)
        STRICT.validate_json(event.model_dump_json(exclude_unset=True))
        assert event.type != "error", event
        assert "response.output_audio" not in event.type
        assert "response.output_text" not in event.type
        assert event.type not in {"conversation.item.added", "conversation.item.done", "conversation.created"}
        seen.append(event)
    return seen


def of(seen, kind):
    """Return those of a type."""
    return [event for event in seen if event.type == kind]


async def spoken_turn(connection):
    """Push to talk, and an answer with both modalities."""
    await connection.session.update(
        session={
            "modalities": ["text", "audio"],
            "instructions": "Answer in one short sentence.",
            "voice": "verse",
            "turn_detection": None,
            "input_audio_transcription": {"model": "whisper-1"},
            "temperature": 0.8,
            "max_response_output_tokens": 200,
        }
    )
    updated = (await until(connection, "session.updated"))[-1].session
    assert updated.modalities == ["text", "audio"] or set(updated.modalities) == {"text", "audio"}
    await connection.input_audio_buffer.append(audio=base64.b64encode(spoken("What is the capital of Spain?")).decode())
    await connection.input_audio_buffer.commit()
    await connection.response.create()
    seen = await until(connection, "response.done")
    transcript = "".join(event.delta for event in of(seen, "response.audio_transcript.delta"))
    assert transcript
    assert of(seen, "response.audio.delta")
    assert of(seen, "conversation.item.created")
    kind = "conversation.item.input_audio_transcription.completed"
    heard = of(seen, kind) or await until(connection, kind)
    assert "capital" in heard[-1].transcript.lower(), heard[-1].transcript
    item = of(seen, "response.done")[0].response.output[0].id
    await connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=200)
    await until(connection, "conversation.item.truncated")
    await connection.conversation.item.delete(item_id=item)
    await until(connection, "conversation.item.deleted")


async def phone_turn(connection):
    """A telephone's format, in and out, with the server's turn detection."""
    await connection.session.update(
        session={
            "input_audio_format": "g711_ulaw",
            "output_audio_format": "g711_ulaw",
            "turn_detection": {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 300},
        }
    )
    await until(connection, "session.updated")
    silence = b"\xff" * 8000
    await connection.input_audio_buffer.append(audio=base64.b64encode(silence).decode())
    await connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Say good morning."}]}
    )
    await connection.response.create()
    seen = await until(connection, "response.done")
    audio = b"".join(base64.b64decode(event.delta) for event in of(seen, "response.audio.delta"))
    assert len(audio) > 2000


async def function_turn(connection):
    """A function is called, its result is given."""
    tool = {
        "type": "function",
        "name": "get_time",
        "description": "Get the time in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    await connection.session.update(session={"modalities": ["text"], "tools": [tool], "tool_choice": "required"})
    await until(connection, "session.updated")
    await connection.conversation.item.create(
        item={
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "What time is it in Rome?"}],
        }
    )
    await connection.response.create()
    seen = await until(connection, "response.done")
    call = of(seen, "response.function_call_arguments.done")[0]
    assert json.loads(call.arguments)["city"]
    await connection.conversation.item.create(
        item={"type": "function_call_output", "call_id": call.call_id, "output": "nine o'clock"}
    )
    await connection.response.create(response={"tool_choice": "none"})
    seen = await until(connection, "response.done")
    assert of(seen, "response.text.delta")


async def main():
    """Tell the story."""
    client = AsyncOpenAI(websocket_base_url=realtime_url())
    async with client.beta.realtime.connect(model=MODEL) as connection:
        await until(connection, "session.created")
        for turn in (spoken_turn, phone_turn, function_turn):
            await turn(connection)
        await connection.send({"type": "response.cancel", "event_id": "mine_1"})
        event = await asyncio.wait_for(connection.recv(), 30)
        while event.type != "error":  # what is left of the turn before
            event = await asyncio.wait_for(connection.recv(), 30)
        assert event.error.event_id == "mine_1"


asyncio.run(main())
