"""Ranges of numbers as terminals of a Lark grammar: exact bounds, exact multiples, and an end to every run of digits.

A decimal number with p places is an integer with a point before its last p digits. So every question is one about
integers: the strings of k digits whose value lies between two integers and, with the remainder of the digits before
them, makes a multiple. Where nothing is asked a number has at most 15 digits before its point and 6 after it, which a
double keeps apart; a small model that began a number would else not always end it.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, gcd

from antiphon.schemas.fractions import Edge, fraction
from antiphon.schemas.nodes import Bound, Number

MAX_WHOLE_DIGITS = 15
MAX_PLACES = 6
# Bounds further out, or finer, than this many digits are refused: the expression grows with them.
MAX_BOUND_DIGITS = 40
# A remainder is a state of the lexer at each digit: a step with a large prime in it shortens what is written.
MAX_REMAINDERS = 1_500
MIN_WHOLE_DIGITS = 6
MAX_SMALL_SIEVE = 10

ANY_INTEGER = "/0|-?[1-9][0-9]{0,14}/"
# The only numbers that may have an exponent: with a bound or a multiple it would have to be followed into the digits.
ANY_NUMBER = r"/-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?([eE][+-]?[1-9][0-9]?)?/"


class NumberRefused(Exception):
    """The range holds no number, or cannot be enforced: `keyword` is the one at fault; the message is a sentence."""

    def __init__(self, keyword: str, message: str) -> None:
        super().__init__(message)
        self.keyword = keyword


def number_expression(number: Number, define: Callable[[str], str]) -> str:
    """The terminal expression of a number's texts; `define` names an expression that is used more than once.

    Raises `NumberRefused`.
    """
    if number.minimum is None and number.maximum is None and number.multiple_of is None:
        return ANY_INTEGER if number.integer else ANY_NUMBER
    low, high = _window(number)
    write = _multiples if number.integer or number.multiple_of is not None else _decimals
    options: list[str] = []
    if high.value >= 0:
        options += write(number, max(low, Bound(Decimal(0), inclusive=True), key=_rank_low), high, define)
    if low.value < 0:
        above = min(high, Bound(Decimal(0), inclusive=False), key=_rank_high)
        mirrored = Bound(-above.value, above.inclusive), Bound(-low.value, low.inclusive)
        options += [f'"-" {option}' for option in write(number, *mirrored, define)]
    if not options:
        raise NumberRefused(_narrowest(number), "No number satisfies it together with its neighbours.")
    return f"({' | '.join(options)})"


def _rank_low(bound: Bound) -> tuple[Decimal, bool]:
    return bound.value, not bound.inclusive


def _rank_high(bound: Bound) -> tuple[Decimal, bool]:
    return bound.value, bound.inclusive


def _multiples(number: Number, low: Bound, high: Bound, define: Callable[[str], str]) -> list[str]:
    """The integers, or the multiples of a step, between two bounds from 0 on."""
    num_places = 0 if number.multiple_of is None or number.integer else _num_places(number.multiple_of)
    options: list[str] = []
    # Zeros at the end may be left out, unless each length would need a large sieve of its own.
    shortest = 0 if _stubborn(number.multiple_of) <= MAX_SMALL_SIEVE else num_places
    for places in range(shortest, num_places + 1):
        first, last = _scaled(low, 10**places, upwards=True), _scaled(high, 10**places, upwards=False)
        if first <= last:
            options += _Digits(places, _modulus(number, places), define).between(first, last)
    return options


def _decimals(number: Number, low: Bound, high: Bound, define: Callable[[str], str]) -> list[str]:
    """The numbers between two bounds from 0 on, with as many digits as a double keeps apart, or as it takes."""
    bounds = [bound.value for bound in (number.minimum, number.maximum) if bound is not None]
    # One more than the bounds have, or nothing might lie between them.
    finest = max(map(_num_places, bounds)) + 1
    kept = MAX_WHOLE_DIGITS - max(map(_whole_digits, bounds))
    return _with_places(low, high, min(max(finest, MAX_PLACES), kept), define) or _with_places(
        low, high, finest, define
    )


def _with_places(low: Bound, high: Bound, room: int, define: Callable[[str], str]) -> list[str]:
    """The same with at most so many digits after the point: at the two ends, and between them."""
    least, most = floor(low.value), floor(high.value)
    low_edge, high_edge = _edge(low), _edge(high)
    options: list[tuple[int, int, str | None]] = []
    if least > most:
        return []
    if least == most:
        options.append((least, least, fraction(low_edge, high_edge, room)))
    else:
        options.append((least, least, fraction(low_edge, None, room)))
        options.append((least + 1, most - 1, fraction(None, None, room)))
        options.append((most, most, fraction(None, high_edge, room)))
    digits = _Digits(0, 1, define)
    expressions: list[str] = []
    for first, last, after in options:
        if first <= last and after is not None:
            whole = " | ".join(digits.between(first, last))
            expressions.append(f"({whole})" + (f" /{after}/" if after else ""))
    return expressions


def _edge(bound: Bound) -> Edge:
    digits = f"{bound.value:f}".partition(".")[2].rstrip("0")
    return Edge(digits, bound.inclusive)


def _window(number: Number) -> tuple[Bound, Bound]:
    """The range of the schema, cut to what is written at most."""
    stubborn, num_places = _stubborn(number.multiple_of), _num_places(number.multiple_of or Decimal(0))
    whole_digits = min(MAX_WHOLE_DIGITS, max(MAX_REMAINDERS // stubborn - num_places, MIN_WHOLE_DIGITS))
    for keyword, value in _inward(number):
        digits = _whole_digits(value)
        if digits > MAX_BOUND_DIGITS or _num_places(value) > MAX_BOUND_DIGITS:
            raise NumberRefused(keyword, f"A number of more than {MAX_BOUND_DIGITS} digits cannot be enforced.")
        whole_digits = max(whole_digits, digits + 1)
    if stubborn * (whole_digits + num_places) > 4 * MAX_REMAINDERS:
        raise NumberRefused("multipleOf", "So many remainders cannot be enforced.")
    edge = Decimal(10) ** whole_digits
    low, high = Bound(-edge, inclusive=False), Bound(edge, inclusive=False)
    if number.minimum is not None and number.minimum.value > -edge:
        low = number.minimum
    if number.maximum is not None and number.maximum.value < edge:
        high = number.maximum
    return low, high


def _inward(number: Number) -> list[tuple[str, Decimal]]:
    """What keeps the numbers away from zero, and so must be within what is written."""
    values: list[tuple[str, Decimal]] = []
    if number.minimum is not None and number.minimum.value > 0:
        values.append(("minimum", number.minimum.value))
    if number.maximum is not None and number.maximum.value < 0:
        values.append(("maximum", number.maximum.value))
    if number.multiple_of is not None:
        values.append(("multipleOf", number.multiple_of))
    return values


def _stubborn(multiple_of: Decimal | None) -> int:
    """The factor of a step that the last digits alone do not decide: what is left without its twos and fives."""
    if multiple_of is None:
        return 1
    stubborn = Fraction(multiple_of).numerator
    for factor in (2, 5):
        while stubborn % factor == 0:
            stubborn //= factor
    return stubborn


def _scaled(bound: Bound, scale: int, *, upwards: bool) -> int:
    """The integer nearest to the bound, times the scale, inside the range."""
    exact = Fraction(bound.value) * scale
    inside = ceil(exact) if upwards else floor(exact)
    if inside == exact and not bound.inclusive:
        inside += 1 if upwards else -1
    return inside


def _modulus(number: Number, places: int) -> int:
    """What the digits, read as an integer, must be a multiple of when `places` of them stand after the point."""
    if number.multiple_of is None:
        return 1
    return (Fraction(number.multiple_of) * 10**places).numerator


def _whole_digits(value: Decimal) -> int:
    return max(value.copy_abs().adjusted() + 1, 1)


def _num_places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _narrowest(number: Number) -> str:
    if number.multiple_of is not None:
        return "multipleOf"
    return "minimum" if number.minimum is not None else "maximum"


class _Digits:
    """Expressions of digit strings with a point before their last `places` digits, whose value is a multiple."""

    def __init__(self, places: int, modulus: int, define: Callable[[str], str]) -> None:
        self._places = places
        self._modulus = modulus
        self._define = define
        self._free_names: dict[tuple[int, int], str | None] = {}

    def between(self, low: int, high: int) -> list[str]:
        """The texts of the multiples from low to high, both at least 0, without leading zeros; one option a length."""
        shortest = self._places + 1
        longest = max(len(str(high)), shortest)
        options: list[str] = []
        whole: list[int] = []
        for length in range(shortest, longest + 1):
            least, most = 10 ** (length - 1) if length > shortest else 0, 10**length - 1
            if self._modulus == 1 and length > shortest and low <= least and most <= high:
                whole.append(length - shortest)
                continue
            first, last = max(low, least), min(high, most)
            expression = self._range(length, first, last, 0) if first <= last else None
            if expression is not None:
                options.append(expression)
        if whole:
            point = f"\\.[0-9]{{{self._places}}}" if self._places else ""
            options.append(f"/[1-9][0-9]{{{whole[0]},{whole[-1]}}}{point}/")
        return options

    def _range(self, length: int, low: int, high: int, remainder: int) -> str | None:
        """Strings of `length` digits from low to high that complete the remainder of the digits before them."""
        if low == 0 and high == 10**length - 1:
            return self._free(length, remainder)
        unit = 10 ** (length - 1)
        tails: dict[str, str] = {}
        for digit in range(low // unit, high // unit + 1):
            start, end = max(low - digit * unit, 0), min(high - digit * unit, unit - 1)
            tail = self._range(length - 1, start, end, (remainder * 10 + digit) % self._modulus)
            if tail is not None:
                tails[tail] = tails.get(tail, "") + str(digit)
        return self._join(length, tails)

    def _free(self, length: int, remainder: int) -> str | None:
        """Any string of `length` digits that completes the remainder; None if there is none."""
        if self._modulus == 1:
            return self._any(length)
        # Only this much of the remainder is still seen once `length` more digits have followed.
        seen = self._modulus // gcd(self._modulus, 10**length)
        key = (length, remainder % seen)
        if key not in self._free_names:
            self._free_names[key] = self._new_free(length, remainder)
        return self._free_names[key]

    def _new_free(self, length: int, remainder: int) -> str | None:
        if length == 0:
            return '""' if remainder == 0 else None
        tails: dict[str, str] = {}
        for digit in range(10):
            tail = self._free(length - 1, (remainder * 10 + digit) % self._modulus)
            if tail is not None:
                tails[tail] = tails.get(tail, "") + str(digit)
        joined = self._join(length, tails)
        return None if joined is None else self._define(joined)

    def _any(self, length: int) -> str:
        if length == 0:
            return '""'
        whole = length - self._places
        if whole <= 0 or self._places == 0:
            return f"/[0-9]{{{length}}}/"
        return f"/[0-9]{{{whole}}}\\.[0-9]{{{self._places}}}/"

    def _join(self, length: int, tails: dict[str, str]) -> str | None:
        """One digit, the point if it stands here, and the tail; a choice of these."""
        point = "\\." if length - 1 == self._places and self._places > 0 else ""
        options = [f"/[{digits}]{point}/" + ("" if tail == '""' else f" {tail}") for tail, digits in tails.items()]
        if not options:
            return None
        return options[0] if len(options) == 1 else f"({' | '.join(options)})"
