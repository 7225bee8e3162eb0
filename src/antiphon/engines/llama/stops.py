"""Stop strings: text is held back as long as it may be the beginning of one, and nothing of one is ever told."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from antiphon.wire.chat.answer import TokenLogprob


@dataclass(frozen=True, slots=True)
class Span:
    """A token's text, and its log-probability where that was asked for."""

    text: str
    logprob: TokenLogprob | None = None

    def cut(self, length: int) -> "Span":
        """Return the span with only the first `length` characters of its text."""
        text = self.text[:length]
        if self.logprob is None:
            return Span(text)
        return Span(text, msgspec.structs.replace(self.logprob, token=text, bytes=list(text.encode())))


class StopStrings:
    """Watches one choice for the first of `stops`; `is_found` once one was there."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held: list[Span] = []
        self._text = ""
        self.is_found = False

    def feed(self, span: Span) -> list[Span]:
        """Take the next token and return those that are now known to be text, whole but for one that a stop cuts."""
        if not self._stops:
            return [span]
        self._held.append(span)
        self._text += span.text
        starts = [start for start in map(self._text.find, self._stops) if start >= 0]
        if starts:
            self.is_found = True
            return self._released(min(starts), cuts=True)
        return self._released(len(self._text) - self._suspected(), cuts=False)

    def rest(self) -> list[Span]:
        """Return what was held back when the text has ended by itself."""
        return self._released(len(self._text), cuts=False)

    def _suspected(self) -> int:
        """Return how many characters at the end are the beginning of a stop string."""
        longest = min(len(self._text), max(map(len, self._stops)) - 1)
        return next(
            (length for length in range(longest, 0, -1) if self._is_beginning(self._text[-length:])),
            0,
        )

    def _is_beginning(self, text: str) -> bool:
        return any(stop.startswith(text) for stop in self._stops)

    def _released(self, length: int, *, cuts: bool) -> list[Span]:
        """Take the first `length` characters out of what is held, by whole tokens; `cuts` splits the last one."""
        released: list[Span] = []
        while self._held and len(self._held[0].text) <= length:
            span = self._held.pop(0)
            released.append(span)
            length -= len(span.text)
            self._text = self._text[len(span.text) :]
        if cuts and self._held and length > 0:
            released.append(self._held[0].cut(length))
        return released
