"""What no file of the repository names: paths of one machine, and the hosts of package registries."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.meta.source import PROJECT

# A registry is the reader's choice, and so is the folder of a clone. Each pattern is written so that it does not
# match itself.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~$}/-])/(?:work|root|home/\w+|Users/\w+|tmp/\w+)/\w"),
    "a package registry": re.compile(
        r"\b(?:pypi\.org|files\.pythonhosted\.org|registry\.(?:npmjs|yarnpkg)\.\w+|deb\.debian\.org)"
    ),
}


def word_offences(files: Iterable[Path]) -> list[str]:
    """Return the lines of `files` that name what the repository does not; files that are not text are left out."""
    offences = list[str]()
    for path in files:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            offences += [f"{path}:{number}: {what}" for what, pattern in FORBIDDEN.items() if pattern.search(line)]
    return offences


def tracked_files(project: Path) -> list[Path]:
    """Return the files that git keeps, present in the work tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, text=True, check=True)
    paths = (project / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_the_repository_speaks_of_no_machine_and_no_registry():
    """A clone means the same everywhere."""
    if not (PROJECT / ".git").exists():
        pytest.skip("this is not a clone")
    assert word_offences(tracked_files(PROJECT)) == []


@pytest.mark.parametrize(
    "line", ["see /" + "home/ann/models", 'root = "/' + 'work/main"', "https://py" + "pi.org/simple", "/" + "tmp/a/b"]
)
def test_a_forbidden_word_is_caught(line: str, tmp_path: Path):
    """Each kind of forbidden word is found."""
    page = tmp_path / "page.md"
    page.write_text(f"fine\n{line}\n", encoding="utf-8")
    assert word_offences([page]) == [f"{page}:2: {next(what for what in FORBIDDEN if FORBIDDEN[what].search(line))}"]


@pytest.mark.parametrize("line", ["~/.antiphon/models", "GET /v1/work/items", "./tmp/a", "the home/ann/ folder"])
def test_an_ordinary_word_passes(line: str, tmp_path: Path):
    """A path under the home folder, a route or a relative path is nobody's machine."""
    page = tmp_path / "page.md"
    page.write_text(line, encoding="utf-8")
    assert word_offences([page]) == []
