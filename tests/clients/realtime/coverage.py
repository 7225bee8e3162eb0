"""The page `docs/realtime-coverage.md`: which events passed between other people's clients and the server."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.realtime.protocol import DIALECTS, DIRECTIONS, absence, events_of, scenes_of

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "realtime-coverage.md"
STORIES = sorted((*HERE.glob("*_story.py"), *HERE.glob("*_story.mjs")))
# The client of each story, by the name of its package; a client may have a story for each dialect.
PACKAGES = {
    "agents_node_story.mjs": "@openai/agents-realtime",
    "livekit_story.py": "livekit-plugins-openai",
    "openai_agents_story.py": "openai-agents",
    "openai_node_story.mjs": "openai",
    "openai_python_beta_story.py": "openai",
    "openai_python_story.py": "openai",
    "pipecat_story.py": "pipecat-ai",
}
_HEAD = """\
# Realtime events, client by client

Other people's clients, as they are installed, talk with a server that runs the default models, and every event that
passes is noted. `make test-clients` makes this page from such a run; it is not written by hand. What a story asserts
stands in the story.
"""


@dataclass(frozen=True)
class Client:
    """Somebody's client, as its makers call it; `lives_in` is the language where its name alone does not tell."""

    package: str
    version: str
    lives_in: str

    @property
    def title(self) -> str:
        """What the page calls it."""
        return f"{self.package}-{self.lives_in.lower()}" if self.package == "openai" else self.package


def client_of(story: Path) -> Client:
    """Return the client of a story, at the version that the story's environment has."""
    package = PACKAGES[story.name]
    if story.suffix == ".mjs":
        pins: Mapping[str, str] = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
        return Client(package, pins[package], "Node")
    pinned = re.search(rf"^{re.escape(package)}==(\S+)$", (HERE / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert pinned is not None, package
    return Client(package, pinned[1], "Python")


@dataclass
class Coverage:
    """How often each event passed in each story, by a dialect, a direction and a type: `ga sent response.create`."""

    passed: dict[Path, Mapping[str, int]] = field(default_factory=dict[Path, Mapping[str, int]])

    @property
    def is_whole(self) -> bool:
        """Whether every story was told."""
        return self.passed.keys() == set(STORIES)

    def page(self) -> str:
        """Return the page."""
        parts = [_HEAD, "## The clients", _clients(self.passed)]
        seen = dict[str, Counter[str]]()
        for story, counted in self.passed.items():
            seen.setdefault(client_of(story).title, Counter()).update(counted)
        for dialect, name in DIALECTS.items():
            parts += [f"## {name}", _extent(dialect, seen)]
            for direction, words in DIRECTIONS.items():
                parts += [f"### {name}, {words}", _events(dialect, direction, seen)]
        parts += ["## What this server neither hears nor says", _ABSENT_HEAD, _absent()]
        return "\n\n".join(part.strip() for part in parts) + "\n"

    def write(self, page: Path = PAGE) -> None:
        """Write the page."""
        page.write_text(self.page(), encoding="utf-8")


_ABSENT_HEAD = "Events that the newest official SDK has types for, and that no client and no scene meets here."


def _clients(stories: Iterable[Path]) -> str:
    rows = list[list[str]]()
    for story in sorted(stories):
        client = client_of(story)
        plot = story.read_text(encoding="utf-8").splitlines()[0].lstrip("/ ").strip('"').partition(": ")[2]
        link = f"[{story.name}](../tests/clients/realtime/{story.name})"
        rows.append([f"`{client.package}` ({client.lives_in})", client.version, link, plot.removesuffix(".")])
    return _table(["client", "version", "story", "what is told"], rows)


def _extent(dialect: str, seen: Mapping[str, Counter[str]]) -> str:
    """How many of the events that stand in tables passed, and which did not."""
    known = {f"{way} {kind}" for way in DIRECTIONS for kind in _known(dialect, way, seen)}
    met = {key for key in known if any(counted[f"{dialect} {key}"] for counted in seen.values())}
    unmet = [f"`{key.split()[1]}`" for key in sorted(known - met)]
    told = f"Of {len(known)} events of this generation that the server hears or says, {len(met)} passed."
    if unmet:
        told += f" No client here met {', '.join(unmet)}: they stand in golden scenes alone."
    return told


def _events(dialect: str, direction: str, seen: Mapping[str, Counter[str]]) -> str:
    clients = sorted(name for name, counted in seen.items() if any(key.startswith(f"{dialect} ") for key in counted))
    scenes = scenes_of(dialect)
    rows = list[list[str]]()
    for kind in _known(dialect, direction, seen):
        marks = ["x" if seen[client][f"{dialect} {direction} {kind}"] else "" for client in clients]
        scene = scenes.get(f"{direction} {kind}")
        link = f"[{scene.split('.')[0]}](../tests/scenarios/{scene})" if scene else ""
        rows.append([f"`{kind}`", *marks, link])
    return _table(["event", *clients, "a golden scene"], rows)


def _known(dialect: str, direction: str, seen: Mapping[str, Counter[str]]) -> list[str]:
    """The events that a scene or a client has; what a client of a scene sends may be nonsense that is refused."""
    played = {key.split()[1] for key in scenes_of(dialect) if key.startswith(f"{direction} ")}
    played &= set(events_of(dialect, direction)) if direction == "sent" else played
    passed = {
        key.split()[2] for counted in seen.values() for key in counted if key.startswith(f"{dialect} {direction}")
    }
    return sorted(played | passed)


def _absent() -> str:
    rows = list[list[str]]()
    for dialect, name in DIALECTS.items():
        scenes = scenes_of(dialect)
        for direction in DIRECTIONS:
            kinds = [kind for kind in events_of(dialect, direction) if f"{direction} {kind}" not in scenes]
            rows += [[f"`{kind}`", name, absence(kind) or ""] for kind in kinds]
    return _table(["event", "generation", "why"], rows)


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
