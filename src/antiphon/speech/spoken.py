"""From written words to spoken ones: every written word with the words that a person says for it.

`SpokenWord`s joined are the text to the letter. English has all readings; of other languages only numbers and markup
are read, and the rest is left to the synthesiser, which knows the language.
"""

import re

import msgspec

from antiphon.speech.abbreviations import may_end_sentence, spoken_abbreviation
from antiphon.speech.addresses import spoken_address
from antiphon.speech.amounts import MONTHS, spoken_amount, spoken_unit
from antiphon.speech.letters import spelled, spoken_camel, spoken_letters, spoken_mixture
from antiphon.speech.marks import UNSPACED, WIDE_MARKS, pause_of
from antiphon.speech.markup import unmarked
from antiphon.speech.numerals import cardinal, decimal, digit_by_digit, ordinal
from antiphon.speech.units import CURRENCIES, MAGNITUDES, SIGNS, UNITS

# A written word ends with its white space; a dash between words, and a letter of a script without spaces, end one too.
_WORD = re.compile(
    rf"\s+|(?:[{UNSPACED}]|(?:(?![{UNSPACED}])\S)+?(?:(?<=[—…])(?=\w)|(?=[{UNSPACED}\s])|$))[{WIDE_MARKS}]*\s*"
)


class SpokenWord(msgspec.Struct, frozen=True, gc=False):
    """A written word with the white space and marks that follow it, and what is said for it: nothing, for markup.

    `pause` is the mark (one of `.!?,;:`) with which the voice pauses after it, "" where it goes on.
    """

    text: str
    words: tuple[str, ...] = ()
    pause: str = ""


def spoken_words(text: str, language: str = "en") -> list[SpokenWord]:
    """Return the written words of a text with what is said for them in a language (ISO 639-1)."""
    return _Reader(_WORD.findall(text), language).read()


class _Reader:
    """Reads one text. What a word means may depend on the one before and the one after it."""

    def __init__(self, written: list[str], language: str) -> None:
        self._written = written
        self._language = language
        starts = [True, *("\n" in word for word in written)]
        unmarks = [unmarked(word.strip(), is_first_in_line=starts[i]) for i, word in enumerate(written)]
        self._is_first_in_line = starts
        self._bare = [word.bare for word in unmarks]
        self._tails = [word.tail for word in unmarks]
        # The name of a currency that is said after the next word: `$5 million`.
        self._owed: list[str] = []

    def read(self) -> list[SpokenWord]:
        """Return all words."""
        return [self._spoken(i) for i in range(len(self._written))]

    def _spoken(self, i: int) -> SpokenWord:
        text = self._written[i]
        if not self._bare[i]:
            return SpokenWord(text, (), self._silent_pause(i))
        owed, self._owed = self._owed, []
        words = [*self._said(i), *owed]
        said = tuple(word.strip("'") for word in words if any(map(str.isalnum, word)))
        return SpokenWord(text, said, self._pause(i) if said else self._silent_pause(i))

    def _pause(self, i: int) -> str:
        tail = self._tails[i]
        if tail.startswith(".") and not tail.startswith("..") and (self._is_abbreviated(i) or pause_of(tail[1:])):
            tail = tail[1:]
        pause = pause_of(tail) or ("," if "\n" in self._written[i] else "")
        return "," if pause == "." and self._is_list_mark(i) else pause

    def _is_abbreviated(self, i: int) -> bool:
        """Whether the full stop after a word belongs to it and ends no sentence."""
        dotted, after = self._bare[i] + ".", self._near(i + 1)
        is_unit = self._near(i - 1)[-1:].isdecimal() and self._bare[i] in UNITS and after[:1].islower()
        is_short = is_unit or spoken_abbreviation(dotted, after) is not None or may_end_sentence(dotted)
        return is_short and bool(after) and not (may_end_sentence(dotted) and after[0].isupper())

    def _silent_pause(self, i: int) -> str:
        """A dash between words, or the end of a line, is a pause."""
        is_dash = self._written[i].strip() in {"-", "–", "—", "…", "..."} and not self._is_first_in_line[i]  # noqa: RUF001
        return "," if is_dash or "\n" in self._written[i] else pause_of(self._tails[i])

    def _is_list_mark(self, i: int) -> bool:
        return self._is_first_in_line[i] and self._bare[i].isdecimal() and self._tails[i] in {".", ")"}

    def _said(self, i: int) -> list[str]:
        bare = self._bare[i]
        if self._language != "en":
            is_number = bare.replace(",", "").replace(".", "", 1).isdecimal()
            return decimal(bare, self._language) if is_number else [bare]
        dotted = bare + "." if self._tails[i].startswith(".") else bare
        for word in dict.fromkeys((dotted, bare)):
            said = spoken_abbreviation(word, self._near(i + 1))
            if said is not None:
                return said.split()
        return self._said_by_context(i, bare) or spoken_english(bare, is_year=self._is_year(i))

    def _near(self, i: int) -> str:
        return self._bare[i] if 0 <= i < len(self._bare) else ""

    def _said_by_context(self, i: int, bare: str) -> list[str] | None:
        """What only the words around tell."""
        before, after = self._near(i - 1), self._near(i + 1)
        if bare == "x" and before[-1:].isdecimal() and after[:1].isdecimal():
            return ["times"]
        if bare in SIGNS and before and (after or bare in {"%", "$"}):
            return self._sign(bare, before, after)
        if bare == "A":
            is_first = i == 0 or bool(self._tails[i - 1]) or self._is_first_in_line[i]
            return ["a"] if is_first and not self._tails[i] else ["A"]
        if before[-1:].isdecimal():
            unit = spoken_unit(bare, is_one=before == "1") if bare not in _NO_UNITS_ALONE else None
            if unit is not None:
                return unit
        return self._number_by_context(bare, before, after) if bare[-1].isdecimal() else _roman(bare, before)

    def _sign(self, sign: str, before: str, after: str) -> list[str] | None:
        is_sum = before[-1:].isdecimal() and after[:1].isdecimal()
        if sign in {"-", "*", "x", "<", ">"} and not is_sum and not (sign in "<>" and (before or after)):
            return None
        return SIGNS[sign].split()

    def _number_by_context(self, bare: str, before: str, after: str) -> list[str] | None:
        if before in MONTHS and bare.isdecimal() and len(bare) <= 2:
            return ordinal(bare)
        if after in MONTHS and bare.isdecimal() and len(bare) <= 2:
            return ["the", *ordinal(bare), "of"]
        if bare.isdecimal() and len(bare) == 3 and re.fullmatch(r"\d{3}-\d{4}", after):
            return digit_by_digit(bare)
        if re.fullmatch(r"\d\d?:00", bare) and after.lower().replace(".", "") in {"am", "pm"}:
            return cardinal(str(int(bare[:-3])))
        money = _MONEY.fullmatch(bare)
        if money and after.lower() in MAGNITUDES:
            self._owed = [CURRENCIES[money[1]][1]]
            return decimal(money[2])
        return None

    def _is_year(self, i: int) -> bool:
        """Whether the words around a number of four digits make it a year."""
        bare, before, after = self._bare[i], self._near(i - 1), self._near(i + 1)
        if not re.fullmatch(r"1[1-9]\d\d|20\d\d", bare) or bare == "2000":
            return False
        if before.lower() in _BEFORE_YEARS or before in MONTHS:
            return True
        is_date = before.isdecimal() and self._near(i - 2) in MONTHS
        is_counted = bool(after) and not self._tails[i] and after[-1:] == "s" and after.islower()
        return is_date or not (is_counted or after.lower() in MAGNITUDES)


_MONEY = re.compile(r"([$€£¥₹])(\d[\d,]*(?:\.\d+)?)")
# These are words as well, or other signs.
_NO_UNITS_ALONE = frozenset({"in", "A", "N", "J", "l", "x"})
_BEFORE_YEARS = frozenset({
    "in", "since", "by", "from", "until", "till", "year", "between", "during", "around", "circa", "before", "after",
    "early", "late", "mid", "spring", "summer", "autumn", "fall", "winter",
})  # fmt: skip
_ROMAN = {"II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12, "XIV": 14, "XVI": 16}
_REIGNING = frozenset({
    "Henry", "Louis", "Charles", "George", "Elizabeth", "Edward", "James", "William", "Richard", "Philip",
    "Napoleon", "Catherine", "Paul", "Benedict", "Pius", "Frederick", "Ramesses", "Alexander", "Nicholas",
})  # fmt: skip
_INSIDE_SIGNS = re.compile(r"(\^[23](?!\d)|[²³=+&@%^])|[^\w'.,-]+|(?<=\D)[.,]+(?=\D)|_")
_POWERS = {"^2": "squared", "²": "squared", "^3": "cubed", "³": "cubed"}
_SAID_INSIDE = {"=": "equals", "+": "plus", "&": "and", "@": "at", "%": "percent", "^": "to the", **_POWERS}


def _roman(bare: str, before: str) -> list[str] | None:
    """The number of a ruler or of anything else with a name: `Henry VIII`, `World War II`."""
    if bare not in _ROMAN or not before[:1].isupper():
        return None
    number = str(_ROMAN[bare])
    return ["the", *ordinal(number)] if before in _REIGNING else cardinal(number)


def spoken_english(bare: str, *, is_year: bool = False) -> list[str]:
    """Return what is said for one English word without regard to others; a word like any other is itself."""
    if bare.isalpha() and bare.islower():
        return [bare]
    if re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", bare):
        return [spelled(bare.replace(".", ""))]
    if len(bare) > _LONGEST_WORD:
        return [bare[:_LONGEST_WORD], *spoken_english(bare[_LONGEST_WORD:])]
    if bare.endswith("'s") and not bare[:-2].isalpha():
        *first, last = spoken_english(bare[:-2]) or [""]
        return [*first, last + "'s"]
    said = (spoken_amount(bare, is_year=is_year) if any(map(str.isnumeric, bare)) else None) or spoken_address(bare)
    said = said or spoken_letters(bare) or spoken_camel(bare)
    return said if said is not None else _said_in_parts(bare)


# No word of any language is longer; what is, is no word, and engines are slow at it.
_LONGEST_WORD = 200


def _said_in_parts(bare: str) -> list[str]:
    """A word with signs inside, or joined by hyphens, is said part by part."""
    parts = [part for part in _INSIDE_SIGNS.split(bare) if part]
    if len(parts) > 1 or (parts and parts[0] != bare):
        return [word for part in parts for word in _SAID_INSIDE.get(part, "").split() or spoken_english(part)]
    pieces = [piece for piece in bare.split("-") if piece]
    is_plain = all(piece.isalpha() and not (len(piece) > 1 and piece.isupper()) for piece in pieces)
    if len(pieces) == 2 and all(piece[0].isdecimal() for piece in pieces):
        return [*spoken_english(pieces[0]), "to", *spoken_english(pieces[1])]
    if len(pieces) > 1 and not is_plain:
        return [word for piece in pieces for word in spoken_english(piece)]
    if any(sign in CURRENCIES for sign in bare):
        return [word for sign in bare for word in ([CURRENCIES[sign][1]] if sign in CURRENCIES else [])] or [bare]
    return spoken_mixture(bare) or [bare]
