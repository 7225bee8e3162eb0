"""When words sound that an upstream speaks without saying so: by their letters, and by the length of the audio.

How long a letter takes is learnt from what was spoken before. While audio comes, words are told as they would end at
that pace, the last one never before the end of the audio; then what remains shares what is left.
"""

import re

from antiphon.speech.words import TimedWord

# English read aloud: about 15 letters a second, pauses included.
MS_PER_LETTER = 65.0
_WORD = re.compile(r"^\s*\S+\s*|\S+\s*|\s+$")
# How much of a new pace is believed.
_SHARE = 0.3


class Pace:
    """How long a letter takes with one upstream."""

    def __init__(self) -> None:
        self.ms_per_letter = MS_PER_LETTER

    def learn(self, num_letters: int, length_ms: float, speed: float) -> None:
        """Take a whole utterance into account, which was spoken at `speed`."""
        if num_letters and length_ms:
            self.ms_per_letter += _SHARE * (length_ms * speed / num_letters - self.ms_per_letter)


class EstimatedWords:
    """The words of one utterance, told with the audio in which they are thought to end."""

    def __init__(self, text: str, ms_per_letter: float) -> None:
        self._words: list[str] = _WORD.findall(text)
        self._ms_per_letter = ms_per_letter
        self._next = 0
        self._end_ms = 0.0
        self.num_letters = sum(map(_letters, self._words))

    def until(self, audio_ms: float) -> tuple[TimedWord, ...]:
        """Return the words that end before `audio_ms`, which is how much audio has come."""
        told: list[TimedWord] = []
        while self._next < len(self._words) - 1:
            end_ms = self._end_ms + _letters(self._words[self._next]) * self._ms_per_letter
            if end_ms > audio_ms:
                break
            told.append(self._told(end_ms))
        return tuple(told)

    def finish(self, audio_ms: float) -> tuple[TimedWord, ...]:
        """Return the rest, spread over what is left of the audio."""
        rest = self._words[self._next :]
        num_letters = max(1, sum(map(_letters, rest)))
        ms_per_letter = max(0.0, audio_ms - self._end_ms) / num_letters
        return tuple(self._told(self._end_ms + _letters(word) * ms_per_letter) for word in rest)

    def _told(self, end_ms: float) -> TimedWord:
        word = TimedWord(self._words[self._next], self._end_ms, end_ms)
        self._next += 1
        self._end_ms = end_ms
        return word


def _letters(word: str) -> int:
    """Return how long a word is: its letters, and as many again for a pause as its punctuation asks for."""
    bare = word.strip()
    return len(bare) + 1 + (3 if bare[-1:] in ".,;:!?" else 0) if bare else 0
