"""Questions asked of this server in real time: alone, beside other work, and with interruptions."""

import asyncio
import contextlib
import json
import time
import urllib.request
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.voice.client import Turn, session_of, talking
from bench.voice.questions import INSTRUCTIONS, QUESTIONS
from bench.voice.sound import Samples

TURNS_EACH = 5  # questions in one conversation
STORY = "Tell me a very long story about a sailor, a lighthouse and a storm."
STORYTELLER = "You are a storyteller. You always tell long stories of many sentences."


@dataclass(slots=True)
class Asked:
    """Every turn with the number of its question."""

    turns: list[tuple[int, Turn]] = field(default_factory=list[tuple[int, Turn]])

    def voice_to_voice_ms(self) -> list[float]:
        """The times of the turns that were answered."""
        return [time_ms for _, turn in self.turns if (time_ms := turn.voice_to_voice_ms) is not None]

    def stopped_to_audio_ms(self) -> list[float]:
        """The times from `speech_stopped` to the first audio."""
        return [time_ms for _, turn in self.turns if (time_ms := turn.stopped_to_audio_ms) is not None]

    def num_right(self) -> int:
        """How many of the first round's questions were answered right."""
        first = self.turns[: len(QUESTIONS)]
        return sum(QUESTIONS[number].is_answered_by(turn.transcript) for number, turn in first)


async def ask_all(address: str, model: str, questions: Sequence[Samples], num_turns: int) -> Asked:
    """Ask `num_turns` questions in order, a new conversation every few; an unanswered one is asked no second time."""
    asked = Asked()
    for start in range(0, num_turns, TURNS_EACH):
        async with talking(address, model, session_of(INSTRUCTIONS)) as talker:
            await asyncio.sleep(0.7)
            for turn in range(start, min(start + TURNS_EACH, num_turns)):
                number = turn % len(questions)
                try:
                    asked.turns.append((number, await talker.ask(questions[number])))
                except TimeoutError:
                    asked.turns.append((number, talker.turn))
    return asked


@dataclass(frozen=True, slots=True)
class Interruption:
    """One cut into an answer that was being made; in milliseconds."""

    onset_to_started_ms: float | None
    started_to_last_byte_ms: float
    onset_to_last_byte_ms: float


async def interrupt(address: str, model: str, story: Samples, cut: Samples, num: int) -> list[Interruption]:
    """Ask for a long story and cut in while it is told, `num` times."""
    seen: list[Interruption] = []
    session = session_of(STORYTELLER, max_output_tokens=400)
    for _ in range(num):
        async with talking(address, model, session) as talker:
            await asyncio.sleep(0.5)
            await talker.say(story)
            await talker.first_sound()
            await asyncio.sleep(0.5)
            turn = talker.turn
            num_before, onset = len(turn.started_at), time.monotonic()
            await talker.say(cut)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await talker.done()
            seen.append(_seen(turn, num_before, onset))
    return seen


def _seen(turn: Turn, num_before: int, onset: float) -> Interruption:
    later = turn.started_at[num_before:]
    last = turn.last_delta_at or onset
    started = later[0] if later else None
    return Interruption(
        None if started is None else (started - onset) * 1000,
        max(0.0, (last - (started or onset)) * 1000),
        max(0.0, (last - onset) * 1000),
    )


@asynccontextmanager
async def long_prompts(address: str, model: str, num_tokens: int) -> AsyncGenerator[None, None]:
    """Keep the server computing prompts of `num_tokens`, one after the other, for the length of a block."""
    words = " ".join(f"w{number % 10}" for number in range(num_tokens // 2 - 20))
    body = {"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": words}]}
    request = urllib.request.Request(
        f"{address}/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    is_over = False

    def ask() -> None:
        with urllib.request.urlopen(request, timeout=600) as response:
            response.read()

    async def load() -> None:
        while not is_over:
            await asyncio.to_thread(ask)

    work = asyncio.create_task(load())
    await asyncio.sleep(1)
    try:
        yield
    finally:
        is_over = True
        await work
