"""The command lines of a shell block, taken apart and held against the commands that there are."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SEPARATORS = set("|&;\n()")
REDIRECTIONS = set("<>&")
STREAMS = (["0"], ["1"], ["2"])  # what may stand before a redirection without being a word
ASSIGNMENT = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)=")
# Commands of the machine that a page may show, and that say nothing about Antiphon.
MACHINE_COMMANDS = frozenset({"cd", "export", "git", "jq", "npm", "pip"})
CURL_SECONDS = "120"


@dataclass(frozen=True)
class Site:
    """Where commands are checked: the clone, and the server that `curl` asks in place of the documented one."""

    project: Path
    documented: str
    server: Callable[[], str]


def shell_fault(text: str, site: Site) -> str | None:
    """Return what is wrong with the first command of a block that is wrong, or `None`."""
    faults = (_fault(words, site) for words in commands(text))
    return next(filter(None, faults), None)


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each simple command, without assignments before it, redirections and comments."""
    lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars="|&;<>()\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""  # its own comments would swallow the end of the line
    words = list[str]()
    is_comment = is_redirection = False
    for token in [*lexer, "\n"]:
        if token and set(token) <= SEPARATORS:
            is_comment = is_comment and "\n" not in token
            if words and not is_comment:
                yield words
                words = []
        elif is_redirection:
            is_redirection = False
        elif token and set(token) <= REDIRECTIONS:
            is_redirection = True
            if words[-1:] in STREAMS:
                words.pop()
        elif is_comment or token.startswith("#"):
            is_comment = True
        elif words or not ASSIGNMENT.match(token):
            words.append(token)


def _fault(words: list[str], site: Site) -> str | None:
    program, *arguments = words
    name = Path(program).name
    if name in MACHINE_COMMANDS:
        return None
    check = CHECKS.get(name)
    return check(arguments, site) if check else f"nobody knows the command {program!r}"


def _make_fault(arguments: list[str], site: Site) -> str | None:
    makefile = (site.project / "Makefile").read_text(encoding="utf-8")
    for argument in arguments:
        assigned = ASSIGNMENT.match(argument)
        if assigned and not re.search(rf"^{assigned[1]} \?=", makefile, re.MULTILINE):
            return f"the Makefile has no variable {assigned[1]}"
        if not assigned and not re.search(rf"^{re.escape(argument)}:", makefile, re.MULTILINE):
            return f"the Makefile has no target {argument!r}"
    return None


def _antiphon_fault(arguments: list[str], _site: Site) -> str | None:
    place = next((place for place, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    told = _antiphon_help(tuple(arguments[:place]))
    if told is None:
        return f"antiphon has no command {' '.join(arguments[:place])!r}"
    options = [word.partition("=")[0] for word in arguments if word.startswith("--")]
    unknown = next((option for option in options if not re.search(rf"{option}(?![\w-])", told)), None)
    return f"antiphon {arguments[0]} has no option {unknown}" if unknown else None


@cache
def _antiphon_help(command: tuple[str, ...]) -> str | None:
    """What `--help` says of a command and its arguments; `None` where there is no such command."""
    antiphon = Path(sys.executable).with_name("antiphon")
    wide = os.environ | {"COLUMNS": "250", "NO_COLOR": "1", "TERM": "dumb"}
    run = subprocess.run([antiphon, *command, "--help"], env=wide, capture_output=True, text=True, check=False)
    return run.stdout if run.returncode == 0 else None


def _curl_fault(arguments: list[str], site: Site) -> str | None:
    asked = [argument.replace(site.documented, site.server()) for argument in arguments]
    options = ["--silent", "--show-error", "--fail-with-body", "--max-time", CURL_SECONDS]
    run = subprocess.run(["curl", *options, *asked], capture_output=True, text=True, check=False)
    return None if run.returncode == 0 else f"curl failed: {run.stderr}{run.stdout}"


def _python_fault(arguments: list[str], site: Site) -> str | None:
    is_module = arguments[:1] == ["-m"]
    named = arguments[1].replace(".", "/") if is_module else arguments[0]
    places = (f"{named}.py", f"{named}/__main__.py") if is_module else (named,)
    return None if any((site.project / place).exists() for place in places) else f"there is no {named}"


CHECKS: dict[str, Callable[[list[str], Site], str | None]] = {
    "antiphon": _antiphon_fault,
    "curl": _curl_fault,
    "make": _make_fault,
    "python": _python_fault,
}
