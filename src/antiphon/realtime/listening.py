"""The user's audio on its way to signs of turns: into the buffer, through frames, voice activity and the detector."""

from collections import deque
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from antiphon.audio.formats import AudioFormat, Samples
from antiphon.audio.lowcut import LowCut
from antiphon.audio.resampling import Resampler
from antiphon.realtime.arrivals import Arrivals
from antiphon.realtime.config import NoiseReduction, ServerVad, SessionConfig, TurnDetection
from antiphon.realtime.effects import ForgetVoice, JudgeVoice
from antiphon.realtime.facts import VoiceJudged
from antiphon.realtime.input import CUTOFF_HZ, InputAudio
from antiphon.realtime.outbox import Outbox
from antiphon.realtime.turns.detector import TurnDetector
from antiphon.realtime.turns.frames import FRAME_MS, FRAME_SAMPLES, RATE_HZ, hear
from antiphon.realtime.turns.onset import NUM_LATE
from antiphon.realtime.turns.playback import Playback
from antiphon.realtime.turns.signs import Sign, VoiceBegan, VoiceDismissed, VoiceSuspected

_NOTHING: Samples = np.zeros(0, dtype=np.int16)


class Ears:
    """Holds the input buffer and, where turns are detected, the detector. Frames are counted through the session."""

    def __init__(self, config: SessionConfig, outbox: Outbox) -> None:
        self.input = InputAudio(config.input_format)
        self.noise_reduction: NoiseReduction | None = config.noise_reduction
        self.detection = config.turn_detection
        self.playback = Playback()
        self._arrivals = Arrivals()
        self._outbox = outbox
        self._next_frame = 0
        self._begin_anew()

    @property
    def heard_until_ms(self) -> float:
        """Up to where the audio was judged."""
        return self.frame_ms(self._next_judged)

    def hear(self, data: bytes, now_ms: float) -> None:
        """Take more of the user's audio, which came at this instant."""
        samples = self.input.append(data)
        self._arrivals.came(self.input.end_ms, now_ms)
        if self._detector is None:
            return
        self._rest = np.concatenate((self._rest, self._resampler.feed(samples)))
        num_frames = len(self._rest) // FRAME_SAMPLES
        if num_frames == 0:
            return
        whole, self._rest = self._rest[: num_frames * FRAME_SAMPLES], self._rest[num_frames * FRAME_SAMPLES :]
        whole = self._low_cut.feed(whole) if self._low_cut is not None else whole
        self._unjudged.extend(whole[start : start + FRAME_SAMPLES] for start in range(0, len(whole), FRAME_SAMPLES))
        self._outbox.do(JudgeVoice(self._next_frame, AudioFormat.PCM16.encode(whole)))
        self._next_frame += num_frames

    def judged(self, fact: VoiceJudged) -> Iterator[Sign]:
        """Give the signs of frames, one by one, each as soon as its frame is fed; frames of the past mean nothing."""
        for number, probability in enumerate(fact.probabilities, fact.first_frame):
            if number != self._next_judged or not self._unjudged or self._detector is None:
                continue
            heard = hear(self._unjudged.popleft())
            if self._arrivals.is_recording:
                self._detector.forget_echo()
            played_dbfs = self._played_dbfs(number)
            self._next_judged += 1
            for sign in self._detector.feed(heard, probability, played_dbfs):
                self._suspected = _suspected_by(sign, self._suspected)
                yield sign

    def turn_judged(self, probability: float) -> list[Sign]:
        """Return the signs that follow from the word of the judge of turns."""
        return self._detector.judged(probability) if self._detector is not None else []

    def frame_ms(self, frame: int) -> float:
        """Return where a frame begins, in ms of all audio."""
        return self._origin_ms + (frame - self._origin_frame) * FRAME_MS

    def turn_start_ms(self, first_frame: int) -> float:
        """Return where a turn begins: before its first voiced frame by the padding, as far as there is audio."""
        return max(self.input.start_ms, self.frame_ms(first_frame) - _padding_ms(self.detection))

    def forget_silence(self) -> None:
        """Keep of the buffer no more than may become a turn's beginning."""
        if self._detector is not None:
            # A voice is noticed late, and begins before.
            first = self._next_judged - NUM_LATE if self._suspected is None else self._suspected
            self.input.drop_until(self.frame_ms(first) - _padding_ms(self.detection))

    def hears_as(self, config: SessionConfig) -> bool:
        """Whether turns are the same under this set-up; what follows from them may be something else."""
        detection = config.turn_detection
        if config.input_format is not self.input.format or config.noise_reduction != self.noise_reduction:
            return False
        if self.detection is None or detection is None:
            return self.detection is detection
        return _without_consequences(self.detection) == _without_consequences(detection)

    def take_up(self, config: SessionConfig) -> None:
        """Let this set-up hold, and listen anew where turns are not the same under it."""
        is_same = self.hears_as(config)
        if config.input_format is not self.input.format:
            self.input.reformat(config.input_format)
        self.detection, self.noise_reduction = config.turn_detection, config.noise_reduction
        if not is_same:
            self.restart()

    def restart(self) -> None:
        """Listen anew from here on."""
        if self._detector is not None:
            self._outbox.do(ForgetVoice())
        self._begin_anew()

    def played(self, levels_dbfs: Sequence[float], duration_ms: float, now_ms: float) -> None:
        """Know that the client plays this from now on, so that its echo is not taken for the user."""
        self.playback.sent(levels_dbfs, duration_ms, now_ms)

    def interrupted(self) -> None:
        """Know that the client stops what we play: what sounds from now on is the user, also where it is quiet."""
        self.playback = Playback()
        if self._detector is not None:
            self._detector.forget_echo()

    def _played_dbfs(self, frame: int) -> float | None:
        """How loud our own audio plays in a frame (dBFS), None where it does not."""
        if self._arrivals.is_recording:
            return None
        return self.playback.level_at(self._arrivals.said_at_ms(self.frame_ms(frame)))

    def _begin_anew(self) -> None:
        self._detector = TurnDetector(self.detection, self._next_frame) if self.detection is not None else None
        self._resampler = Resampler(self.input.format.rate_hz, RATE_HZ)
        self._low_cut = None
        if self.noise_reduction is not None:
            self._low_cut = LowCut(CUTOFF_HZ[self.noise_reduction], RATE_HZ)
        self._rest = _NOTHING
        self._unjudged = deque[Samples]()
        self._next_judged = self._origin_frame = self._next_frame
        self._origin_ms = self.input.end_ms
        self._suspected: int | None = None


def _suspected_by(sign: Sign, before: int | None) -> int | None:
    """Return the first frame of the voice that may be there after a sign."""
    match sign:
        case VoiceSuspected():
            return sign.first_frame
        case VoiceDismissed() | VoiceBegan():
            return None
        case _:
            return before


def _without_consequences(detection: TurnDetection) -> TurnDetection:
    plain = msgspec.structs.replace(detection, create_response=True, interrupt_response=True)
    return msgspec.structs.replace(plain, idle_timeout_ms=None) if isinstance(plain, ServerVad) else plain


def _padding_ms(detection: TurnDetection | None) -> float:
    vad = detection if isinstance(detection, ServerVad) else ServerVad()
    return vad.prefix_padding_ms
