"""Whether a text has a part that a pattern matches, in a time that no pattern makes endless.

The standard library tries one way after the other, which some patterns double with each character. Here all ways go on
side by side, as the set of the places that they have reached.
"""

from antiphon.engines.scripted.effort import Effort
from antiphon.schemas.patterns import Chars, Choice, End, Lookahead, Pattern, Repeat, Sequence, Start

Places = frozenset[int]


def has_match(pattern: Pattern, text: str, effort: Effort) -> bool:
    """Whether the pattern matches somewhere in the text. Raises `InvalidRequest` where that takes too much effort."""
    return bool(_Matcher(text, effort).reached(pattern, frozenset(range(len(text) + 1))))


class _Matcher:
    def __init__(self, text: str, effort: Effort) -> None:
        self._text = text
        self._effort = effort

    def reached(self, pattern: Pattern, places: Places) -> Places:
        """Return where matches end that begin at any of the places."""
        self._effort.spend(1 + len(places))
        match pattern:
            case Chars():
                ends = {at + 1 for at in places if at < len(self._text) and ord(self._text[at]) in pattern.chars}
                places = frozenset(ends)
            case Sequence():
                for part in pattern.parts:
                    places = self.reached(part, places)
            case Choice():
                places = frozenset(end for option in pattern.options for end in self.reached(option, places))
            case Repeat():
                places = self._repeated(pattern, places)
            case Start():
                places &= {0}
            case End():
                places &= {len(self._text)}
            case Lookahead():
                places = frozenset(at for at in places if self._is_ahead(pattern.part, at) is not pattern.negative)
        return places

    def _is_ahead(self, pattern: Pattern, at: int) -> bool:
        return bool(self.reached(pattern, frozenset({at})))

    def _repeated(self, pattern: Repeat, places: Places) -> Places:
        for _ in range(pattern.least):
            places = self.reached(pattern.part, places)
        found, newest, num_repeats = places, places, pattern.least
        while newest and (pattern.most is None or num_repeats < pattern.most):
            newest = self.reached(pattern.part, newest) - found
            found |= newest
            num_repeats += 1
        return found
