"""How audio is cut for Whisper: into pieces that fit its window, and each piece into no longer a window than it needs.

Whisper was trained on 30 s. Its encoder takes less, and less time for it; where a window is too short it repeats
itself: of 5 s without end, of 8 s on some sentences (a fifth of the readings of one), of 10 s on none of those tried.
"""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

RATE_HZ = 16_000
MAX_WINDOW_S = 30.0
MIN_WINDOW_S = 10.0
SPARE_S = 1.0
MAX_PIECE_S = MAX_WINDOW_S - SPARE_S
# A piece is cut at the quietest moment of its last part, so that no word is.
_CUT_WITHIN_S = 9.0
_QUIET_SAMPLES = RATE_HZ // 5
_STEP_SAMPLES = RATE_HZ // 50
# What the noise of a quiet room's microphone exceeds, about -66 dB: below, nobody speaks.
_SILENT_PEAK = 16
_FRAME_SAMPLES = 160
# What sounds on after the last word is looked at again where it is long and loud enough to be speech, and where the
# model got ahead at all.
_MIN_HEARD_SAMPLES = RATE_HZ // 2
_MIN_REST_SAMPLES = 2 * RATE_HZ
_SOUNDING = 0.3


def window_samples(num_samples: int, *, times_longer: int = 1) -> int:
    """Return the length of the window for a piece: an even number of the encoder's frames of 10 ms."""
    window_s = max(MIN_WINDOW_S, num_samples / RATE_HZ + SPARE_S) * times_longer
    num_frames = int(np.ceil(min(MAX_WINDOW_S, window_s) * RATE_HZ / _FRAME_SAMPLES))
    return (num_frames + num_frames % 2) * _FRAME_SAMPLES


def pieces(samples: Samples) -> list[tuple[int, Samples]]:
    """Return the audio in pieces of at most `MAX_PIECE_S`, each with the sample at which it begins."""
    found: list[tuple[int, Samples]] = []
    begin = 0
    while len(samples) - begin > MAX_PIECE_S * RATE_HZ:
        end = begin + _quietest(samples[begin : begin + int(MAX_PIECE_S * RATE_HZ)])
        found.append((begin, samples[begin:end]))
        begin = end
    return [*found, (begin, samples[begin:])] if begin < len(samples) else found


def is_silent(samples: Samples) -> bool:
    """Whether nobody can have spoken."""
    return len(samples) == 0 or (int(samples.max()) < _SILENT_PEAK and int(samples.min()) > -_SILENT_PEAK)


def num_heard(samples: Samples, until_ms: float) -> int:
    """Return how much of a piece was heard, whose last word ended at `until_ms`: all, unless it sounds on after that.

    The model sometimes takes a pause for the end.
    """
    heard = int(until_ms * RATE_HZ / 1000)
    rest = samples[heard:]
    if heard < _MIN_HEARD_SAMPLES or len(rest) < _MIN_REST_SAMPLES:
        return len(samples)
    return heard if _level(rest) > _SOUNDING * _level(samples) else len(samples)


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64)))))


def padded(samples: Samples, num_samples: int) -> npt.NDArray[np.float32]:
    """Return samples from -1 to 1, followed by silence."""
    window = np.zeros(num_samples, dtype=np.float32)
    window[: len(samples)] = samples
    window *= np.float32(1 / 32768)
    return window


def _quietest(samples: Samples) -> int:
    """Return the middle of the quietest fifth of a second in the last part."""
    first = len(samples) - int(_CUT_WITHIN_S * RATE_HZ)
    energy = np.cumsum(np.square(samples[first:].astype(np.float64)))
    energies = energy[_QUIET_SAMPLES::_STEP_SAMPLES] - energy[:-_QUIET_SAMPLES:_STEP_SAMPLES]
    return first + int(np.argmin(energies)) * _STEP_SAMPLES + _QUIET_SAMPLES // 2
