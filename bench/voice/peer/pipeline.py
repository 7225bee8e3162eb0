"""A Pipecat pipeline of the same models, asked the same questions in real time; it runs in an environment of its own.

It reads one JSON object from standard input:

    {"questions": [WAV, ...], "turns": N, "turns_each": M, "recogniser": FOLDER, "voice": ONNX, "chat_url": URL,
     "model": NAME, "instructions": TEXT, "silence_s": 0.2, "setting": "default" | "best"}

and prints one JSON object a turn: {"question": i, "voice_to_voice_ms": x, "answer": text}. `default` is what Pipecat's
own guide builds: its turn model, and the recogniser in the precision of its file. `best` leaves the turn model out and
runs the recogniser in int8.
"""

import asyncio
import json
import sys
import time
import wave
from array import array
from pathlib import Path
from typing import Any

from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame, StartFrame, TTSTextFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.piper.tts import PiperTTSService
from pipecat.services.whisper.stt import WhisperSTTService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

INPUT_HZ = 16_000
FRAME_MS = 20
# What a listener would take for sound; a 16-bit sample.
AUDIBLE = 200
QUIET_AFTER_S = 1.5
GIVE_UP_S = 15.0


class Microphone(BaseInputTransport):
    """Plays samples into the pipeline in real time, silence where there are none."""

    def __init__(self, params: TransportParams) -> None:
        super().__init__(params)
        self.pending = bytearray()
        self.emptied = asyncio.Event()
        self._playing: asyncio.Task[None] | None = None

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._playing = asyncio.create_task(self._play())

    async def _play(self) -> None:
        num_bytes = INPUT_HZ * FRAME_MS // 1000 * 2
        due = time.monotonic()
        while True:
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            had_sound = bool(self.pending)
            chunk = bytes(self.pending[:num_bytes]).ljust(num_bytes, b"\0")
            del self.pending[:num_bytes]
            await self.push_audio_frame(InputAudioRawFrame(audio=chunk, sample_rate=INPUT_HZ, num_channels=1))
            if had_sound and not self.pending:
                self.emptied.set()


class Ear(BaseOutputTransport):
    """Notes when the first audible sample of an answer comes out."""

    def __init__(self, params: TransportParams) -> None:
        super().__init__(params)
        self.first_at: float | None = None
        self.last_at = 0.0
        self.words: list[str] = []

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        now = time.monotonic()
        offset = first_audible(frame.audio)
        if offset is not None:
            self.last_at = now
            if self.first_at is None:
                self.first_at = now + offset / frame.sample_rate
        return True

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, TTSTextFrame):
            self.words.append(frame.text)
        await super().process_frame(frame, direction)


def first_audible(audio: bytes) -> int | None:
    """Return the place of the first sample that can be heard."""
    samples = array("h", audio)
    return next((place for place, sample in enumerate(samples) if abs(sample) >= AUDIBLE), None)


def last_audible(audio: bytes) -> int:
    """Return the place after the last sample that can be heard."""
    samples = array("h", audio)
    return next(place + 1 for place in range(len(samples) - 1, -1, -1) if abs(samples[place]) >= AUDIBLE)


def read_question(path: str) -> bytes:
    """Return the samples of a question up to its last audible one."""
    with wave.open(path) as file:
        audio = file.readframes(file.getnframes())
    return audio[: last_audible(audio) * 2]


async def ask(microphone: Microphone, ear: Ear, question: bytes) -> dict[str, Any]:
    """Ask once and return what came of it."""
    microphone.emptied.clear()
    microphone.pending += question
    await microphone.emptied.wait()
    # The last frame left now; what of it is padding was not the user's.
    frame_samples = INPUT_HZ * FRAME_MS // 1000
    padding = -(len(question) // 2) % frame_samples
    asked_at = time.monotonic() - padding / INPUT_HZ
    ear.first_at, ear.words = None, []  # what was said into a pause of the question does not count
    # The transport tells no event that can be awaited.
    while ear.first_at is None and time.monotonic() < asked_at + GIVE_UP_S:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    answered = ear.first_at
    while answered is not None and time.monotonic() < ear.last_at + QUIET_AFTER_S:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    voice_to_voice_ms = None if answered is None else round((answered - asked_at) * 1000, 1)
    return {"voice_to_voice_ms": voice_to_voice_ms, "answer": " ".join(ear.words)}


def build(order: dict[str, Any]) -> tuple[PipelineWorker, Microphone, Ear, LLMContext]:
    """Return the pipeline and its ends."""
    is_best = order["setting"] == "best"
    microphone = Microphone(TransportParams(audio_in_enabled=True, audio_in_sample_rate=INPUT_HZ))
    ear = Ear(TransportParams(audio_out_enabled=True, audio_out_sample_rate=24_000))
    hear = WhisperSTTService(
        device="cpu",
        compute_type="int8" if is_best else "default",
        settings=WhisperSTTService.Settings(model=order["recogniser"]),
    )
    think = OpenAILLMService(
        api_key="none",
        base_url=order["chat_url"],
        settings=OpenAILLMService.Settings(model=order["model"], max_tokens=order["answer_tokens"]),
    )
    voice = Path(order["voice"])
    speak = PiperTTSService(download_dir=voice.parent, settings=PiperTTSService.Settings(voice=voice.stem))
    stops = [SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)] if is_best else None
    context = LLMContext([{"role": "system", "content": order["instructions"]}])
    pair = LLMContextAggregatorPair(
        context,
        user_params=LLMUserAggregatorParams(
            vad_analyzer=SileroVADAnalyzer(params=VADParams(stop_secs=order["silence_s"])),
            user_turn_strategies=UserTurnStrategies(stop=stops),
        ),
    )
    pipeline = Pipeline([microphone, hear, pair.user(), think, speak, ear, pair.assistant()])
    return PipelineWorker(pipeline, params=PipelineParams(), idle_timeout_secs=None), microphone, ear, context


async def run(order: dict[str, Any]) -> None:
    """Ask all questions in turn, beginning a new conversation every `turns_each`."""
    worker, microphone, ear, context = build(order)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    life = asyncio.create_task(runner.run())
    questions = [read_question(path) for path in order["questions"]]
    await asyncio.sleep(2)
    for turn in range(-1, order["turns"]):  # the first, which no one counts, warms what is cold
        number = turn % len(questions)
        if turn % order["turns_each"] == 0:
            context.set_messages([{"role": "system", "content": order["instructions"]}])
        outcome = await ask(microphone, ear, questions[number])
        if turn >= 0:
            print(json.dumps({"question": number, **outcome}), flush=True)
    await worker.cancel()
    await asyncio.wait({life}, timeout=5)


if __name__ == "__main__":
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    asyncio.run(run(json.load(sys.stdin)))
