"""The last lines that a child process wrote."""

from collections import deque

MAX_LINE_BYTES = 2000


class LogRing:
    """Keeps the newest lines of bytes that arrive in any pieces; a long line is cut."""

    def __init__(self, max_lines: int = 400) -> None:
        self._lines: deque[str] = deque(maxlen=max_lines)
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        """Take in more of what the child wrote."""
        *lines, rest = (self._rest + piece).split(b"\n")
        self._rest = rest[:MAX_LINE_BYTES]
        for line in lines:
            self.add(line[:MAX_LINE_BYTES].decode("utf-8", "replace").rstrip())

    def add(self, line: str) -> None:
        """Add a line of our own."""
        self._lines.append(line)

    def lines(self) -> tuple[str, ...]:
        """Return what is kept, oldest first."""
        return tuple(self._lines)

    def last(self) -> str:
        """Return the newest line that is not blank, or nothing."""
        return next((line for line in reversed(self._lines) if line), "")
