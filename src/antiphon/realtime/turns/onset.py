"""What comes before a turn: a voice is suspected, and then it is one that takes the turn or it is not."""

from collections import deque
from enum import Enum

import msgspec

from antiphon.realtime.turns.backchannels import MAX_FRAMES, MIN_FRAMES, may_be_backchannel
from antiphon.realtime.turns.frames import FRAME_MS, HeardFrame
from antiphon.realtime.turns.signs import Sign, VoiceBegan, VoiceDismissed, VoiceSuspected

# Shorter sounds are clicks, coughs and doors.
MIN_SPEECH_MS = 96.0
# Over our own audio, of the frames that decide, so many must be a voice above the echo.
_MIN_VOICED_OVER_OURS = 3
# On the whole it is about as loud as the echo can be at its loudest, or else it is not heard well enough to be weighed.
_LEAST_EXCESS_DB = -2.0
# 'Mm-hm' and 'yeah' are over by then; who speaks on wants the turn, even with 'yeah, but'.
_TOLERATED_MS = 704.0
# Over a loud echo a voice is heard in pieces: who is heard for so many frames of so many wants the turn as well.
_INSISTS_FRAMES, _INSISTS_OF = 20, 60
# So long may a voice fail within a run: the closure of a plosive, or between the hums of 'mm-hm'.
_MAX_GAP_MS = 96.0
# The model of voices hears a beginning late: a vowel by two frames, and no 's' nor 'sp' before it.
NUM_LATE = 7
_NUM_CLOSED = 3
# A beginning stands out of the room by this much, and is no quieter than its vowel by more than that.
_STANDS_OUT_DB = 10.0
_SOFTER_DB = 25.0


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A frame and what is known of it. A voice is louder than `ground_dbfs`; `room_dbfs` is of the quietest moments."""

    frame: int
    heard: HeardFrame
    probability: float
    is_voiced: bool
    ground_dbfs: float
    room_dbfs: float
    is_over_ours: bool


class _State(Enum):
    SILENT = "silent"
    SUSPECTED = "suspected"
    TOLERATED = "tolerated"


class Onset:
    """Follows the user until `VoiceBegan`."""

    def __init__(self) -> None:
        self._state = _State.SILENT
        self._recent: deque[Moment] = deque(maxlen=MAX_FRAMES + NUM_LATE)
        self._is_heard: deque[bool] = deque(maxlen=_INSISTS_OF)
        self._first_frame = 0
        self._last_voiced_frame = 0
        self._num_voiced = 0

    @property
    def is_silent(self) -> bool:
        """Whether nothing is suspected."""
        return self._state is _State.SILENT

    def feed(self, moment: Moment) -> list[Sign]:
        """Take the next frame."""
        self._recent.append(moment)
        self._is_heard.append(moment.is_voiced and moment.is_over_ours)
        signs = list[Sign]()
        if self._state is _State.SILENT:
            if not moment.is_voiced:
                return signs
            self._suspect()
            signs.append(VoiceSuspected(self._first_frame))
        if moment.is_voiced:
            self._num_voiced += 1
            self._last_voiced_frame = moment.frame
        verdict = self._verdict(moment)
        return signs if verdict is None else [*signs, verdict]

    def _suspect(self) -> None:
        self._state, self._num_voiced = _State.SUSPECTED, 0
        *before, moment = self._recent
        self._first_frame = moment.frame
        softest_dbfs = max(moment.room_dbfs + _STANDS_OUT_DB, moment.heard.level_dbfs - _SOFTER_DB)
        for earlier in reversed(before[-NUM_LATE:]):
            if earlier.heard.level_dbfs > max(earlier.ground_dbfs, softest_dbfs):
                self._first_frame = earlier.frame
            elif self._first_frame - earlier.frame > _NUM_CLOSED:
                break

    def _verdict(self, moment: Moment) -> Sign | None:
        is_over = (moment.frame - self._last_voiced_frame) * FRAME_MS > _MAX_GAP_MS
        if not moment.is_over_ours:
            if self._num_voiced * FRAME_MS >= MIN_SPEECH_MS:
                return VoiceBegan(self._first_frame)
            return self._dismiss() if is_over else None
        if moment.is_voiced and sum(self._is_heard) >= _INSISTS_FRAMES:
            return VoiceBegan(self._first_frame)
        num_frames = moment.frame - self._first_frame + 1
        if self._state is _State.SUSPECTED:
            return self._weigh(num_frames, is_over=is_over)
        if is_over:
            return self._dismiss()
        is_long = moment.is_voiced and num_frames * FRAME_MS >= _TOLERATED_MS
        return VoiceBegan(self._first_frame) if is_long else None

    def _weigh(self, num_frames: int, *, is_over: bool) -> Sign | None:
        """Decide whether a voice over our own cuts in, as soon as that is clear."""
        is_enough = self._num_voiced >= _MIN_VOICED_OVER_OURS
        if is_enough and num_frames >= MIN_FRAMES:
            run = [moment for moment in self._recent if moment.frame >= self._first_frame]
            excess_db = sum(moment.heard.level_dbfs - moment.ground_dbfs for moment in run) / len(run)
            if excess_db >= _LEAST_EXCESS_DB and not may_be_backchannel([moment.heard for moment in run]):
                return VoiceBegan(self._first_frame)
        if num_frames >= MAX_FRAMES and is_enough:
            self._state = _State.TOLERATED
            return None
        return self._dismiss() if (is_over and not is_enough) or num_frames >= MAX_FRAMES else None

    def _dismiss(self) -> VoiceDismissed:
        self._state = _State.SILENT
        return VoiceDismissed(self._first_frame)
