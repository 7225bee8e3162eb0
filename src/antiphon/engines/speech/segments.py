"""Whisper's tokens, read: segments between timestamps, and signs that it heard nothing or only repeats itself.

A timestamp is a token: `timestamp_begin` means 0 s, each further one 20 ms more (Radford et al. 2022, section 2.3).
The thresholds are those that the model was published with (section 4.5).
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

MS_PER_TIMESTAMP = 20
MAX_COMPRESSION_RATIO = 2.4
MIN_MEAN_LOGPROB = -1.0
MAX_NO_SPEECH_PROBABILITY = 0.6
# Where it is all but sure of silence, less of a doubt decides.
_SURE_OF_SILENCE = 0.8
_DOUBTFUL_MEAN_LOGPROB = -0.5
# Clicks and beeps are counted, on and on: speech that repeats itself is held for silence by a tenth of that.
_SILENCE_OF_LOOPS = 0.3
# Twice may be meant, and a laugh has some syllables.
_MIN_LOOPS = 3
# A whole sentence twice over is rarely meant; if it is, a second look finds the same.
_MIN_SAID_TWICE_WORDS = 4
_MAX_LOOPS = 5


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one pass gave.

    `num_loops` is how often it says what it ends with; `is_cut` that it did not come to an end by itself.
    """

    tokens: tuple[int, ...]
    text: str
    mean_logprob: float
    no_speech_probability: float
    num_loops: int = 1
    is_cut: bool = False

    @property
    def compression_ratio(self) -> float:
        """How often the text could be squeezed into its length: speech below 2.4, loops above."""
        data = self.text.encode()
        return len(data) / len(zlib.compress(data)) if data else 0.0

    @property
    def is_silence(self) -> bool:
        """Whether the model thinks that nobody spoke, and what it wrote all the same is doubtful."""
        if not self.text.strip():
            return True
        if self.is_loop and self.no_speech_probability > _SILENCE_OF_LOOPS:
            return True
        doubtful = _DOUBTFUL_MEAN_LOGPROB if self.no_speech_probability > _SURE_OF_SILENCE else MIN_MEAN_LOGPROB
        return self.no_speech_probability > MAX_NO_SPEECH_PROBABILITY and self.mean_logprob < doubtful

    @property
    def is_loop(self) -> bool:
        """Whether the model repeats itself."""
        is_long = self.num_loops > _MAX_LOOPS or self.compression_ratio > MAX_COMPRESSION_RATIO
        return self.is_cut or is_long or self._is_said_twice

    @property
    def _is_said_twice(self) -> bool:
        words = self.text.split()
        half = len(words) // 2
        return half >= _MIN_SAID_TWICE_WORDS and words[:half] == words[half:]

    @property
    def is_sound(self) -> bool:
        """Whether another try is not worth its time."""
        return self.is_silence or not (self.is_loop or self.mean_logprob < MIN_MEAN_LOGPROB)


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens of text and when they sound, in ms from the beginning of the piece."""

    tokens: tuple[int, ...]
    start_ms: float
    end_ms: float


def segments_of(tokens: Sequence[int], timestamp_begin: int, length_ms: float) -> list[Segment]:
    """Return the segments of a piece that is `length_ms` long, in order and within it; none without text.

    A segment without a timestamp before it begins where the one before ended, one without a timestamp after it ends
    with the piece. What begins where the piece ends was not in it: in a short window the model may go on by itself.
    """
    found: list[Segment] = []
    text: list[int] = []
    begin_ms = 0.0
    for token in tokens:
        if token < timestamp_begin:
            text.append(token)
            continue
        at_ms = min(length_ms, max(begin_ms, float((token - timestamp_begin) * MS_PER_TIMESTAMP)))
        if text and (begin_ms < length_ms or not found):
            found.append(Segment(tuple(text), begin_ms, at_ms))
        text = []
        begin_ms = at_ms
    if text and (begin_ms < length_ms or not found):
        found.append(Segment(tuple(text), begin_ms, length_ms))
    return found


def num_loops(text: Sequence[int]) -> int:
    """Return how often tokens of text say what they end with: once, where it is not more than twice."""
    return _loop(text)[1]


def without_loop(tokens: Sequence[int], timestamp_begin: int) -> tuple[int, ...]:
    """Return tokens of a pass that ran on in a loop: what it repeated at the end is kept once."""
    text = [token for token in tokens if token < timestamp_begin]
    length, loops = _loop(text)
    return tuple(text[: len(text) - length * (loops - 1)])


def _loop(text: Sequence[int]) -> tuple[int, int]:
    """Return the length of what is repeated at the end, the shortest there is, and how often it stands there."""
    for length in range(1, len(text) // _MIN_LOOPS + 1):
        unit = text[-length:]
        loops = 1
        while text[-length * (loops + 1) : -length * loops] == unit:
            loops += 1
        if loops >= _MIN_LOOPS:
            return length, loops
    return 0, 1
