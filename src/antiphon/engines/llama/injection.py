"""Text of users must not steer the model: a control token that somebody spelled out stays mere text.

llama.cpp reads control tokens (`<|im_start|>`) wherever a prompt spells them. What a template writes must be read so,
what it was given to write must not. So each spelling in the input is marked before the template runs, with a character
that occurs nowhere else; where the marks are, the finished prompt is cut in two, and no half spells a token:

    "<|im_start|>"  ->  "<" MARK "|im_start|>"  ->  ["<", "|im_start|>"]

llama.cpp takes a prompt in pieces only if a number (a token) stands among them, so the control tokens of the template
are given as numbers then. A prompt that needs no cut is a plain string; both forms give the same tokens.
"""

import re
from collections.abc import Mapping
from typing import TypeVar, cast

Prompt = str | list[str | int]

# Code points that Unicode sets aside for use inside programs; a text has none of them.
_NONCHARACTERS = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))
# For a template without any control token: it separates, and is not seen.
_ZERO_WIDTH_SPACE = "\u200b"

T = TypeVar("T")


class Shield:
    """Marks the control tokens in what a template is given, and cuts the prompt at the marks.

    `control_tokens` maps spellings to numbers; `mark` is one character that occurs nowhere in the input.
    """

    def __init__(self, control_tokens: Mapping[str, int], mark: str = _NONCHARACTERS[0]) -> None:
        self._control_tokens = control_tokens
        self._mark = mark
        # A token of one character cannot be cut, and none is known.
        spellings = "|".join(re.escape(token) for token in _longest_first(control_tokens) if len(token) > 1)
        self._whole = re.compile(f"({spellings})") if spellings else None
        # Looking ahead and taking one character finds tokens that overlap, too.
        self._first_character = re.compile(f"(?=(?:{spellings}))(.)", re.DOTALL) if spellings else None

    def marked(self, value: T) -> T:
        """Return the value (text, or lists and dictionaries of such) with a mark in each control token's spelling."""
        if self._first_character is None:
            return value
        if isinstance(value, str):
            return cast("T", self._first_character.sub(rf"\1{self._mark}", value))
        if isinstance(value, list):
            return cast("T", [self.marked(item) for item in cast("list[object]", value)])
        if isinstance(value, dict):
            pairs = cast("dict[str, object]", value).items()
            return cast("T", {self.marked(key): self.marked(item) for key, item in pairs})
        return value

    def cut(self, text: str) -> Prompt:
        """Return the prompt with its marks gone and its text cut there."""
        halves = text.split(self._mark)
        if len(halves) == 1 or self._whole is None:
            return text
        pieces = [
            self._control_tokens.get(piece, piece) for half in halves for piece in self._whole.split(half) if piece
        ]
        has_number = any(isinstance(piece, int) for piece in pieces)
        return pieces if has_number else _ZERO_WIDTH_SPACE.join(halves)


def unused_mark(values: object) -> str:
    """Return a character that occurs in none of the strings in `values`."""
    text = repr(values)
    return next((mark for mark in _NONCHARACTERS if mark not in text and _escaped(mark) not in text), _NONCHARACTERS[0])


def _escaped(mark: str) -> str:
    """How `repr` writes the character."""
    return repr(mark)[1:-1]


def _longest_first(tokens: Mapping[str, int]) -> list[str]:
    return sorted(tokens, key=len, reverse=True)
