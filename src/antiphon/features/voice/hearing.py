"""Ears: voices in frames, words in audio, and whether a speaker is done."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from antiphon.features.voice.engagement import Engagement, Tell
from antiphon.ports import VoiceActivity
from antiphon.realtime.effects import JudgeTurn, JudgeVoice, Recognise
from antiphon.realtime.facts import RecognitionDone, TurnJudged, VoiceJudged, WordsHeard
from antiphon.realtime.input import heard_samples
from antiphon.speech.facts import SegmentHeard
from antiphon.speech.work import RecognitionWork

_FRAME_BYTES = 1024  # 512 samples
# Judged in one go: about 3 ms, after which other sessions have their turn.
_FRAMES_IN_A_GO = 16


async def judged_frames(ears: VoiceActivity, effect: JudgeVoice) -> AsyncGenerator[VoiceJudged, None]:
    """Judge the frames of `effect`, some at a time; others run in between."""
    step = _FRAMES_IN_A_GO * _FRAME_BYTES
    for start in range(0, len(effect.samples), step):
        if start:
            await asyncio.sleep(0)
        probabilities = ears.judge(effect.samples[start : start + step])
        yield VoiceJudged(effect.first_frame + start // _FRAME_BYTES, probabilities)


async def recognise(engagement: Engagement, effect: Recognise, tell: Tell) -> None:
    """Tell the words in the audio. Raises `RequestError` or `EngineError`."""
    recogniser, model = engagement.find_recogniser(effect.model, effect.language)
    work = RecognitionWork(
        id=effect.work_id,
        organization=engagement.organization,
        model=model,
        samples=await _samples_of(effect),
        language=effect.language,
        prompt=effect.prompt,
        is_urgent=effect.is_urgent,
    )
    async with aclosing(recogniser.recognise(work)) as facts:
        async for fact in facts:
            if isinstance(fact, SegmentHeard):
                await tell(WordsHeard(effect.work_id, fact.text))
    await tell(RecognitionDone(effect.work_id))


async def _samples_of(effect: Recognise) -> bytes:
    """Return what is to be recognised, made piece by piece; others run in between."""
    pieces = list[bytes]()
    for piece in heard_samples(effect.audio, effect.format, effect.noise_reduction):
        if pieces:
            await asyncio.sleep(0)
        pieces.append(piece)
    return b"".join(pieces)


async def judge_turn(engagement: Engagement, effect: JudgeTurn, tell: Tell) -> None:
    """Tell whether the speaker is done. Raises `RequestError` or `EngineError`."""
    probability = await engagement.speech.turn_judge(engagement.model).judge(effect.samples)
    await tell(TurnJudged(effect.work_id, probability))
