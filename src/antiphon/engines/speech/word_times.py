"""When words sound: the alignment of a text's tokens to the encoder's frames, read as words.

The model's cross attention tells for each token in which frame it is looked at (Radford et al. 2022 published the
heads). A token sounds from its first frame to the first of the next.
"""

from collections.abc import Sequence

from antiphon.speech.words import TimedWord

MS_PER_FRAME = 20.0
_OPENING = frozenset(
    "\"'([{\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{INVERTED QUESTION MARK}"
    "\N{INVERTED EXCLAMATION MARK}\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}$\N{POUND SIGN}#-"
)


def token_starts_ms(alignments: Sequence[tuple[int, int]], num_tokens: int, length_ms: float) -> list[float]:
    """Return when each of `num_tokens` tokens begins, and after them when the last ends; never less than before.

    `alignments` are pairs of a token's place and a frame, both rising.
    """
    starts: dict[int, float] = {}
    for token, frame in alignments:
        starts.setdefault(token, frame * MS_PER_FRAME)
    told: list[float] = []
    latest = 0.0
    for place in range(num_tokens + 1):
        latest = min(length_ms, max(latest, starts.get(place, latest if place < num_tokens else length_ms)))
        told.append(latest)
    return told


def timed_words(
    words: Sequence[tuple[str, int]], starts_ms: Sequence[float], offset_ms: float
) -> tuple[TimedWord, ...]:
    """Return words, each with its number of tokens, with their times, counted from `offset_ms`.

    `starts_ms` are those of the tokens, and the end of the last. White space, punctuation and what follows it without
    a gap belong to the word before them, what opens a quotation to the word after it; joined, the texts are what they
    were.
    """
    told: list[TimedWord] = []
    opening, begin = "", 0
    for text, num_tokens in words:
        start_ms, end_ms = offset_ms + starts_ms[begin], offset_ms + starts_ms[begin + num_tokens]
        begin += num_tokens
        bare = text.lstrip()
        space = text[: len(text) - len(bare)]
        if told and not opening:
            told[-1] = _longer(told[-1], space, told[-1].end_ms)
        else:
            opening += space
        if (space or not told) and bare and all(letter in _OPENING for letter in bare):
            opening += bare
        elif told and not opening and not any(map(str.isalnum, bare)):
            told[-1] = _longer(told[-1], bare, told[-1].end_ms)
        elif told and not opening and not space and not bare[0].isalnum():
            told[-1] = _longer(told[-1], bare, end_ms)
        else:
            told.append(TimedWord(opening + bare, start_ms, end_ms))
            opening = ""
    if told:
        told[-1] = _longer(told[-1], opening, told[-1].end_ms)
    return tuple(told)


def _longer(word: TimedWord, text: str, end_ms: float) -> TimedWord:
    return TimedWord(word.text + text, word.start_ms, end_ms)
