"""The map and the tree agree: `docs/design.md` with the packages, the record of dependencies with what is installed."""

import re
import tomllib
from pathlib import Path

from tests.meta.source import PACKAGE, PROJECT, SRC, modules, write_tree
from tests.meta.test_floors import FLOOR_OF

DESIGN = PROJECT / "docs" / "design.md"
DEPENDENCIES = PROJECT / "docs" / "decisions" / "0004-dependencies.md"
CONSTRAINTS = PROJECT / "constraints.txt"


def floor_table_offences(design: str, source_root: Path) -> list[str]:
    """Return where the table of floors in the page differs from the packages that there are.

    A row is `| floor | rooms | what it is |`; every room in it is code, for example `wire/` or `ids`.
    """
    rows = re.findall(r"^\| (\d) \| (.+?) \|", _section(design, "Floors"), re.MULTILINE)
    drawn = {room: int(floor) for floor, rooms in rows for room in re.findall(r"`(\w+)/?`", rooms)}
    present = {room for module in modules(source_root) for room in module.below_the_root()[:1]}
    real = {room: FLOOR_OF[room] for room in present if room in FLOOR_OF}
    return [
        f"{room}: floor {drawn.get(room)} in the page, {real.get(room)} in the tree"
        for room in sorted(drawn.keys() | real.keys())
        if drawn.get(room) != real.get(room)
    ]


def place_offences(design: str, source_root: Path) -> list[str]:
    """Return the places in the table of concepts that the tree does not have.

    The last cell of a row names the place: a module or a folder of the package, and after `:` a name in that module.
    """
    rows = re.findall(r"^\| .+ \| `([\w/.]+)(?::(\w+))?` \|$", _section(design, "One place"), re.MULTILINE)
    if not rows:
        return ["the page names no place"]
    return [f"{path}: {name or 'missing'}" for path, name in rows if not _exists(source_root / PACKAGE / path, name)]


def _section(page: str, heading: str) -> str:
    """The part of a page under the first heading of the second order that begins with `heading`."""
    found = re.search(rf"^## {heading}.*?$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def _exists(path: Path, name: str) -> bool:
    if not path.exists():
        return False
    defined = rf"^(?:\s*(?:async def|def|class) )?{name}\b"
    return not name or re.search(defined, path.read_text(encoding="utf-8"), re.MULTILINE) is not None


def dependency_offences(project: str, record: str, constraints: str) -> list[str]:
    """Return the dependencies that the three texts do not share: `pyproject.toml`, the record and the pins."""
    tables = tomllib.loads(project)["project"]
    asked = {*tables["dependencies"], *(name for extra in tables["optional-dependencies"].values() for name in extra)}
    wanted = {_name(line) for line in asked}
    told = set(re.findall(r"^\| ([a-z][\w-]*) \|", record, re.MULTILINE)) - {"package"}
    pinned = {_name(line) for line in constraints.splitlines() if "==" in line}
    return [
        *(f"{name}: the record has no reason for it" for name in sorted(wanted - told)),
        *(f"{name}: recorded and not asked for" for name in sorted(told - wanted)),
        *(f"{name}: not pinned" for name in sorted(wanted - pinned)),
        *(f"{name}: never installed by default" for name in sorted(pinned & {"torch", "torchvision"})),
    ]


def _name(requirement: str) -> str:
    """The normal form of the name at the start of a requirement."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def test_the_map_shows_the_floors_as_they_are():
    """Every package of the tree is in the page's table of floors, on its floor, and no other is."""
    assert floor_table_offences(DESIGN.read_text(encoding="utf-8"), SRC) == []


def test_every_concept_is_where_the_map_says():
    """The table of one place for each concept names places that there are."""
    assert place_offences(DESIGN.read_text(encoding="utf-8"), SRC) == []


def test_every_dependency_has_a_reason_and_a_pin():
    """What is asked for, what is recorded and what is pinned are the same; torch is not among them."""
    texts = [path.read_text(encoding="utf-8") for path in (PROJECT / "pyproject.toml", DEPENDENCIES, CONSTRAINTS)]
    assert dependency_offences(*texts) == []


def test_a_wrong_floor_in_the_map_is_caught(tmp_path: Path):
    """A package on the wrong floor, one that is missing and one that is not there are each an offence."""
    tree = write_tree(tmp_path, {"wire/__init__.py": "", "ids.py": "", "ports.py": ""})
    page = "## Floors\n| 1 | `wire/` | types |\n| 2 | `ports` | doors |\n| 3 | `engines/` | adapters |\n"
    assert len(floor_table_offences(page, tree)) == 3


def test_a_place_that_is_not_there_is_caught(tmp_path: Path):
    """A missing file and a missing name are each an offence, and so is a page without places."""
    tree = write_tree(tmp_path, {"ids.py": "def random_id():\n    pass\n"})
    page = "## One place\n| an id | `ids.py:random_id` |\n| a | `ids.py:other` |\n| b | `nowhere.py` |\n"
    assert len(place_offences(page, tree)) == 2
    assert len(place_offences("", tree)) == 1


def test_a_dependency_without_a_reason_is_caught():
    """A missing reason, a stale one, a missing pin and torch are each an offence."""
    project = '[project]\ndependencies = ["msgspec>=1", "Some_Thing"]\n[project.optional-dependencies]\ndev = []\n'
    record = "| package | what for |\n| --- | --- |\n| msgspec | fast |\n| old | stale |\n"
    assert len(dependency_offences(project, record, "some-thing==1\ntorch==2\n")) == 4
