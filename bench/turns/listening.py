"""Plays a scene to the detector as a session does: frame by frame, with the model of voices and the judge of turns."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bench.turns.scenes import Scene

from antiphon.audio.levels import frame_levels
from antiphon.engines.hearing.silero import SileroVoiceActivity
from antiphon.ports import TurnJudge
from antiphon.realtime.config import ServerVad, TurnDetection
from antiphon.realtime.turns.detector import TurnDetector
from antiphon.realtime.turns.frames import FRAME_MS, FRAME_SAMPLES, RATE_HZ, hear
from antiphon.realtime.turns.playback import Playback
from antiphon.realtime.turns.signs import Sign, TurnQuestioned, VoiceBegan

# A judge hears no more than this.
_JUDGED_SAMPLES = 8 * RATE_HZ
# The judge's word comes a frame after the question.
_LATE_FRAMES = 1


@dataclass(frozen=True)
class Told:
    """A sign, and the ms of the scene at which it was given."""

    at_ms: float
    sign: Sign


class Listener:
    """Hears scenes, each with ears that know nothing of the others."""

    def __init__(self, new_ears: Callable[[], SileroVoiceActivity], judge: TurnJudge | None = None) -> None:
        self._new_ears = new_ears
        self._judge = judge

    def hear(self, scene: Scene, detection: TurnDetection | None = None, *, stops: bool = False) -> list[Told]:
        """Return all signs; where `stops`, an interruption ends our answer, as it does in a session."""
        ears, detector, playback = self._new_ears(), TurnDetector(detection or ServerVad()), Playback()
        if scene.played is not None:
            # Synthesis is faster than speech: the whole answer is sent at once.
            levels = frame_levels(scene.played, RATE_HZ, FRAME_MS)
            playback.sent(levels, len(scene.played) * 1000 / RATE_HZ, 0.0)
        told = list[Told]()
        asked: tuple[int, float] | None = None
        num_frames = len(scene.heard) // FRAME_SAMPLES
        probabilities = ears.judge(scene.heard[: num_frames * FRAME_SAMPLES].tobytes())
        for frame, probability in enumerate(probabilities):
            end_ms = (frame + 1) * FRAME_MS
            heard = hear(scene.heard[frame * FRAME_SAMPLES : (frame + 1) * FRAME_SAMPLES])
            signs = detector.feed(heard, probability, playback.level_at(frame * FRAME_MS))
            if asked is not None and frame == asked[0] + _LATE_FRAMES:
                signs += detector.judged(asked[1])
                asked = None
            for sign in signs:
                told.append(Told(end_ms, sign))
                if isinstance(sign, TurnQuestioned):
                    asked = (frame, self._judged(scene, frame + 1))
                if isinstance(sign, VoiceBegan) and stops:
                    playback.cut(end_ms)
        return told

    def _judged(self, scene: Scene, num_frames: int) -> float:
        if self._judge is None:
            return 1.0
        end = num_frames * FRAME_SAMPLES
        return asyncio.run(self._judge.judge(scene.heard[max(0, end - _JUDGED_SAMPLES) : end].tobytes()))
