"""What speech engines tell while they work, in the order in which it happens. A failure is raised as `EngineError`."""

import msgspec

from antiphon.speech.words import TimedWord


class SegmentHeard(msgspec.Struct, frozen=True, kw_only=True):
    """More of what was said; `text` begins with its own white space. Times are in ms of the audio.

    The four figures are those of Whisper's `verbose_json`; an engine that does not know them says 0.
    """

    text: str
    start_ms: float
    end_ms: float
    words: tuple[TimedWord, ...] = ()
    tokens: tuple[int, ...] = ()
    mean_logprob: float = 0.0
    no_speech_probability: float = 0.0
    compression_ratio: float = 0.0


class RecognitionEnded(msgspec.Struct, frozen=True, gc=False):
    """All was heard. `language` is an ISO 639-1 code."""

    language: str
    num_tokens: int = 0


class AudioSpoken(msgspec.Struct, frozen=True, kw_only=True):
    """More audio (signed 16-bit little-endian at the engine's rate) and the words that end in it.

    Times of words count from the beginning of the work.
    """

    samples: bytes
    words: tuple[TimedWord, ...] = ()


RecognitionFact = SegmentHeard | RecognitionEnded
SpeechFact = AudioSpoken
