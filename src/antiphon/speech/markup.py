"""What markup leaves of a written word: what stands before it, the word, and the marks after it.

Markdown is known by its marks alone, word by word, since a text comes in clauses: emphasis, code, headings, bullets,
quotes, rules, tables, links and fences.
"""
# ruff: noqa: RUF001 - letters that look alike are meant

import re
from dataclasses import dataclass

from antiphon.speech.marks import CLAUSE_MARKS, CLOSERS, OPENERS, SENTENCE_MARKS, without_pictures
from antiphon.speech.units import SIGNS

_SILENT = re.compile(r"#{1,6}|[-*+•‣◦]|>+|\|?[-:|=_*~]{3,}\|?|[|`*_~#\\]+|`{3}[\w+-]*|~{3}\w*|</?\w+/?>")
_LINE_MARKS = frozenset("-*+•‣◦>")
_LINK = re.compile(r"!?\[?(?P<text>[^\]\[]*)\]\((?P<address>[^)\s]*)\)?")
_TRAILING = re.escape(SENTENCE_MARKS + CLAUSE_MARKS + CLOSERS)
# A sign that belongs to a number stays with it: `#1`, `<5`, `~3`, `.5`.
_LEADING = re.compile(rf"(?:[{re.escape(OPENERS)}\\…—–](?!\d)|[\"'(\[{{*_`“‘«](?=\d))+")
_TAIL = re.compile(rf"[{_TRAILING}\\]+$")


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A written word without its markup. `bare` is "" where nothing is said; `tail` are the marks that follow it."""

    bare: str
    tail: str


def unmarked(word: str, *, is_first_in_line: bool) -> Unmarked:
    """Return what there is to say of a written word (no white space at its ends)."""
    seen = without_pictures(word)
    if _SILENT.fullmatch(seen) and (is_first_in_line or seen not in {"-", "+", "*", ">"}):
        return Unmarked("", "")
    if seen in SIGNS:
        return Unmarked(seen, "")
    link = _LINK.match(seen)
    if link:
        seen = (link["text"] or "") + seen[link.end() :]
    seen = seen.replace("’", "'").replace("**", "").replace("`", "").replace("~~", "")
    leading = _LEADING.match(seen)
    seen = seen[leading.end() :] if leading and leading.end() < len(seen) else seen
    tail = _TAIL.search(seen)
    if tail is None:
        return Unmarked(seen, "")
    return Unmarked(seen[: tail.start()], seen[tail.start() :])
