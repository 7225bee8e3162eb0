"""An answer as a conversation speaks it: clause by clause, the audio joined, words' times from its start."""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from antiphon.ports import Synthesiser
from antiphon.speech.clauses import ClauseSplitter
from antiphon.speech.voices import Voice
from antiphon.speech.words import TimedWord
from antiphon.speech.work import SpeechWork


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    """What was written and what became of it. `first_ms` is the wait for the first clause's first samples."""

    text: str
    samples: npt.NDArray[np.int16]
    rate_hz: int
    words: tuple[TimedWord, ...]
    first_ms: float
    took_ms: float

    @property
    def duration_ms(self) -> float:
        """How long the audio is."""
        return len(self.samples) * 1000 / self.rate_hz

    def until(self, cut_ms: float) -> npt.NDArray[np.int16]:
        """The audio before a cut."""
        return self.samples[: round(cut_ms * self.rate_hz / 1000)]


async def spoken_answer(synthesiser: Synthesiser, voice: Voice, text: str) -> SpokenAnswer:
    """Speak a text as a conversation does."""
    splitter = ClauseSplitter()
    rate_hz = synthesiser.profile.rate_hz
    audio = bytearray()
    words: list[TimedWord] = []
    began_at, first_at = time.perf_counter(), None
    for number, clause in enumerate([*splitter.feed(text), *splitter.finish()]):
        from_ms = len(audio) * 500 / rate_hz
        work = SpeechWork(id=f"clause_{number}", organization="bench", voice=voice, text=clause, is_urgent=True)
        async for spoken in synthesiser.speak(work):
            first_at = first_at or time.perf_counter()
            audio += spoken.samples
            words += [TimedWord(w.text, w.start_ms + from_ms, w.end_ms + from_ms) for w in spoken.words]
    ended_at = time.perf_counter()
    return SpokenAnswer(
        text,
        np.frombuffer(bytes(audio), dtype="<i2"),
        rate_hz,
        tuple(words),
        ((first_at or ended_at) - began_at) * 1000,
        (ended_at - began_at) * 1000,
    )
