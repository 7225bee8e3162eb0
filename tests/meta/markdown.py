"""The fenced blocks of a Markdown page, each with its language and, if it says so, why it is not run."""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[^\s`]*)[^`]*$")
NOT_RUN = re.compile(r"^\s*<!-- not run:(?P<reason>.*)-->\s*$")


@dataclass(frozen=True)
class Block:
    """One fenced block. `not_run` is the reason in the comment on the line above it, `None` without a comment."""

    page: str
    line: int
    language: str
    text: str
    not_run: str | None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path, project: Path) -> list[Block]:
    """Return the fenced blocks of `page` in order; a fence that is never closed holds the rest of the page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    found = list[Block]()
    place = 0
    while place < len(lines):
        opened = FENCE.match(lines[place])
        if opened is None:
            place += 1
            continue
        end = _closing(lines, place + 1, opened["fence"])
        indent = len(opened["indent"])
        text = "".join(f"{line[indent:]}\n" for line in lines[place + 1 : end])
        name = page.relative_to(project).as_posix()
        found.append(Block(name, place + 1, opened["language"], text, _not_run(lines, place)))
        place = end + 1
    return found


def _closing(lines: list[str], start: int, fence: str) -> int:
    """The place of the line that closes the fence."""
    return next((place for place in range(start, len(lines)) if lines[place].strip() == fence), len(lines))


def _not_run(lines: list[str], place: int) -> str | None:
    marked = NOT_RUN.match(lines[place - 1]) if place else None
    return marked["reason"].strip() if marked else None
