"""One written word with digits in it, as the English words that a person says. What stands around it is in `spoken`.

Each reading is a pattern of the whole word and what is said for it; the first that fits is the one.
"""
# ruff: noqa: RUF001 - signs that look alike are meant

import re
import unicodedata
from collections.abc import Callable

from antiphon.speech.numerals import cardinal, decade, decimal, digit_by_digit, fraction, ordinal, version, year
from antiphon.speech.units import CURRENCIES, MULTIPLES, SIGNS, UNITS

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_MONEY_MARKS = "|".join(re.escape(mark) for mark in sorted(CURRENCIES, key=len, reverse=True))
_UNIT_MARKS = "|".join(re.escape(mark) for mark in sorted(UNITS, key=len, reverse=True))


def spoken_amount(word: str, *, is_year: bool = False) -> list[str] | None:
    """Return what is said for a word with digits, `None` where none of the readings fits.

    `is_year` where the words around make a number of four digits a year.
    """
    if is_year and re.fullmatch(r"\d{4}", word):
        return year(word)
    for pattern, say in _READINGS:
        match = pattern.fullmatch(word)
        words = say(match) if match else None
        if words is not None:
            return words
    return None


def spoken_unit(mark: str, *, is_one: bool) -> list[str] | None:
    """Return the name of a unit that stands after a number, `None` where it is none."""
    return UNITS[mark][0 if is_one else 1].split() if mark in UNITS else None


def _time(match: re.Match[str]) -> list[str] | None:
    hour, minute, second, half = match["hour"], match["minute"], match["second"], match["half"] or ""
    if int(hour) > 24 or int(minute) > 59:
        return None
    words = cardinal(str(int(hour)))
    if int(minute):
        words += cardinal(minute) if minute[0] != "0" else ["oh", *cardinal(minute[1])]
    elif not half and not second:
        words += ["o'clock"] if 0 < int(hour) <= 12 else ["hundred"]
    if second:
        words += ["and", *cardinal(str(int(second))), "seconds"]
    return words + ([".".join(half.replace(".", "").upper())] if half else [])


def _iso_date(match: re.Match[str]) -> list[str] | None:
    return _date(match["month"], match["day"], match["year"])


def _date(month: str, day: str, of_year: str) -> list[str] | None:
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return None
    return [MONTHS[int(month) - 1], *ordinal(day), *year(of_year)]


def _money(match: re.Match[str]) -> list[str]:
    number, multiple = match["number"].replace(",", ""), match["multiple"]
    one, many, cent, cents = CURRENCIES[match["mark"]]
    whole, _, hundredths = number.partition(".")
    if multiple or len(hundredths) != 2 or not cent:
        amount = decimal(number) + ([MULTIPLES[multiple]] if multiple else [])
        return [*amount, one if number == "1" and not multiple else many]
    small = [*cardinal(str(int(hundredths))), cent if int(hundredths) == 1 else cents]
    if not int(whole or "0"):
        return small
    large = [*cardinal(whole), one if whole == "1" else many]
    return [*large, "and", *small] if int(hundredths) else large


def _measure(match: re.Match[str]) -> list[str]:
    number, unit = match["number"], match["unit"]
    return [*decimal(number), *(spoken_unit(unit, is_one=number == "1") or [])]


def _vulgar_fraction(whole: str, part: str) -> list[str]:
    numerator, _, denominator = unicodedata.normalize("NFKC", part).partition("\u2044")
    words = fraction(numerator, denominator)
    return [*cardinal(whole), "and", *words] if whole else words


def _range(match: re.Match[str]) -> list[str] | None:
    first, last = match["first"], match["last"]
    are_years = bool(re.fullmatch(r"1[1-9]\d\d|20\d\d", first)) and bool(re.fullmatch(r"\d\d|1\d{3}|20\d\d", last))
    if are_years:
        return [*year(first), "to", *(year(last) if len(last) == 4 else cardinal(str(int(last))))]
    begin, end = spoken_amount(first), spoken_amount(last)
    return None if begin is None or end is None else [*begin, "to", *end]


def _power_of_ten(match: re.Match[str]) -> list[str]:
    return [*decimal(match["number"]), "times", "ten", "to", "the", *_signed(match["power"])]


def _signed(number: str) -> list[str]:
    return ["minus", *cardinal(number[1:])] if number[0] in "-−" else cardinal(number.lstrip("+"))


def _sign_before(match: re.Match[str]) -> list[str] | None:
    rest = spoken_amount(match["rest"])
    return None if rest is None else [*SIGNS[match["sign"]].split(), *rest]


def _joined(match: re.Match[str]) -> list[str] | None:
    parts = [spoken_amount(part) for part in re.split(r"[x×*/+=^]", match[0])]
    signs = {"x": "by", "×": "times", "*": "times", "/": "over", "+": "plus", "=": "equals", "^": "to the"}
    words: list[str] = []
    for part, sign in zip(parts, [*re.findall(r"[x×*/+=^]", match[0]), ""], strict=True):
        if part is None:
            return None
        words += part + (signs[sign].split() if sign else [])
    return words


_Reading = tuple[re.Pattern[str], Callable[[re.Match[str]], list[str] | None]]
_READINGS: tuple[_Reading, ...] = (
    (re.compile(r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?P<half>[ap]\.?m\.?|[AP]\.?M\.?)?"), _time),
    (re.compile(r"(?P<year>[12]\d{3})-(?P<month>\d\d)-(?P<day>\d\d)"), _iso_date),
    # A date with slashes is read as Americans write it.
    (re.compile(r"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>[12]\d{3})"), _iso_date),
    (re.compile(r"(\d)'(\d\d?)\"?"), lambda match: [*cardinal(match[1]), "foot", *cardinal(match[2])]),
    (re.compile(r"(\d*)([½⅓⅔¼¾⅕⅛⅜⅝⅞])"), lambda match: _vulgar_fraction(match[1], match[2])),
    (re.compile(r"24/7"), lambda _: ["twenty", "four", "seven"]),
    (re.compile(r"(\d+)/\1"), lambda match: cardinal(match[1]) * 2),
    (re.compile(r"(\d{1,3})/(\d{1,3})"), lambda match: fraction(match[1], match[2]) if int(match[2]) > 1 else None),
    (re.compile(r"(\d{1,3}):(\d{1,3})"), lambda match: [*cardinal(match[1]), "to", *cardinal(match[2])]),
    (re.compile(rf"(?P<mark>{_MONEY_MARKS})(?P<number>{_NUMBER})(?P<multiple>bn|[kKmMbBtT])?"), _money),
    (re.compile(rf"(?P<number>{_NUMBER})(?P<multiple>bn|[kKmMbBtT])?(?P<mark>{_MONEY_MARKS})"), _money),
    (re.compile(r"(\d[\d,]*)(?:st|nd|rd|th)"), lambda match: ordinal(match[1])),
    (re.compile(r"'?((?:1\d|20)?\d0)['’]?s"), lambda match: decade(match[1])),
    # Telephone numbers, and other codes in groups.
    (re.compile(r"\+?\d{1,3}(?:[-.]\d{2,4}){2,}|\d{3}-\d{4}|\+\d{7,}"), lambda match: digit_by_digit(match[0])),
    (re.compile(rf"(?P<number>{_NUMBER})(?P<unit>{_UNIT_MARKS})"), _measure),
    (re.compile(rf"({_NUMBER})(bn|[MB])"), lambda match: [*decimal(match[1]), MULTIPLES[match[2]]]),
    (re.compile(rf"(?P<number>{_NUMBER})[eE](?P<power>[+-]?\d+)"), _power_of_ten),
    (re.compile(_NUMBER), lambda match: decimal(match[0])),
    (re.compile(r"\d+(?:\.\d+){2,}"), lambda match: version(match[0])),
    (re.compile(r"(?P<first>[$€£]?\d[\d,.]*)[-–—](?P<last>\d[\d,.]*\D{0,3})"), _range),
    (re.compile(r"(?P<sign>[<>≤≥≈~±=+@−-])(?P<rest>\S*\d\S*)"), _sign_before),
    (re.compile(r"#(\d+)"), lambda match: ["number", *cardinal(match[1])]),
    (re.compile(r"[\d.,]+(?:[x×*/+=^][\d.,]+)+"), _joined),
)
