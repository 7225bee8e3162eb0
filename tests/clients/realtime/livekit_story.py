"""livekit-plugins-openai: a reply to text, a reply to speech, and an interruption."""

import asyncio

import aiohttp
from livekit import rtc
from livekit.agents import llm
from livekit.plugins.openai import realtime
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad
from speaking import RATE_HZ, realtime_url, spoken


async def words_of(generation):
    """Return the text and the number of samples of a reply."""
    text, samples = "", 0
    async for message in generation.message_stream:

        async def read_text(stream=message.text_stream):
            return "".join([piece async for piece in stream])

        async def read_audio(stream=message.audio_stream):
            return sum([frame.samples_per_channel async for frame in stream])

        new_text, new_samples = await asyncio.gather(read_text(), read_audio())
        text, samples = text + new_text, samples + new_samples
    return text, samples


async def main():
    """Tell the story."""
    async with aiohttp.ClientSession() as http:
        model = realtime.RealtimeModel(
            model="gpt-realtime",
            base_url=realtime_url().removesuffix("/v1").replace("ws", "http", 1) + "/v1",
            api_key="sk-any",
            http_session=http,
            turn_detection=ServerVad(type="server_vad", silence_duration_ms=300),
        )
        session = model.session()
        faults: list[object] = []
        started: list[object] = []
        heard: list[llm.InputTranscriptionCompleted] = []
        generations: asyncio.Queue[llm.GenerationCreatedEvent] = asyncio.Queue()
        session.on("error", faults.append)
        session.on("input_speech_started", started.append)
        session.on("input_audio_transcription_completed", heard.append)
        session.on("generation_created", generations.put_nowait)
        await session.update_instructions("Answer in one short sentence.")

        generation = await session.generate_reply(instructions="Say good morning.")
        text, samples = await asyncio.wait_for(words_of(generation), 60)
        assert text
        assert samples > 5000, (text, samples)
        while not generations.empty():
            generations.get_nowait()

        audio = spoken("What is the capital of Italy?")
        session.push_audio(rtc.AudioFrame(audio, RATE_HZ, 1, len(audio) // 2))
        generation = await asyncio.wait_for(generations.get(), 60)
        text, samples = await asyncio.wait_for(words_of(generation), 60)
        assert text
        assert samples > 5000, (text, samples)
        assert any("capital" in event.transcript.lower() for event in heard), heard
        assert started

        generation = await session.generate_reply(instructions="Tell a very long story about the sea.")
        message = await anext(aiter(generation.message_stream))
        await anext(aiter(message.audio_stream))
        session.interrupt()
        session.truncate(
            message_id=message.message_id, modalities=["audio", "text"], audio_end_ms=100, audio_transcript=""
        )
        await asyncio.sleep(2)  # an error would come by now
        assert not faults, faults
        await session.aclose()


asyncio.run(main())
