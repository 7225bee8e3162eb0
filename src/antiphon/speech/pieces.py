"""The pieces of a text that a synthesiser speaks at once: a sentence, or less where that is long."""

from collections.abc import Iterable, Iterator, Sequence

from antiphon.speech.spoken import SpokenWord

# From here on a piece ends at the next pause within its sentence; and this many spoken words it never exceeds by
# more than one written word's. A long piece sounds better, a short one sooner.
_ENOUGH_WORDS = 18
_MOST_WORDS = 32

SENTENCE_PAUSES = frozenset(".!?")


def pieces(words: Iterable[SpokenWord]) -> Iterator[list[SpokenWord]]:
    """Yield the words in pieces, each of which says something but perhaps the last.

    What says nothing belongs to the piece before it, at the beginning of a text to the first.
    """
    piece: list[SpokenWord] = []
    num_words = 0
    is_full = False
    for word in words:
        if is_full and word.words:
            yield piece
            piece, num_words, is_full = [], 0, False
        piece.append(word)
        num_words += len(word.words)
        ends = word.pause in SENTENCE_PAUSES if num_words < _ENOUGH_WORDS else word.pause
        is_full = is_full or (num_words > 0 and bool(ends and word.pause)) or num_words >= _MOST_WORDS
    if piece:
        yield piece


def readable(piece: Sequence[SpokenWord]) -> str:
    """Return a piece as a phonemizer is to read it: its spoken words, and the marks at which the voice pauses."""
    parts: list[str] = []
    for word in piece:
        parts += word.words
        if word.pause and parts:
            parts[-1] = parts[-1].rstrip(".,;:!?") + word.pause
    return " ".join(parts)
