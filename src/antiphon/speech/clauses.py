"""Text as it is written, cut into clauses to be spoken: the first one short, so that something sounds soon.

A clause ends with its white space, and only where the first letter of the next is there: the clauses do not depend on
how the text came in pieces. Lengths count words; two characters of a script without spaces count as one.
"""

import re
from dataclasses import dataclass

from antiphon.speech.abbreviations import is_abbreviation
from antiphon.speech.marks import CLAUSE_MARKS, CLOSERS, OPENERS, SENTENCE_MARKS, UNSPACED, WIDE_MARKS

_PIECE = re.compile(rf"(?:[{UNSPACED}]|[^\s{UNSPACED}{WIDE_MARKS}]+|[{WIDE_MARKS}])[{WIDE_MARKS}]*\s*")
_IS_UNSPACED = re.compile(rf"[{UNSPACED}{WIDE_MARKS}]")
_LIST_MARK = re.compile(r"[(\[]?\d+[.)]$")
_OPEN_LINK = re.compile(r"\[[^\]\n]*$|\]\([^)\n]*$")
_HAS_DIGIT = re.compile(r"\d")

# The words of a phrase are kept together: no clause ends with one of these where another place is near.
_LEADING_WORDS = frozenset({
    "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these", "those", "some",
    "any", "no", "every", "each", "of", "in", "on", "at", "to", "for", "with", "from", "by", "as", "into", "about",
    "over", "under", "between", "and", "or", "but", "nor", "so", "if", "because", "when", "while", "which", "who",
    "whom", "whose", "than", "is", "are", "was", "were", "be", "been", "am", "will", "would", "can", "could",
    "shall", "should", "may", "might", "must", "do", "does", "did", "has", "have", "had", "not", "very", "more",
    "most", "i", "you", "he", "she", "we", "they", "it", "there", "mr", "mrs", "ms", "dr",
})  # fmt: skip

# A text without any boundary is cut here, whatever stands there: it has to be bounded.
_LONGEST_CHARS = 1200


@dataclass(frozen=True, slots=True)
class _Lengths:
    """In words: from where on a clause's mark, and from where on a sentence's, ends it; and the most it may have."""

    clause: float
    sentence: float
    most: float


# A voice takes a fifteenth of the time that it speaks: the first fills about a second, in which the second is made.
_LENGTHS = (_Lengths(3, 3, 5), _Lengths(4, 3, 9), _Lengths(6, 4, 14), _Lengths(8, 4, 20))
# An opened emphasis, code span or link holds a clause together, as long as it is no longer than this times the most.
_PATIENCE = 1.5


class ClauseSplitter:
    """Cuts one text, which comes in pieces of any size, into clauses that joined are the text to the letter."""

    def __init__(self) -> None:
        self._rest = ""
        self._num_clauses = 0

    def feed(self, text: str) -> list[str]:
        """Take more of the text; return the clauses that are whole now."""
        self._rest += text
        clauses: list[str] = []
        while end := self._clause_end():
            clauses.append(self._rest[:end])
            self._rest = self._rest[end:]
            self._num_clauses += 1
        return clauses

    def finish(self) -> list[str]:
        """Return what is left; the text is over, and the next one may begin."""
        rest, self._rest, self._num_clauses = self._rest, "", 0
        return [rest] if rest else []

    def _clause_end(self) -> int:
        lengths = _LENGTHS[min(self._num_clauses, len(_LENGTHS) - 1)]
        window = self._rest[: _LONGEST_CHARS + 1]
        clause = _Clause(lengths)
        for piece in _PIECE.finditer(window):
            if piece.end() >= len(window):
                break
            end = clause.add(piece, window)
            if end:
                return end
        return _LONGEST_CHARS if len(self._rest) > _LONGEST_CHARS else 0


class _Clause:
    """The pieces of one clause so far, and the places where it may end though no mark does it."""

    def __init__(self, lengths: _Lengths) -> None:
        self._lengths = lengths
        self._num_words = 0.0
        self._places: list[tuple[int, int]] = []

    def add(self, piece: re.Match[str], window: str) -> int:
        """Take a whole piece; return where the clause ends, 0 where it goes on."""
        text, end = piece.group(), piece.end()
        self._num_words += _num_words(text)
        following = window[end]
        may_end = text[-1].isspace() or bool(_IS_UNSPACED.match(text[-1]) or _IS_UNSPACED.match(following))
        is_patient = self._num_words < self._lengths.most * _PATIENCE
        if not may_end or (is_patient and _is_inside_markup(window[:end])):
            return 0
        if self._ends_by_mark(text, following):
            return end
        self._note_place(text, following, end)
        return self._best_place() if self._num_words >= self._lengths.most else 0

    def _ends_by_mark(self, text: str, following: str) -> bool:
        word = text.strip()
        if _LIST_MARK.match(word) or is_abbreviation(word):
            return False
        if "\n" in text[len(text.rstrip()) :]:
            return self._num_words >= self._lengths.sentence
        bare = word.rstrip(CLOSERS) or word
        if bare[-1] in SENTENCE_MARKS:
            return self._num_words >= self._lengths.sentence
        is_date = bool(_HAS_DIGIT.search(word)) and following.isdecimal()
        return self._num_words >= self._lengths.clause and not is_date and (word[-1] in CLAUSE_MARKS or word == "-")

    def _note_place(self, text: str, following: str, end: int) -> None:
        word = text.strip().strip(OPENERS + CLOSERS + CLAUSE_MARKS).lower()
        is_number = bool(_HAS_DIGIT.search(text)) or following.isdecimal() or following in "$€£¥%"
        is_leading = word in _LEADING_WORDS or is_abbreviation(text.strip())
        if self._num_words >= min(self._lengths.clause, self._lengths.most) and not is_number:
            self._places.append((0 if is_leading else 1, end))

    def _best_place(self) -> int:
        """The last place that parts no phrase, or the last; 0 where there is none yet."""
        return max(self._places)[1] if self._places else 0


def _num_words(text: str) -> float:
    if _IS_UNSPACED.match(text[0]):
        return 0.5 if text[0].isalnum() else 0.0
    return 1.0 if any(letter.isalnum() for letter in text) else 0.0


def _is_inside_markup(text: str) -> bool:
    inline = text.replace("```", "")
    return inline.count("`") % 2 == 1 or inline.count("**") % 2 == 1 or bool(_OPEN_LINK.search(inline))
