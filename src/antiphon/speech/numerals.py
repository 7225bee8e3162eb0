"""Numbers in digits as the words that a person says. `language` is an ISO 639-1 code.

num2words makes the words; a language that it does not know gets the digits as they are, for its synthesiser to read.
"""

import re
from importlib import import_module
from typing import Any

# No one says more digits than these as one number.
_MOST_DIGITS = 15
_WORD_BREAKS = re.compile(r"[\s,-]+")


def cardinal(digits: str, language: str = "en") -> list[str]:
    """Return an integer's words; commas between its digits are passed over: `1,200` is one thousand two hundred."""
    bare = digits.replace(",", "")
    is_code = len(bare) > _MOST_DIGITS or (len(bare) > 1 and bare.startswith("0"))
    return digit_by_digit(bare, language) if is_code else _words(int(bare), "cardinal", language)


def decimal(number: str, language: str = "en") -> list[str]:
    """Return the words of an integer or of a number with a decimal point: its fraction is read digit by digit."""
    whole, point, fraction = number.partition(".")
    if not point:
        return cardinal(number, language)
    if language != "en":
        return _words(float(number.replace(",", "")), "cardinal", language)
    return [*(cardinal(whole, language) if whole else ["zero"]), "point", *digit_by_digit(fraction, language)]


def ordinal(digits: str, language: str = "en") -> list[str]:
    """Return an ordinal's words: `21` is twenty first."""
    return _words(int(digits.replace(",", "")), "ordinal", language)


def year(digits: str, language: str = "en") -> list[str]:
    """Return a year's words: `1987` is nineteen eighty seven."""
    return _words(int(digits), "year", language)


def decade(digits: str) -> list[str]:
    """Return the English words of the years of a decade: `1980` is nineteen eighties."""
    *first, last = year(digits) if len(digits) == 4 else cardinal(digits)
    return [*first, plural(last)]


def digit_by_digit(digits: str, language: str = "en") -> list[str]:
    """Return each digit's word; what is no digit is passed over."""
    return [word for digit in digits if digit.isdecimal() for word in _words(int(digit), "cardinal", language)]


def version(dotted: str) -> list[str]:
    """Return the English words of numbers with several points: `1.2.3` is one point two point three."""
    first, *others = dotted.split(".")
    return [*cardinal(first), *(word for part in others for word in ("point", *cardinal(part)))]


def fraction(numerator: str, denominator: str) -> list[str]:
    """Return the English words of a common fraction: `3/4` is three quarters."""
    is_one = int(numerator) == 1
    names = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    if int(denominator) in names:
        return [*cardinal(numerator), names[int(denominator)][0 if is_one else 1]]
    *first, last = ordinal(denominator)
    return [*cardinal(numerator), *first, last if is_one else plural(last)]


def plural(word: str) -> str:
    """Return the plural of an English number's word."""
    return word[:-1] + "ies" if word.endswith("y") else word + ("es" if word.endswith("x") else "s")


def _words(number: float, to: str, language: str) -> list[str]:
    # A module without types: named in a string, it is `Any`. It takes 50 ms to import, and the first number pays.
    num2words: Any = import_module("num2words").num2words
    try:
        words = str(num2words(number, lang=language, to=to))
    except (NotImplementedError, OverflowError, ArithmeticError):
        return [f"{number:g}"]
    return [word for word in _WORD_BREAKS.split(words) if word]
