"""The last lines that a child process wrote."""

from collections import deque

MAX_LINE_BYTES = 2000


class LogRing:
    """Keeps the newest lines of bytes that arrive in any pieces; a long line is cut."""

    def __init__(self, max_lines: int = 400) -> None:
        self._lines: deque[str] = deque(maxlen=max_lines)
        self._rest = b""
        self._num_lines = 0

    def feed(self, piece: bytes) -> None:
        """Take in more of what the child wrote."""
        *lines, rest = (self._rest + piece).split(b"\n")
        self._rest = rest[:MAX_LINE_BYTES]
        for line in lines:
            self.add(line[:MAX_LINE_BYTES].decode("utf-8", "replace").rstrip())

    def add(self, line: str) -> None:
        """Add a line of our own."""
        self._lines.append(line)
        self._num_lines += 1

    def lines(self) -> tuple[str, ...]:
        """Return what is kept, oldest first."""
        return tuple(self._lines)

    @property
    def num_lines(self) -> int:
        """How many lines there have been, those that are forgotten included."""
        return self._num_lines

    def last_words(self, after: int) -> str:
        """Return the newest line that is not blank, of those that came after the first `after`; or nothing."""
        num_new = min(self._num_lines - after, len(self._lines))
        newest = list(self._lines)[len(self._lines) - num_new :]
        return next((line for line in reversed(newest) if line), "")
