"""Which phonemes of a spoken clause belong to which word, and with that the time of every word.

A phonemizer joins words (in the) and changes them (a, the), so nothing can be told by counting its spaces. Every word
is phonemized alone as well; the phonemes of all words, one after the other, are aligned to those of the clause at the
least cost of changes (Needleman and Wunsch, 1970), in which sounds of one kind change into each other cheaply.
"""
# ruff: noqa: RUF001 - letters that look alike are meant

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from antiphon.speech.spoken import SpokenWord
from antiphon.speech.words import TimedWord

PAUSE_MARKS = frozenset(".,;:!?")
_VOWELS = frozenset("aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵɶʉʊʌᵻε")
# Stress, length and finer marks: they come and go with what stands beside a word.
_PROSODY = frozenset("ˈˌːˑʲʰʷ˞'\u0303\u0329\u032f\u031d\u031a")
_GAP = " "

_CHANGE_OF_VOWEL, _CHANGE_OF_CONSONANT, _CHANGE_OF_KIND = 0.4, 0.7, 1.4
_CHANGE_OF_PROSODY = 0.05
_MISSING_SOUND, _MISSING_PROSODY, _MISSING_GAP = 0.8, 0.1, 0.25


class Span(NamedTuple):
    """The phonemes of a word: from the index `first` on, up to and without `end`."""

    first: int
    end: int


def align(words: Sequence[Sequence[str]], phonemes: Sequence[str]) -> list[Span]:
    """Return for each word, given by its phonemes when it stands alone, its part of a clause's phonemes.

    Spans are in order and do not overlap; gaps and pause marks belong to none. A word of which nothing is left has an
    empty span where it would be.
    """
    symbols, owners = _reference(words)
    heard = [i for i, phoneme in enumerate(phonemes) if phoneme not in PAUSE_MARKS]
    matches = _matches(symbols, [phonemes[i] for i in heard])
    owned: list[list[int]] = [[] for _ in words]
    last = 0
    # What stands for no symbol belongs to the word before it; after a gap, to the word that follows.
    waiting: list[int] = []
    is_after_gap = True
    for place, symbol in zip(heard, matches, strict=True):
        if phonemes[place] == _GAP:
            is_after_gap = True
        elif symbol is None and is_after_gap:
            waiting.append(place)
        else:
            last = owners[symbol] if symbol is not None else last
            owned[last] += [*waiting, place]
            waiting, is_after_gap = [], False
    if waiting and words:
        owned[last] += waiting
    return _spans(owned)


def timed_words(
    written: Sequence[SpokenWord], spans: Sequence[Span], lengths: Sequence[int], ms_per_sample: float, from_ms: float
) -> list[TimedWord]:
    """Return the written words of a clause with their times.

    `spans` are those of the spoken words, `lengths` those of the phonemes in samples, `from_ms` is where the first
    phoneme begins. A word that says nothing takes no time and stands at the end of the one before it.
    """
    edges = [0, *accumulate(lengths)]
    words: list[TimedWord] = []
    rest = iter(spans)
    now_ms = from_ms
    for word in written:
        own = [span for span in (next(rest) for _ in word.words) if span.end > span.first]
        start_ms, end_ms = now_ms, now_ms
        if own:
            start_ms = max(now_ms, from_ms + edges[own[0].first] * ms_per_sample)
            end_ms = max(start_ms, from_ms + edges[own[-1].end] * ms_per_sample)
        words.append(TimedWord(word.text, start_ms, end_ms))
        now_ms = end_ms
    return words


def _reference(words: Sequence[Sequence[str]]) -> tuple[list[str], list[int]]:
    """All words' phonemes with a gap after each word, and the index of the word that each belongs to."""
    symbols: list[str] = []
    owners: list[int] = []
    for index, word in enumerate(words):
        own = [phoneme for phoneme in word if phoneme not in PAUSE_MARKS and phoneme != _GAP]
        symbols += [*own, _GAP]
        owners += [index] * (len(own) + 1)
    return symbols, owners


def _matches(symbols: Sequence[str], heard: Sequence[str]) -> list[int | None]:
    """For each phoneme that is heard, the index of the symbol that it stands for, None where it stands for none."""
    costs = _costs(symbols, heard)
    matches: list[int | None] = [None] * len(heard)
    i, j = len(symbols), len(heard)
    while j:
        if i and costs[i][j] == costs[i - 1][j - 1] + _change(symbols[i - 1], heard[j - 1]):
            i, j = i - 1, j - 1
            matches[j] = i
        elif i and costs[i][j] == costs[i - 1][j] + _missing(symbols[i - 1]):
            i -= 1
        else:
            j -= 1
    return matches


def _costs(symbols: Sequence[str], heard: Sequence[str]) -> list[list[float]]:
    """The least cost of changing the first i symbols into the first j that are heard, for all i and j."""
    row = [0.0, *accumulate(_missing(phoneme) for phoneme in heard)]
    costs = [row]
    for symbol in symbols:
        missing = _missing(symbol)
        left = row[0] + missing
        new = [left]
        for j, phoneme in enumerate(heard):
            left = min(row[j] + _change(symbol, phoneme), row[j + 1] + missing, left + _missing(phoneme))
            new.append(left)
        costs.append(new)
        row = new
    return costs


def _missing(phoneme: str) -> float:
    if phoneme == _GAP:
        return _MISSING_GAP
    return _MISSING_PROSODY if phoneme in _PROSODY else _MISSING_SOUND


def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    kinds = {_kind(one), _kind(other)}
    if len(kinds) > 1:
        return _CHANGE_OF_KIND if "gap" not in kinds else _CHANGE_OF_KIND * 2
    costs = {"vowel": _CHANGE_OF_VOWEL, "prosody": _CHANGE_OF_PROSODY, "consonant": _CHANGE_OF_CONSONANT}
    return costs.get(kinds.pop(), 0.0)


def _kind(phoneme: str) -> str:
    if phoneme == _GAP:
        return "gap"
    if phoneme in _PROSODY:
        return "prosody"
    return "vowel" if phoneme[0] in _VOWELS else "consonant"


def _spans(owned: Sequence[Sequence[int]]) -> list[Span]:
    spans: list[Span] = []
    now = 0
    for places in owned:
        spans.append(Span(places[0], places[-1] + 1) if places else Span(now, now))
        now = spans[-1].end
    return spans
