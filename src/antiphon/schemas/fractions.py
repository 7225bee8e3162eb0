"""Digits after a point, between two bounds, as a regular expression.

A run of digits is compared from its left, as if zeros without end stood after it; so the expression grows with the
number of digits of the bounds, and not with how many numbers lie between them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """A bound of a fraction: its digits after the point, without zeros at their end."""

    digits: str
    inclusive: bool


def fraction(low: Edge | None, high: Edge | None, room: int) -> str | None:
    """What may follow the digits before the point: a point and at most `room` digits, or nothing.

    None for an edge is no bound; None for a result is that nothing fits.
    """
    some = _some(low, high, room)
    if _is_zero_inside(low, high):
        return f"(\\.{some})?" if some else ""
    return f"\\.{some}" if some else None


def _some(low: Edge | None, high: Edge | None, room: int) -> str | None:
    """One to `room` digits."""
    if room == 0:
        return None
    if low is None and high is None:
        return f"[0-9]{{1,{room}}}"
    digits_of_rest: dict[str, str] = {}
    for digit in "0123456789":
        rest = _rest_after(digit, low, high, room - 1)
        if rest is not None:
            digits_of_rest[rest] = digits_of_rest.get(rest, "") + digit
    options = [f"[{digits}]{rest}" for rest, digits in digits_of_rest.items()]
    return None if not options else options[0] if len(options) == 1 else f"({'|'.join(options)})"


def _rest_after(digit: str, low: Edge | None, high: Edge | None, room: int) -> str | None:
    """None or more digits after this one, or None if nothing that begins with it fits."""
    if low is not None:
        first = low.digits[:1] or "0"
        if digit < first:
            return None
        low = Edge(low.digits[1:], low.inclusive) if digit == first else None
        if low == Edge("", inclusive=True):
            low = None
    if high is not None:
        first = high.digits[:1] or "0"
        if digit > first:
            return None
        high = Edge(high.digits[1:], high.inclusive) if digit == first else None
    if high == Edge("", inclusive=False):
        return None
    some = _some(low, high, room) if high is None or high.digits else None
    if _is_zero_inside(low, high):
        return f"({some})?" if some else ""
    return some


def _is_zero_inside(low: Edge | None, high: Edge | None) -> bool:
    """Whether the bounds let the digits end here."""
    return (low is None or low == Edge("", inclusive=True)) and (high is None or bool(high.digits) or high.inclusive)
