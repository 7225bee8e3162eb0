"""openai-agents for Python, which validates every event strictly: text, speech, a tool."""

import asyncio

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner
from speaking import realtime_url, spoken

CALLED: list[str] = []
MOST_ASKED = 4  # half a billion parameters do not call a tool every time


@function_tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    CALLED.append(city)
    return f"It snows in {city}."


async def ended(session):
    """Read up to the end of the agent's answer; return the types and all words of the assistant."""
    kinds, audio = [], 0
    async for event in session:
        kinds.append(event.type)
        assert event.type != "error", event
        if event.type == "audio":
            audio += len(event.audio.data)
        if event.type == "agent_end":
            return kinds, audio
    raise AssertionError("the session ended")


async def main():
    """Tell the story."""
    agent = RealtimeAgent(
        name="helper", instructions="Answer in one short sentence. Use the tool for weather.", tools=[get_weather]
    )
    runner = RealtimeRunner(starting_agent=agent)
    config = {
        "api_key": "sk-any",
        "url": f"{realtime_url()}/realtime?model=gpt-realtime",
        "initial_model_settings": {
            "model_name": "gpt-realtime",
            "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 300}}},
        },
    }
    async with await runner.run(model_config=config) as session:
        await session.send_message("What is the capital of France?")
        kinds, audio = await asyncio.wait_for(ended(session), 60)
        assert audio > 10_000, kinds

        await session.send_audio(spoken("What is the capital of Italy?"))
        async with asyncio.timeout(60):
            audio = 0
            while audio < 10_000:  # a pause in the question may end a turn, whose answer is then cut off
                _, audio = await ended(session)

        async with asyncio.timeout(90):
            for _ in range(MOST_ASKED):
                await session.send_message("Use the tool: what is the weather in Oslo?")
                audio = 0
                while not audio:  # the call ends an answer of its own
                    _, audio = await ended(session)
                if any("Oslo" in city for city in CALLED):
                    break
        assert any("Oslo" in city for city in CALLED), CALLED


asyncio.run(main())
