"""The independent recogniser: Whisper base through its library (greedy, int8), with nothing of ours in between."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as it is written by the recogniser, and when it heard it, in ms."""

    text: str
    start_ms: float
    end_ms: float


class Listener:
    """Hears audio at any rate."""

    def __init__(self, folder: Path, num_threads: int = 2) -> None:
        whisper: Any = import_module("faster_whisper")
        self._model = whisper.WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=num_threads)

    def words(self, samples: npt.NDArray[np.int16], rate_hz: int) -> list[HeardWord]:
        """Return what is said in the samples, with the recogniser's own word times."""
        return [
            HeardWord(word.word, word.start * 1000, word.end * 1000)
            for segment in self._segments(samples, rate_hz, word_timestamps=True)
            for word in segment.words
        ]

    def text(self, samples: npt.NDArray[np.int16], rate_hz: int) -> str:
        """Return what is said in the samples."""
        return "".join(segment.text for segment in self._segments(samples, rate_hz)).strip()

    def _segments(self, samples: npt.NDArray[np.int16], rate_hz: int, **options: Any) -> list[Any]:
        audio = soxr.resample(samples.astype(np.float32) / 32768, rate_hz, _RATE_HZ)
        segments, _ = self._model.transcribe(
            audio, language="en", beam_size=1, condition_on_previous_text=False, **options
        )
        return list(segments)
