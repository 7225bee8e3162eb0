"""Every fenced block of the README and of docs/ runs or parses, unless the line above it says why not."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.meta.markdown import Block, blocks
from tests.meta.shell import Site, commands, shell_fault
from tests.meta.source import PROJECT

DOCUMENTED_SERVER = "http://127.0.0.1:8000"
NODE_PACKAGES = PROJECT / "tests" / "contract" / "openai" / "node"
BLOCK_SECONDS = 240
# Text is what a person reads: trees, output, tables.
PARSERS: dict[str, Callable[[str], object]] = {"json": json.loads, "toml": tomllib.loads, "text": str}
# A block that nobody runs rots; each one more is a decision.
MOST_NOT_RUN = 6


def pages(project: Path) -> list[Path]:
    """Return the pages whose blocks are checked."""
    return [page for page in (project / "README.md", *sorted((project / "docs").rglob("*.md"))) if page.exists()]


ALL_BLOCKS = [block for page in pages(PROJECT) for block in blocks(page, PROJECT)]


def fault(block: Block, site: Site, node: Callable[[], str]) -> str | None:
    """Return what is wrong with a block, or `None`. `node` is asked for Node.js if the block needs it."""
    match block.language:
        case "python":
            return _failure([sys.executable, "-W", "error", "-"], block, site)
        case "javascript" | "js":
            return _failure([node(), "--input-type=module", "-"], block, site, folder=NODE_PACKAGES)
        case "bash" | "sh":
            return shell_fault(block.text, site)
        case language if language in PARSERS:
            return _parse_fault(PARSERS[language], block)
        case language:
            return f"nobody can check a block in {language!r}: name a language, or say that it is text"


def _failure(command: list[str], block: Block, site: Site, folder: Path | None = None) -> str | None:
    """Run a block as a program of its own against the server; return what it printed if it failed.

    What it writes goes where nobody looks, unless it needs the packages of a folder.
    """
    program = block.text.replace(site.documented, site.server()) if site.documented in block.text else block.text
    with TemporaryDirectory() as nowhere:
        run = subprocess.run(
            command,
            input=program,
            cwd=folder or nowhere,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS,
            check=False,
        )
    return None if run.returncode == 0 else run.stderr + run.stdout


def _parse_fault(parse: Callable[[str], object], block: Block) -> str | None:
    try:
        parse(block.text)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("block", [block for block in ALL_BLOCKS if block.not_run is None], ids=str)
def test_a_documented_block_runs_or_parses(block: Block, request: pytest.FixtureRequest):
    """What a page shows works as it stands, against a server as the user starts it."""
    site = Site(PROJECT, DOCUMENTED_SERVER, lambda: request.getfixturevalue("served"))
    assert fault(block, site, lambda: request.getfixturevalue("node")) is None


def test_blocks_that_are_not_run_say_why_and_are_few():
    """Each block that is not run has a reason, and there are not too many of them."""
    not_run = [block for block in ALL_BLOCKS if block.not_run is not None]
    assert [str(block) for block in not_run if not block.not_run] == []
    assert len(not_run) <= MOST_NOT_RUN


def test_the_readme_has_blocks():
    """The gate looks at the right page: the README shows at least how to start."""
    assert any(block.page == "README.md" for block in ALL_BLOCKS)


@pytest.fixture
def nowhere(tmp_path: Path) -> Site:
    """A made-up clone with a Makefile of one target, and no server."""
    (tmp_path / "Makefile").write_text("PORT ?= 1\nrun: ## go\n\t@true\n", encoding="utf-8")

    def no_server() -> str:
        raise AssertionError("nothing here asks a server")

    return Site(tmp_path, DOCUMENTED_SERVER, no_server)


def _page(folder: Path, text: str) -> list[Block]:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return blocks(page, folder)


def _no_node() -> str:
    raise AssertionError("nothing here needs Node.js")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "assert 1 + 1 == 3"),
        ("toml", "a = "),
        ("json", "{'a': 1}"),
        ("bash", "make walk"),
        ("bash", "make run HOST=x"),
        ("bash", "PORT=9 frobnicate --all"),
        ("bash", "git clone x && make run | frobnicate"),
        ("sh", "python -m nothing.here"),
        ("sh", "antiphon --no-such-option"),
        ("cobol", "DISPLAY 1."),
        ("", "anything"),
    ],
)
def test_a_block_that_does_not_work_is_caught(language: str, text: str, tmp_path: Path, nowhere: Site):
    """A wrong block of each language has a fault."""
    (block,) = _page(tmp_path, f"```{language}\n{text}\n```\n")
    assert fault(block, nowhere, _no_node) is not None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "assert 1 + 1 == 2"),
        ("toml", "a = 1"),
        ("json", '{"a": 1}'),
        ("bash", "# start\nPORT=9000 make run PORT=9000 > log  # and wait"),
        ("text", "frobnicate"),
    ],
)
def test_a_block_that_works_passes(language: str, text: str, tmp_path: Path, nowhere: Site):
    """A right block of each language has no fault."""
    (block,) = _page(tmp_path, f"```{language}\n{text}\n```\n")
    assert fault(block, nowhere, _no_node) is None


def test_a_comment_above_a_block_says_why_it_is_not_run(tmp_path: Path):
    """The reason is read from the line above the fence, and only from there."""
    text = "<!-- not run: it needs a GPU -->\n```bash\nx\n```\n\n```bash\ny\n```\n<!-- not run: -->\n```sh\n```\n"
    assert [block.not_run for block in _page(tmp_path, text)] == ["it needs a GPU", None, ""]


def test_a_command_line_is_taken_apart_as_a_shell_would():
    """Quotes may hold line ends; pipes, lists and continued lines are understood; assignments and comments go."""
    text = "A=1 curl '' -d '{\n\"a\": 1}' \\\n  x | jq . # b\n# c; d\nmake run && cd z 2>&1\n"
    assert list(commands(text)) == [["curl", "", "-d", '{\n"a": 1}', "x"], ["jq", "."], ["make", "run"], ["cd", "z"]]
