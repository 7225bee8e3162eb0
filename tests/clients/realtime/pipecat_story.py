"""Pipecat's Realtime service, which ends at the first event that it does not know: text and speech."""

import asyncio

from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    InputAudioTranscription,
    SessionProperties,
    TurnDetection,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.workers.runner import WorkerRunner
from speaking import RATE_HZ, realtime_url, spoken


class Listener(FrameProcessor):
    """Collects what the service says."""

    def __init__(self):
        super().__init__()
        self.num_bytes, self.text, self.heard, self.faults = 0, "", "", []
        self.ended = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection):
        """Note the frame and pass it on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.num_bytes += len(frame.audio)
        elif isinstance(frame, TTSTextFrame):
            self.text += frame.text
        elif isinstance(frame, TranscriptionFrame):
            self.heard += frame.text
        elif isinstance(frame, LLMFullResponseEndFrame):
            self.ended.set()
        elif isinstance(frame, ErrorFrame):
            self.faults.append(frame.error)
        await self.push_frame(frame, direction)

    async def answer(self):
        """Wait for the end of an answer that said something, and return its text."""
        text = ""
        while not text:
            await asyncio.wait_for(self.ended.wait(), 60)
            self.ended.clear()
            text, self.text = self.text, ""
        return text


async def talk(worker, user, listener):
    """A question in text, and one in speech."""
    context = LLMContext([{"role": "user", "content": "What is the capital of France?"}])
    await worker.queue_frames([LLMContextFrame(context)])
    text = await listener.answer()
    assert "Paris" in text, text

    audio = spoken("What is the capital of Italy?")
    chunk = RATE_HZ // 50 * 2
    for start in range(0, len(audio), chunk):
        piece = audio[start : start + chunk]
        await worker.queue_frames([InputAudioRawFrame(audio=piece, sample_rate=RATE_HZ, num_channels=1)])
        await asyncio.sleep(0.005)
    assert await listener.answer()
    assert "capital" in user.heard.lower(), user.heard
    assert listener.num_bytes > 20_000
    assert not listener.faults, listener.faults


async def main():
    """Tell the story."""
    properties = SessionProperties(
        audio=AudioConfiguration(
            input=AudioInput(
                transcription=InputAudioTranscription(),
                turn_detection=TurnDetection(type="server_vad", silence_duration_ms=300),
            )
        )
    )
    service = OpenAIRealtimeLLMService(
        api_key="sk-any",
        base_url=f"{realtime_url()}/realtime",
        settings=OpenAIRealtimeLLMService.Settings(
            model="gpt-realtime",
            system_instruction="Answer in one short sentence.",
            session_properties=properties,
        ),
    )
    user, listener = Listener(), Listener()
    worker = PipelineWorker(Pipeline([user, service, listener]), idle_timeout_secs=None)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    life = asyncio.create_task(runner.run())

    try:
        await talk(worker, user, listener)
    finally:
        await worker.queue_frames([EndFrame()])
        await asyncio.wait({life}, timeout=10)


asyncio.run(main())
