"""openai-python, `client.realtime.connect`: text, speech, functions, cancelling, truncating, out of band, errors."""

import asyncio
import base64
import json

from openai import AsyncOpenAI
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter
from speaking import realtime_url, spoken

STRICT = TypeAdapter(RealtimeServerEvent)
MODEL = "gpt-realtime"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


async def until(connection, kind):
    """Read up to an event of a type; return all that came, each checked against the SDK's own types."""
    seen = []
    while not seen or seen[-1].type != kind:
        event = await asyncio.wait_for(connection.recv(), 60)
        STRICT.validate_json(event.model_dump_json(exclude_unset=True))
        assert event.type != "error", event
        seen.append(event)
    return seen


def of(seen, kind):
    """Return those of a type."""
    return [event for event in seen if event.type == kind]


async def say_in_text(connection, text):
    """Add what the user writes."""
    await connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    )


async def text_turn(connection):
    """A question in text is answered in text."""
    await connection.session.update(
        session={"type": "realtime", "output_modalities": ["text"], "instructions": "Answer in one short sentence."}
    )
    await until(connection, "session.updated")
    await say_in_text(connection, "What is the capital of France?")
    await connection.response.create()
    seen = await until(connection, "response.done")
    text = "".join(event.delta for event in of(seen, "response.output_text.delta"))
    assert "Paris" in text, text
    usage = seen[-1].response.usage
    assert usage.input_tokens > 0
    assert usage.output_tokens > 0


async def spoken_turn(connection):
    """A spoken question is heard, transcribed and answered in speech; the answer is cut where it was heard."""
    await connection.session.update(
        session={
            "type": "realtime",
            "output_modalities": ["audio"],
            "audio": {
                "input": {
                    "transcription": {"model": "gpt-4o-mini-transcribe"},
                    "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
                }
            },
        }
    )
    await until(connection, "session.updated")
    audio = spoken("What is the capital of Italy?")
    for start in range(0, len(audio), 4801):  # a chunk may end inside a sample
        await connection.input_audio_buffer.append(audio=base64.b64encode(audio[start : start + 4801]).decode())
    seen = await until(connection, "response.done")
    assert of(seen, "input_audio_buffer.speech_started")
    assert of(seen, "input_audio_buffer.speech_stopped")
    answer = b"".join(base64.b64decode(event.delta) for event in of(seen, "response.output_audio.delta"))
    transcript = "".join(event.delta for event in of(seen, "response.output_audio_transcript.delta"))
    assert transcript
    assert len(answer) > 10_000
    seen += (
        []
        if of(seen, "conversation.item.input_audio_transcription.completed")
        else await until(connection, "conversation.item.input_audio_transcription.completed")
    )
    heard = of(seen, "conversation.item.input_audio_transcription.completed")[0].transcript
    assert "capital" in heard.lower(), heard
    done = of(seen, "response.done")[0].response
    assert done.usage.output_token_details.audio_tokens == -(-len(answer) // (2 * 1200)), done.usage

    item = done.output[0].id
    await connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=300)
    await until(connection, "conversation.item.truncated")
    await connection.conversation.item.retrieve(item_id=item)
    kept = (await until(connection, "conversation.item.retrieved"))[-1].item.content[0].transcript
    assert transcript.startswith(kept)
    assert len(kept) < len(transcript), kept
    await connection.conversation.item.delete(item_id=item)
    await until(connection, "conversation.item.deleted")


async def pushed_turn(connection):
    """With turn detection off, the client commits and asks."""
    await connection.session.update(session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    await until(connection, "session.updated")
    await connection.input_audio_buffer.append(audio=base64.b64encode(bytes(9600)).decode())
    await connection.input_audio_buffer.clear()
    await until(connection, "input_audio_buffer.cleared")
    await connection.input_audio_buffer.append(audio=base64.b64encode(spoken("What do bees make?")).decode())
    await connection.input_audio_buffer.commit()
    await until(connection, "input_audio_buffer.committed")
    await connection.response.create()
    seen = await until(connection, "response.done")
    assert "".join(event.delta for event in of(seen, "response.output_audio_transcript.delta"))
    assert of(seen, "response.output_audio.delta")
    kind = "conversation.item.input_audio_transcription.completed"
    heard = of(seen, kind) or await until(connection, kind)
    assert "bees" in heard[-1].transcript.lower(), heard[-1].transcript


async def function_turn(connection):
    """A function is called and its result spoken of."""
    await connection.session.update(
        session={"type": "realtime", "output_modalities": ["text"], "tools": [WEATHER], "tool_choice": "required"}
    )
    await until(connection, "session.updated")
    await say_in_text(connection, "What is the weather in Oslo?")
    await connection.response.create()
    seen = await until(connection, "response.done")
    call = of(seen, "response.function_call_arguments.done")[0]
    assert call.name == "get_weather"
    assert "Oslo" in json.loads(call.arguments)["city"]
    await connection.conversation.item.create(
        item={"type": "function_call_output", "call_id": call.call_id, "output": '{"weather": "snow"}'}
    )
    await connection.response.create(response={"tool_choice": "none"})
    seen = await until(connection, "response.done")
    text = "".join(event.delta for event in of(seen, "response.output_text.delta"))
    assert "snow" in text.lower(), text
    await connection.session.update(session={"type": "realtime", "tools": [], "tool_choice": "auto"})
    await until(connection, "session.updated")


async def cancelled_turn(connection):
    """An answer that is cancelled ends as cancelled, and nothing of it follows."""
    await say_in_text(connection, "Tell me a very long story.")
    await connection.response.create(response={"output_modalities": ["audio"]})
    await until(connection, "response.output_audio.delta")
    await connection.response.cancel()
    seen = await until(connection, "response.done")
    assert seen[-1].response.status == "cancelled", seen[-1].response


async def out_of_band(connection):
    """An answer out of band has its own context and leaves the conversation alone."""
    await connection.response.create(
        response={
            "conversation": "none",
            "output_modalities": ["text"],
            "metadata": {"topic": "colours"},
            "input": [
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Name a colour."}]}
            ],
        }
    )
    seen = await until(connection, "response.done")
    assert seen[-1].response.metadata == {"topic": "colours"}
    assert seen[-1].response.conversation_id is None
    assert not of(seen, "conversation.item.added")


async def errors(connection):
    """A mistake is told with its cause, and the session goes on."""
    await connection.send({"type": "response.cancel", "event_id": "mine_1"})
    event = await asyncio.wait_for(connection.recv(), 30)
    while event.type != "error":  # what is left of the turn before
        event = await asyncio.wait_for(connection.recv(), 30)
    assert (event.error.code, event.error.event_id) == ("response_cancel_not_active", "mine_1")
    await text_turn(connection)


async def transcription_session(client):
    """A session for transcription alone."""
    secret = await client.realtime.client_secrets.create(
        session={
            "type": "transcription",
            "audio": {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}, "turn_detection": None}},
        }
    )
    assert secret.value.startswith("ek_")
    ephemeral = AsyncOpenAI(api_key=secret.value, websocket_base_url=realtime_url())
    async with ephemeral.realtime.connect(extra_query={"intent": "transcription"}) as connection:
        await until(connection, "session.created")
        await connection.input_audio_buffer.append(audio=base64.b64encode(spoken("The train leaves at noon.")).decode())
        await connection.input_audio_buffer.commit()
        seen = await until(connection, "conversation.item.input_audio_transcription.completed")
        assert "train" in seen[-1].transcript.lower(), seen[-1].transcript


async def main():
    """Tell the story."""
    client = AsyncOpenAI(websocket_base_url=realtime_url())
    async with client.realtime.connect(model=MODEL) as connection:
        seen = await until(connection, "session.created")
        assert seen[0].session.type == "realtime"
        for turn in (text_turn, spoken_turn, pushed_turn, function_turn, cancelled_turn, out_of_band, errors):
            await turn(connection)
    await transcription_session(client)


asyncio.run(main())
