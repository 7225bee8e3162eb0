"""Reads what a model writes: words, and calls in the form that it was taught. See `tools` for the form.

Text comes in pieces that end anywhere. Words and arguments are told as they come; held back is only what may be the
beginning of a call, or is one whose name is not whole yet. Nothing of a call's form is ever told as words, and any
cutting of the same text into pieces tells the same.

A small model that may call several functions repeats a call until it is stopped. So the second call and those after it
are told once they are whole, and a repetition is not told at all: with it the answer is over.
"""

import re
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from antiphon.engines.llama.stops import Span
from antiphon.engines.llama.tools import CALL_BEGINS, CALL_ENDS
from antiphon.generation.facts import ArgumentsProduced, TextProduced, ToolCallStarted

CallFact = TextProduced | ToolCallStarted | ArgumentsProduced

# A call up to its arguments, spaced in any way.
_HEAD: Final = re.compile(r'\s*\{\s*"name"\s*:\s*"([A-Za-z0-9_-]{1,64})"\s*,\s*"arguments"\s*:\s*(?=\{)')
# What has no head within so many characters is no call.
_MAX_HEAD_CHARACTERS: Final = 256


class _Part(Enum):
    WORDS = auto()
    HEAD = auto()
    ARGUMENTS = auto()
    BETWEEN_CALLS = auto()


class CallReader:
    """Reads one choice. `called` names the call in whose arguments the text begins, if it does."""

    def __init__(self, index: int, make_call_id: Callable[[], str], called: str | None = None) -> None:
        self._index = index
        self._called = called
        self._part = _Part.WORDS if called is None else _Part.ARGUMENTS
        self._held = _Held()
        self._arguments = _ObjectScanner()
        self._calls = _Calls(index, make_call_id)

    @property
    def has_called(self) -> bool:
        """Whether a call has begun."""
        return self._calls.has_begun

    @property
    def is_over(self) -> bool:
        """Whether nothing more is told, whatever else the model writes."""
        return self._calls.are_repeating

    def begin(self) -> list[CallFact]:
        """Return what is known before the first piece: the call that the prompt ends in."""
        return [] if self._called is None else self._calls.begin(self._called)

    def feed(self, span: Span) -> list[CallFact]:
        """Take the next piece, and return what is known now."""
        self._held.add(span)
        facts: list[CallFact] = []
        is_moving = True
        while is_moving and self._held.text and not self.is_over:
            part = self._part
            facts += self._advance()
            is_moving = self._part is not part
        return facts

    def end(self) -> list[CallFact]:
        """Return what was held back when the text has ended: words, unless it is a piece of a call."""
        text = self._held.text.strip()
        is_cut_call = self._part is _Part.HEAD and (not text or text.startswith("{"))
        if self.is_over or self._part is _Part.BETWEEN_CALLS or is_cut_call:
            return []
        if self._part is _Part.HEAD:
            self._held.put_back(CALL_BEGINS)
        return self._words(len(self._held.text))

    def _advance(self) -> list[CallFact]:
        match self._part:
            case _Part.WORDS:
                return self._advance_in_words()
            case _Part.HEAD:
                return self._advance_in_head()
            case _Part.ARGUMENTS:
                return self._advance_in_arguments()
            case _Part.BETWEEN_CALLS:
                return self._advance_between_calls()

    def _advance_in_words(self) -> list[CallFact]:
        text = self._held.text
        start = text.find(CALL_BEGINS)
        if start < 0:
            return self._words(len(text) - num_suspected(text, CALL_BEGINS), whole=True)
        facts = self._words(start)
        self._held.drop(len(CALL_BEGINS))
        self._part = _Part.HEAD
        return facts

    def _advance_in_head(self) -> list[CallFact]:
        text = self._held.text[:_MAX_HEAD_CHARACTERS]
        head = _HEAD.match(text)
        if head is not None:
            self._held.drop(head.end())
            self._part = _Part.ARGUMENTS
            return self._calls.begin(head.group(1))
        if len(text) < _MAX_HEAD_CHARACTERS:
            return []
        self._part = _Part.WORDS
        return [TextProduced(self._index, CALL_BEGINS)]

    def _advance_in_arguments(self) -> list[CallFact]:
        text = self._held.text
        length = self._arguments.scan(text)
        self._held.drop(length)
        facts = self._calls.add(text[:length])
        if self._arguments.is_whole:
            facts += self._calls.finish()
            self._arguments = _ObjectScanner()
            self._part = _Part.BETWEEN_CALLS
        return facts

    def _advance_between_calls(self) -> list[CallFact]:
        """Pass over what closes the call; then comes another call, or words."""
        text = self._held.text
        rest = text.lstrip().removeprefix("}").lstrip()
        is_undecided = CALL_ENDS.startswith(rest) and rest != CALL_ENDS
        rest = rest.removeprefix(CALL_ENDS).lstrip()
        if not is_undecided and rest and not (CALL_BEGINS.startswith(rest) and rest != CALL_BEGINS):
            self._held.drop(len(text) - len(rest))
            self._part = _Part.WORDS
        return []

    def _words(self, length: int, *, whole: bool = False) -> list[CallFact]:
        spans = self._held.take(length, cuts=not whole)
        if not spans:
            return []
        logprobs = tuple(span.logprob for span in spans if span.logprob is not None)
        return [TextProduced(self._index, "".join(span.text for span in spans), logprobs)]


class _Calls:
    """The calls of a choice: the first is told as it comes, each later one when it is whole and no repetition."""

    def __init__(self, index: int, make_id: Callable[[], str]) -> None:
        self._index = index
        self._make_id = make_id
        self._whole: list[tuple[str, str]] = []
        self._name = ""
        self._arguments = ""
        self.has_begun = False
        self.are_repeating = False

    def begin(self, name: str) -> list[CallFact]:
        """Begin a call."""
        self._name, self._arguments, self.has_begun = name, "", True
        return [] if self._whole else [self._started()]

    def add(self, text: str) -> list[CallFact]:
        """Add to its arguments."""
        self._arguments += text
        return [] if self._whole else self._produced(text)

    def finish(self) -> list[CallFact]:
        """End it."""
        call = (self._name, self._arguments)
        self.are_repeating = call in self._whole
        facts: list[CallFact] = []
        if self._whole and not self.are_repeating:
            facts = [self._started(), *self._produced(self._arguments)]
        self._whole.append(call)
        return facts

    def _started(self) -> ToolCallStarted:
        return ToolCallStarted(self._index, len(self._whole), self._make_id(), self._name)

    def _produced(self, text: str) -> list[CallFact]:
        return [ArgumentsProduced(self._index, len(self._whole), text)] if text else []


class _Held:
    """Pieces that were not told yet, and their text."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self.text = ""

    def add(self, span: Span) -> None:
        """Put a piece at the end."""
        if span.text:
            self._spans.append(span)
            self.text += span.text

    def put_back(self, text: str) -> None:
        """Put text at the beginning."""
        self._spans.insert(0, Span(text))
        self.text = text + self.text

    def take(self, length: int, *, cuts: bool) -> list[Span]:
        """Remove and return the first `length` characters; a piece that goes on is cut, or else left whole."""
        taken: list[Span] = []
        while self._spans and length > 0:
            span = self._spans[0]
            if len(span.text) <= length:
                taken.append(self._spans.pop(0))
            elif cuts:
                taken.append(span.cut(length))
                self._spans[0] = Span(span.text[length:], span.logprob)
            else:
                break
            length -= len(taken[-1].text)
            self.text = self.text[len(taken[-1].text) :]
        return taken

    def drop(self, length: int) -> None:
        """Remove the first `length` characters."""
        self.take(length, cuts=True)


class _ObjectScanner:
    """Finds the end of a JSON object that comes in pieces."""

    def __init__(self) -> None:
        self._depth = 0
        self._is_in_string = False
        self._is_escaped = False
        self.is_whole = False

    def scan(self, text: str) -> int:
        """Return how many characters of the text belong to the object; `is_whole` tells whether it ends there."""
        for place, character in enumerate(text):
            if self._is_in_string:
                self._scan_in_string(character)
            elif character == '"':
                self._is_in_string = True
            elif character in "{[":
                self._depth += 1
            elif character in "}]":
                self._depth -= 1
                if self._depth == 0:
                    self.is_whole = True
                    return place + 1
        return len(text)

    def _scan_in_string(self, character: str) -> None:
        if self._is_escaped:
            self._is_escaped = False
        elif character == "\\":
            self._is_escaped = True
        elif character == '"':
            self._is_in_string = False


def num_suspected(text: str, marker: str) -> int:
    """Return how many characters at the end of the text are a beginning of the marker, but not all of it."""
    longest = min(len(text), len(marker) - 1)
    return next((length for length in range(longest, 0, -1) if marker.startswith(text[-length:])), 0)
