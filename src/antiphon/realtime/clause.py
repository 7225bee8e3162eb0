"""One clause on its way from words to sound, handed out in small frames with the words that begin in each."""

from collections import deque
from typing import NamedTuple

import numpy as np

from antiphon.audio.formats import AudioFormat, Samples
from antiphon.audio.resampling import Resampler
from antiphon.realtime.facts import Spoken
from antiphon.speech.words import TimedWord

# Small enough to stop at once, large enough for few events.
SENT_MS = 80


class SpokenFrame(NamedTuple):
    """Samples at the rate of the output, and the words that begin in them; times are within the clause."""

    samples: Samples
    words: tuple[TimedWord, ...]


class Clause:
    """Holds what the synthesiser made of a clause and was not taken yet.

    A word is known once its end is: audio after the last word that is known waits, since a transcript leads its audio.
    """

    def __init__(self, text: str, audio_format: AudioFormat) -> None:
        self.text = text
        self.work_id: str | None = None
        self.is_whole = False
        self._rate_hz = audio_format.rate_hz
        self._resampler: Resampler | None = None
        self._samples: Samples = np.zeros(0, dtype=np.int16)
        self._num_taken = 0
        self._words = deque[TimedWord]()
        self._known_text = ""
        self._known_ms = 0.0

    @property
    def is_taken(self) -> bool:
        """Whether the clause is whole and all of it was taken."""
        return self.is_whole and not len(self._samples) and not self._words

    @property
    def taken_ms(self) -> float:
        """How much of the clause's audio was taken."""
        return self._num_taken * 1000 / self._rate_hz

    def add(self, spoken: Spoken) -> None:
        """Take what the synthesiser made."""
        if self._resampler is None:
            self._resampler = Resampler(spoken.rate_hz, self._rate_hz)
        made = np.frombuffer(spoken.samples, dtype="<i2").astype(np.int16, copy=False)
        self._samples = np.concatenate((self._samples, self._resampler.feed(made)))
        for word in spoken.words:
            self._words.append(word)
            self._known_text += word.text
            self._known_ms = max(self._known_ms, word.end_ms)

    def finish(self) -> None:
        """All was made. Words of which the synthesiser told nothing sound nowhere, and stand at the end."""
        if self._resampler is not None:
            self._samples = np.concatenate((self._samples, self._resampler.finish()))
        self.is_whole = True
        rest = self.text[len(self._known_text) :] if self.text.startswith(self._known_text) else ""
        if rest:
            end_ms = max(self._known_ms, self.taken_ms + len(self._samples) * 1000 / self._rate_hz)
            self._words.append(TimedWord(rest, end_ms, end_ms))

    def next_frame(self) -> SpokenFrame | None:
        """Take the next frame, None where it is not made yet or where nothing is left."""
        frame_samples = SENT_MS * self._rate_hz // 1000
        num_known = len(self._samples) if self.is_whole else self._num_known()
        if self.is_taken or (num_known < frame_samples and not self.is_whole):
            return None
        num_taken = min(num_known, frame_samples)
        frame, self._samples = self._samples[:num_taken], self._samples[num_taken:]
        self._num_taken += len(frame)
        return SpokenFrame(frame, tuple(self._take_words()))

    def _num_known(self) -> int:
        known = int(self._known_ms * self._rate_hz / 1000) - self._num_taken
        return min(len(self._samples), max(0, known))

    def _take_words(self) -> list[TimedWord]:
        taken = list[TimedWord]()
        is_last = self.is_whole and not len(self._samples)
        while self._words and (is_last or self._words[0].start_ms < self.taken_ms):
            taken.append(self._words.popleft())
        return taken
