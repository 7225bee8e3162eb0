"""One who talks to a Realtime server: a microphone that never stops, and an ear that notes when sound comes."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bench.voice.sound import RATE_HZ, Samples, first_audible
from websockets.asyncio.client import ClientConnection, connect

FRAME_MS = 20
_FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
_SILENCE = np.zeros(_FRAME_SAMPLES, dtype=np.int16)
GIVE_UP_S = 20.0
# Enough for a sentence or two: an answer is heard out before the next question.
ANSWER_TOKENS = 32


@dataclass(slots=True)
class Turn:
    """What one question got; times are those of `time.monotonic`."""

    asked_at: float = 0.0
    stopped_at: float | None = None  # `speech_stopped`
    first_delta_at: float | None = None
    first_sound_at: float | None = None
    last_delta_at: float | None = None
    done_at: float | None = None
    started_at: list[float] = field(default_factory=list)  # `speech_started`
    num_samples: int = 0  # of the answer
    transcript: str = ""
    heard: str = ""
    status: str = ""
    stages_ms: dict[str, float] = field(default_factory=dict)

    @property
    def voice_to_voice_ms(self) -> float | None:
        """From the end of the user's speech in the audio to the first sample of the answer that can be heard."""
        return None if self.first_sound_at is None else (self.first_sound_at - self.asked_at) * 1000

    @property
    def stopped_to_audio_ms(self) -> float | None:
        """From `speech_stopped` to the first audio."""
        if self.stopped_at is None or self.first_delta_at is None:
            return None
        return (self.first_delta_at - self.stopped_at) * 1000


class Talker:
    """A conversation over one socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._pending: list[Samples] = []
        self._emptied = asyncio.Event()
        self._padding = 0
        self.turn = Turn()
        self._changed = asyncio.Event()
        self.responses: dict[str, int] = {}

    async def ask(self, question: Samples, *, quiet_s: float = 0.6) -> Turn:
        """Speak a question and return what came, once the answer was heard out and some quiet went by.

        What is said into a pause of the question is cut off by the rest of it, and does not count.
        """
        self.turn = Turn()
        await self.say(question)
        started_at = self.turn.started_at
        self.turn = turn = Turn(asked_at=time.monotonic() - self._padding / RATE_HZ, started_at=started_at)
        await self._until(lambda: turn.done_at is not None, GIVE_UP_S)
        heard_out_at = (turn.first_sound_at or 0.0) + turn.num_samples / RATE_HZ
        await asyncio.sleep(max(0.0, heard_out_at - time.monotonic()) + quiet_s)
        return turn

    async def say(self, samples: Samples) -> None:
        """Speak in real time; return when the last frame left."""
        self._padding = -len(samples) % _FRAME_SAMPLES
        padded = np.concatenate([samples, np.zeros(self._padding, dtype=np.int16)])
        self._emptied.clear()
        self._pending += list(padded.reshape(-1, _FRAME_SAMPLES))
        await self._emptied.wait()

    async def send(self, event: dict[str, Any]) -> None:
        """Send a client event."""
        await self._socket.send(json.dumps(event))

    async def first_sound(self) -> None:
        """Wait until the answer can be heard."""
        await self._until(lambda: self.turn.first_sound_at is not None, GIVE_UP_S)

    async def done(self) -> None:
        """Wait until the response is done."""
        await self._until(lambda: self.turn.done_at is not None, GIVE_UP_S)

    async def microphone(self) -> None:
        """Send a frame every `FRAME_MS`, for ever."""
        due = time.monotonic()
        while True:
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            frame = self._pending.pop(0) if self._pending else _SILENCE
            await self.send({"type": "input_audio_buffer.append", "audio": base64.b64encode(frame.tobytes()).decode()})
            if frame is not _SILENCE and not self._pending:
                self._emptied.set()

    async def ear(self) -> None:
        """Note what comes, for ever."""
        async for frame in self._socket:
            self._note(json.loads(frame), time.monotonic())
            self._changed.set()

    def _note(self, event: dict[str, Any], now: float) -> None:
        turn = self.turn
        match event["type"]:
            case "response.output_audio.delta":
                samples = np.frombuffer(base64.b64decode(event["delta"]), dtype="<i2")
                turn.first_delta_at = turn.first_delta_at or now
                turn.last_delta_at = now
                turn.num_samples += len(samples)
                offset = first_audible(samples)
                if turn.first_sound_at is None and offset is not None:
                    turn.first_sound_at = now + offset / RATE_HZ
            case "response.output_audio_transcript.delta":
                turn.transcript += event["delta"]
            case "conversation.item.input_audio_transcription.completed":
                turn.heard = event["transcript"]
            case "input_audio_buffer.speech_started":
                turn.started_at.append(now)
            case "input_audio_buffer.speech_stopped":
                turn.stopped_at = now
            case "response.done" if turn.asked_at == 0 or event["response"]["status"] != "cancelled":
                turn.done_at, turn.status = now, event["response"]["status"]
            case "antiphon.turn.timed":
                turn.stages_ms = event["stages_ms"]
            case "error":
                raise RuntimeError(event["error"]["message"])
            case _:
                pass

    async def _until(self, is_so: Any, within_s: float) -> None:
        async with asyncio.timeout(within_s):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def talking(address: str, model: str, session: dict[str, Any]) -> AsyncGenerator[Talker, None]:
    """Open a conversation, set it up, and keep microphone and ear going for the length of a block."""
    url = f"{address.replace('http', 'ws', 1)}/v1/realtime?model={model}&antiphon=events"
    async with connect(url, compression=None, max_size=None) as socket:
        talker = Talker(socket)
        await talker.send({"type": "session.update", "session": {"type": "realtime", **session}})
        tasks = [asyncio.create_task(work) for work in (talker.microphone(), talker.ear())]
        try:
            yield talker
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def session_of(
    instructions: str, *, max_output_tokens: int | str = ANSWER_TOKENS, transcribes: bool = False
) -> dict[str, Any]:
    """Return a set-up with a silence of 200 ms, as the hosted service has it."""
    audio: dict[str, Any] = {
        "input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 200, "threshold": 0.5}}
    }
    if transcribes:
        audio["input"]["transcription"] = {"model": "gpt-4o-mini-transcribe"}
    return {"instructions": instructions, "max_output_tokens": max_output_tokens, "audio": audio}
