"""The page `docs/realtime-coverage.md`: which events passed between other people's clients and the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "realtime-coverage.md"
_HEAD = """\
# Which Realtime events other people's clients exchange with the server

Made by `make test-clients` from its runs against the embedded models: a mark for each event that passed at least once.
What no client here sends or makes the server say is in the golden transcripts of `tests/scenarios`.
"""


@dataclass
class Coverage:
    """The types that each client's story sent and received."""

    sent: dict[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    received: dict[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])

    def write(self, page: Path = PAGE) -> None:
        """Write the page."""
        parts = [_HEAD, "## From the client\n", _table(self.sent), "\n## From the server\n", _table(self.received)]
        page.write_text("\n".join(parts), encoding="utf-8")


def _table(seen: Mapping[str, Mapping[str, int]]) -> str:
    clients = sorted(name for name, counted in seen.items() if counted)
    kinds = sorted({kind for counted in seen.values() for kind in counted})
    lines = [f"| event | {' | '.join(clients)} |", f"| --- |{' --- |' * len(clients)}"]
    for kind in kinds:
        marks = ("x" if seen[client].get(kind) else "" for client in clients)
        lines.append(f"| `{kind}` | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"
