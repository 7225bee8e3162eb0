"""What is measured of spoken answers."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import median

import numpy as np
from bench.speech.listening import HeardWord, Listener
from bench.speech.speaking import SpokenAnswer
from tests.fixtures.word_errors import spoken_words, word_error_rate

from antiphon.audio.formats import AudioFormat
from antiphon.audio.resampling import Resampler
from antiphon.realtime.items import AudioContent

# The level, as a share of the loudest 10 ms, below which a sound has fallen away; and what counts as a pause.
_FAINT, _PAUSE_MS = 0.05, 120


@dataclass(frozen=True, slots=True)
class Cut:
    """An answer cut short: how many spoken words were kept, may be in the audio at most, and were heard."""

    answer: str
    cut_ms: float
    kept: str
    num_kept: int
    num_begun: int
    num_heard: int
    heard: str

    @property
    def is_agreed(self) -> bool:
        """Whether the recogniser heard all that was kept, and no word that had not begun."""
        return self.num_kept <= self.num_heard <= self.num_begun

    @property
    def is_off_by_one_at_most(self) -> bool:
        """As `is_agreed`, give or take one word."""
        return self.num_kept - 1 <= self.num_heard <= self.num_begun + 1


def word_error_rates(answers: Sequence[SpokenAnswer], listener: Listener) -> list[tuple[float, str]]:
    """Return for each answer its word error rate and what was heard."""
    heard = [listener.text(answer.samples, answer.rate_hz) for answer in answers]
    return [(word_error_rate(answer.text, text), text) for answer, text in zip(answers, heard, strict=True)]


def random_cuts(answers: Sequence[SpokenAnswer], num_cuts: int, seed: int = 1) -> list[tuple[SpokenAnswer, float]]:
    """Return answers with places to cut them, anywhere in their audio."""
    chance = random.Random(seed)
    chosen = [answers[index % len(answers)] for index in range(num_cuts)]
    return [(answer, float(chance.randrange(1, int(answer.duration_ms)))) for answer in chosen]


def kept_text(answer: SpokenAnswer, cut_ms: float) -> str:
    """The transcript that a conversation keeps of an answer that is cut."""
    resampler = Resampler(answer.rate_hz, AudioFormat.PCM16.rate_hz)
    audio = b"".join(AudioFormat.PCM16.encode(part) for part in (resampler.feed(answer.samples), resampler.finish()))
    said = AudioContent(audio=audio, format=AudioFormat.PCM16, transcript=answer.text, words=answer.words)
    return said.until(cut_ms).transcript or ""


def is_exact(answer: SpokenAnswer, cut_ms: float) -> bool:
    """Whether what is kept of a cut answer are exactly the words that ended by then, to the letter of the text."""
    ends = [word.end_ms for word in answer.words]
    lengths = [len(word.text) for word in answer.words]
    kept = kept_text(answer, cut_ms)
    return ends == sorted(ends) and kept == answer.text[: sum(lengths[: bisect_right(ends, cut_ms)])]


def edge_errors(answer: SpokenAnswer) -> list[float]:
    """Return for each word before a pause by how many ms its end differs from where the sound falls away."""
    window = answer.rate_hz // 100
    frames = answer.samples[: len(answer.samples) // window * window].reshape(-1, window).astype(np.float64)
    is_loud = np.sqrt((frames**2).mean(axis=1)) > _FAINT * np.sqrt((frames**2).mean(axis=1)).max()
    nexts = [*(word for word in answer.words[1:]), None]
    errors: list[float] = []
    for word, following in zip(answer.words, nexts, strict=True):
        next_ms = following.start_ms if following else answer.duration_ms
        if next_ms - word.end_ms >= _PAUSE_MS and word.end_ms > word.start_ms:
            middle = int((word.end_ms + next_ms) / 20)
            loud = np.flatnonzero(is_loud[: middle + 1])
            errors.append(word.end_ms - (float(loud[-1]) + 1) * 10)
    return errors


def judged(answer: SpokenAnswer, cut_ms: float, listener: Listener) -> Cut:
    """Hold a cut against what is heard of its audio.

    What is heard is counted by the beginning of the answer that it is nearest to, so that a word that the recogniser
    spells otherwise is still that word.
    """
    kept = kept_text(answer, cut_ms)
    begun = "".join(word.text for word in answer.words if word.start_ms < cut_ms)
    heard = listener.text(answer.until(cut_ms), answer.rate_hz)
    num_heard = _nearest_beginning(spoken_words(answer.text), spoken_words(heard))
    return Cut(answer.text, cut_ms, kept, len(spoken_words(kept)), len(spoken_words(begun)), num_heard, heard)


def time_errors(answer: SpokenAnswer, heard: Sequence[HeardWord]) -> list[tuple[float, float]]:
    """Return for each word that both tell apart by how many ms its beginning and its end differ (ours less theirs)."""
    ours = [(spoken_words(word.text), word) for word in answer.words]
    theirs = [(spoken_words(word.text), word) for word in heard]
    matcher = SequenceMatcher(None, [" ".join(said) for said, _ in ours], [" ".join(said) for said, _ in theirs], False)
    return [
        (ours[i + k][1].start_ms - theirs[j + k][1].start_ms, ours[i + k][1].end_ms - theirs[j + k][1].end_ms)
        for i, j, size in matcher.get_matching_blocks()
        for k in range(size)
        if ours[i + k][0]
    ]


def median_size(values: Sequence[float]) -> float:
    """The median of what values are without their signs."""
    return median(abs(value) for value in values)


def _nearest_beginning(said: Sequence[str], heard: Sequence[str]) -> int:
    """How many of the first words said make the least edit distance to the words heard; the fewest of equals."""
    row = list(range(len(heard) + 1))
    distances = [row[-1]]
    for number, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], number
        for column, other in enumerate(heard, start=1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
        distances.append(row[-1])
    return distances.index(min(distances))
