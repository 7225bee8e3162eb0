"""From frames to signs: who speaks, and until when."""

from enum import Enum

from antiphon.realtime.config import ServerVad, TurnDetection
from antiphon.realtime.turns.background import Background
from antiphon.realtime.turns.echo import EchoPath
from antiphon.realtime.turns.frames import FRAME_MS, HeardFrame
from antiphon.realtime.turns.onset import Moment, Onset
from antiphon.realtime.turns.patience import patience_for
from antiphon.realtime.turns.signs import EndSuspected, Sign, TurnEnded, VoiceBegan, VoiceResumed

# A voice that was heard goes on until its probability falls this much below the threshold.
HYSTERESIS = 0.15
# A voice that goes on is louder than the quietest moments of the room by this much: the model itself takes 30 to 90 ms
# of silence for a voice still.
STANDS_OUT_DB = 6.0

_NONE_DBFS = -100.0


class _State(Enum):
    WAITING = "waiting"
    SPEAKING = "speaking"
    PAUSING = "pausing"


class TurnDetector:
    """Follows one user through one stream of frames."""

    def __init__(self, detection: TurnDetection, first_frame: int = 0) -> None:
        self._threshold = detection.threshold if isinstance(detection, ServerVad) else ServerVad().threshold
        self._patience = patience_for(detection)
        self._echo = EchoPath()
        self._background = Background()
        self._onset = Onset()
        self._state = _State.WAITING
        self._frame = first_frame - 1
        self._last_voiced_frame = self._frame

    def feed(self, frame: HeardFrame, probability: float, played_dbfs: float | None) -> list[Sign]:
        """Take the next frame, how likely it is a voice, and how loud our own audio plays in it (None: not at all)."""
        self._frame += 1
        moment = self._moment(frame, probability, played_dbfs)
        if self._state is not _State.WAITING:
            self._echo.forget()
            return self._within_the_turn(is_voiced=moment.is_voiced)
        signs = self._onset.feed(moment)
        if any(isinstance(sign, VoiceBegan) for sign in signs):
            self._state, self._last_voiced_frame = _State.SPEAKING, self._frame
        elif self._onset.is_silent:
            self._echo.learn()
        return signs

    def judged(self, probability: float) -> list[Sign]:
        """Take the answer to a `TurnQuestioned`: how likely the user is done. It may end the turn at once."""
        if self._state is not _State.PAUSING:
            return []
        self._patience.judged(probability)
        return self._end_if_due()

    def forget_echo(self) -> None:
        """Expect no echo of what was played: what follows was not said while it played."""
        self._echo.fall_silent()

    def _moment(self, frame: HeardFrame, probability: float, played_dbfs: float | None) -> Moment:
        """Hold the frame against our echo and against the crowd, and let both be learned from it."""
        echo_dbfs, crowd_dbfs = self._echo.expect(played_dbfs), self._background.crowd_dbfs
        self._echo.hear(frame.level_dbfs)
        if echo_dbfs is None:
            self._background.hear(frame.level_dbfs, probability, is_turn=self._state is not _State.WAITING)
        ground_dbfs = max(crowd_dbfs, _NONE_DBFS if echo_dbfs is None else echo_dbfs)
        room_dbfs = self._background.quietest_dbfs
        if self._state is not _State.WAITING:
            ground_dbfs = max(ground_dbfs, room_dbfs + STANDS_OUT_DB)
        is_new = self._state is _State.WAITING and self._onset.is_silent
        threshold = self._threshold if is_new else self._threshold - HYSTERESIS
        return Moment(
            frame=self._frame,
            heard=frame,
            probability=probability,
            is_voiced=probability >= threshold and frame.level_dbfs > ground_dbfs,
            ground_dbfs=ground_dbfs,
            room_dbfs=room_dbfs,
            is_over_ours=echo_dbfs is not None,
        )

    def _within_the_turn(self, *, is_voiced: bool) -> list[Sign]:
        if is_voiced:
            was_pausing = self._state is _State.PAUSING
            self._state, self._last_voiced_frame = _State.SPEAKING, self._frame
            return [VoiceResumed(self._frame)] if was_pausing else []
        signs = list[Sign]()
        if self._state is _State.SPEAKING and self._silence_ms >= self._patience.suspects_after_ms:
            self._state = _State.PAUSING
            self._patience.begin()
            self._background.forget_turn()
            signs.append(EndSuspected(self._last_voiced_frame))
        if self._state is _State.PAUSING:
            signs += self._patience.questions(self._silence_ms, self._last_voiced_frame)
            signs += self._end_if_due()
        return signs

    def _end_if_due(self) -> list[Sign]:
        if self._silence_ms < self._patience.ends_after_ms:
            return []
        self._state, self._onset = _State.WAITING, Onset()
        return [TurnEnded(self._last_voiced_frame, self._frame)]

    @property
    def _silence_ms(self) -> float:
        return (self._frame - self._last_voiced_frame) * FRAME_MS
