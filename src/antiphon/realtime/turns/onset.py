"""What comes before a turn: a voice is suspected, and then it is one that takes the turn or it is not."""

from collections import deque
from enum import Enum

import msgspec

from antiphon.realtime.turns.backchannels import NUM_FRAMES, is_backchannel
from antiphon.realtime.turns.frames import FRAME_MS, HeardFrame
from antiphon.realtime.turns.signs import Sign, VoiceBegan, VoiceDismissed, VoiceSuspected

# Shorter sounds are clicks, coughs and doors.
MIN_SPEECH_MS = 96.0
# Over our own audio, of the frames that decide, so many must be a voice above the echo.
_MIN_VOICED_OVER_OURS = 4
# 'Mm-hm' and 'yeah' are over by then; who speaks on wants the turn, even with 'yeah, but'.
_TOLERATED_MS = 704.0
# So long may a voice fail within a run: the closure of a plosive, or between the hums of 'mm-hm'.
_MAX_GAP_MS = 96.0
# The model of voices hears a beginning up to this many frames late.
_NUM_LATE = 2
_LATE_PROBABILITY = 0.1
# A beginning stands out of the room by this much.
_STANDS_OUT_DB = 10.0


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
        self._recent: deque[Moment] = deque(maxlen=NUM_FRAMES + _NUM_LATE)
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
        for earlier in reversed(before[-_NUM_LATE:]):
            loud = earlier.heard.level_dbfs
            if loud <= max(earlier.ground_dbfs, earlier.room_dbfs + _STANDS_OUT_DB):
                break
            if earlier.probability < _LATE_PROBABILITY:
                break
            self._first_frame = earlier.frame

    def _verdict(self, moment: Moment) -> Sign | None:
        num_frames = moment.frame - self._first_frame + 1
        if (moment.frame - self._last_voiced_frame) * FRAME_MS > _MAX_GAP_MS:
            return self._dismiss()
        if not moment.is_over_ours:
            return VoiceBegan(self._first_frame) if self._num_voiced * FRAME_MS >= MIN_SPEECH_MS else None
        if self._state is _State.SUSPECTED and num_frames >= NUM_FRAMES:
            if self._num_voiced < _MIN_VOICED_OVER_OURS:
                return self._dismiss()
            heard = [recent.heard for recent in self._recent if recent.frame >= self._first_frame]
            if not is_backchannel(heard[:NUM_FRAMES]):
                return VoiceBegan(self._first_frame)
            self._state = _State.TOLERATED
        if self._state is _State.TOLERATED and moment.is_voiced and num_frames * FRAME_MS >= _TOLERATED_MS:
            return VoiceBegan(self._first_frame)
        return None

    def _dismiss(self) -> VoiceDismissed:
        self._state = _State.SILENT
        return VoiceDismissed(self._first_frame)
