"""From frames to signs: who speaks, and until when."""

from enum import Enum

from antiphon.realtime.config import ServerVad, TurnDetection
from antiphon.realtime.turns.echo import MARGIN_DB, EchoPath
from antiphon.realtime.turns.frames import FRAME_MS, HeardFrame
from antiphon.realtime.turns.patience import patience_for
from antiphon.realtime.turns.signs import (
    EndSuspected,
    Sign,
    TurnEnded,
    VoiceBegan,
    VoiceDismissed,
    VoiceResumed,
    VoiceSuspected,
)

# Shorter sounds are clicks, coughs and doors.
MIN_SPEECH_MS = 96.0
# Over our own audio a voice must last this long.
MIN_INTERRUPTION_MS = 160.0
# So long may a voice fail within a run that is not confirmed yet: the closure of a plosive.
MAX_GAP_MS = 64.0
# A voice that was heard goes on until its probability falls this much below the threshold.
HYSTERESIS = 0.15


class _State(Enum):
    SILENT = "silent"
    SUSPECTED = "suspected"
    SPEAKING = "speaking"
    PAUSING = "pausing"


class TurnDetector:
    """Follows one user through one stream of frames."""

    def __init__(self, detection: TurnDetection, first_frame: int = 0) -> None:
        self._threshold = detection.threshold if isinstance(detection, ServerVad) else ServerVad().threshold
        self._patience = patience_for(detection)
        self._echo = EchoPath()
        self._frame = first_frame - 1
        self._state = _State.SILENT
        self._first_frame = first_frame
        self._last_voiced_frame = first_frame
        self._num_voiced = 0

    def feed(self, frame: HeardFrame, probability: float, played_dbfs: float | None) -> list[Sign]:
        """Take the next frame, how likely it is a voice, and how loud our own audio plays in it (None: not at all)."""
        self._frame += 1
        echo_dbfs = self._echo.expected_dbfs(played_dbfs)
        is_voiced = self._is_voice(probability) and (echo_dbfs is None or frame.level_dbfs > echo_dbfs + MARGIN_DB)
        if self._state in {_State.SILENT, _State.SUSPECTED}:
            return self._before_the_turn(is_voiced, is_over_ours=echo_dbfs is not None)
        return self._within_the_turn(is_voiced)

    def judged(self, probability: float) -> list[Sign]:
        """Take the answer to a `TurnQuestioned`: how likely the user is done. It may end the turn at once."""
        self._patience.judged(probability)
        return self._end_if_due() if self._state is _State.PAUSING else []

    def _is_voice(self, probability: float) -> bool:
        return probability >= self._threshold - (0.0 if self._state is _State.SILENT else HYSTERESIS)

    def _before_the_turn(self, is_voiced: bool, *, is_over_ours: bool) -> list[Sign]:
        signs = list[Sign]()
        if self._state is _State.SILENT:
            if not is_voiced:
                return []
            self._state, self._first_frame, self._num_voiced = _State.SUSPECTED, self._frame, 0
            signs.append(VoiceSuspected(self._frame))
        if is_voiced:
            self._num_voiced += 1
            self._last_voiced_frame = self._frame
        elif (self._frame - self._last_voiced_frame) * FRAME_MS > MAX_GAP_MS:
            self._state = _State.SILENT
            return [*signs, VoiceDismissed(self._first_frame)]
        if self._num_voiced * FRAME_MS >= (MIN_INTERRUPTION_MS if is_over_ours else MIN_SPEECH_MS):
            self._state = _State.SPEAKING
            signs.append(VoiceBegan(self._first_frame))
        return signs

    def _within_the_turn(self, is_voiced: bool) -> list[Sign]:
        if is_voiced:
            was_pausing = self._state is _State.PAUSING
            self._state, self._last_voiced_frame = _State.SPEAKING, self._frame
            return [VoiceResumed(self._frame)] if was_pausing else []
        silence_ms = (self._frame - self._last_voiced_frame) * FRAME_MS
        signs = list[Sign]()
        if self._state is _State.SPEAKING and silence_ms >= self._patience.suspects_after_ms:
            self._state = _State.PAUSING
            self._patience.begin()
            signs.append(EndSuspected(self._last_voiced_frame))
        if self._state is _State.PAUSING:
            signs += self._patience.questions(silence_ms, self._last_voiced_frame)
            signs += self._end_if_due()
        return signs

    def _end_if_due(self) -> list[Sign]:
        silence_ms = (self._frame - self._last_voiced_frame) * FRAME_MS
        if silence_ms < self._patience.ends_after_ms:
            return []
        self._state = _State.SILENT
        return [TurnEnded(self._last_voiced_frame, self._frame)]
