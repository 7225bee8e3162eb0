"""Prepare a clone for work: `bootstrap.py PART...`, each part made once and skipped while it is up to date.

    packages      the virtual environment .venv with what Antiphon needs to run, at the versions of constraints.txt
    dev-packages  the same with what its tests need
    console       the web console, where web/ and Node.js are there
    node-tests    what the tests in JavaScript need, where Node.js is there
    clients       other people's clients, in environments of their own, for the tests with them
    models        the default models

It uses the standard library alone, since it runs before anything is installed, and ends with one sentence where
something is missing.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PYTHON = Path(sys.executable).resolve()  # the environment may have to go while its own python runs this
VENV = PROJECT / ".venv"
CONSTRAINTS = PROJECT / "constraints.txt"
CONSOLE_SOURCES = PROJECT / "web"
CONSOLE = PROJECT / "src" / "antiphon" / "console"
NODE_TESTS = PROJECT / "tests" / "contract" / "openai" / "node"
CATALOGUE = PROJECT / "src" / "antiphon" / "catalogue" / "models.toml"
CLIENTS = {
    PROJECT / ".venv-clients": PROJECT / "tests" / "clients" / "requirements.txt",
    PROJECT / ".venv-realtime-clients": PROJECT / "tests" / "clients" / "realtime" / "requirements.txt",
}
NODE_CLIENTS = PROJECT / "tests" / "clients" / "realtime"
STAMP = ".made-from.json"  # in the folder that was made, so that it goes when the folder goes


class Missing(Exception):
    """Something that the machine lacks, in one sentence."""


def main(parts: Sequence[str]) -> int:
    """Make each part in the order given and return the exit status."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        print(f"There is no part called {unknown[0]}; there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    try:
        for part in parts:
            PARTS[part]()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        return failed.returncode  # the command has said why
    return 0


def make_packages(extras: frozenset[str] = frozenset()) -> None:
    """Install Antiphon, editable, with `extras` and whatever extras were installed before."""
    digest = _digest([PROJECT / "pyproject.toml", CONSTRAINTS])
    stamp = _read_venv_stamp(VENV)
    installed = frozenset(stamp.get("extras", ()))
    if stamp.get("digest") == digest and extras <= installed:
        return
    extras |= installed
    print("Installing the Python packages; this happens once and takes a minute or two.", flush=True)
    package = f"{PROJECT}[{','.join(sorted(extras))}]" if extras else str(PROJECT)
    _install(VENV, ["--editable", package], constraints=CONSTRAINTS)
    _write_stamp(VENV, {"digest": digest, "extras": sorted(extras), "place": str(VENV)})


def make_clients() -> None:
    """Install other people's clients, apart from Antiphon and from each other where they want versions of their own."""
    for venv, wanted in CLIENTS.items():
        digest = _digest([wanted])
        if _read_venv_stamp(venv).get("digest") == digest:
            continue
        print(f"Installing other people's clients into {venv.name}.", flush=True)
        _install(venv, ["--requirement", str(wanted)], constraints=wanted)
        _write_stamp(venv, {"digest": digest, "place": str(venv)})
    make_node_packages(NODE_CLIENTS)


def _read_venv_stamp(venv: Path) -> dict[str, str]:
    """The stamp of an environment that works; one whose Python is gone, or that was moved, is removed."""
    stamp = _read_stamp(venv)
    was_moved = stamp.get("place", str(venv)) != str(venv)  # its programs begin with the path where they were made
    if venv.exists() and (was_moved or not (venv / "bin" / "python").exists()):
        shutil.rmtree(venv)
        return {}
    return stamp


def _install(venv: Path, wanted: Sequence[str], *, constraints: Path) -> None:
    """Install `wanted` into the environment `venv`, which is made if it is not there, with uv or else with pip."""
    uv = shutil.which("uv")
    python = venv / "bin" / "python"
    if not python.exists():
        _make_venv(venv, uv)
    if uv:
        installer = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        installer = [python, "-m", "pip", "install", "--quiet", "--retries", "2"]
    # The variables pin what builds the package too, which the option does not.
    names = ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT")
    environment = os.environ | dict.fromkeys(names, str(constraints))
    if subprocess.run([*installer, *wanted], env=environment, check=False).returncode:
        raise Missing(
            "The packages could not be installed, for the reason above: check that this machine reaches a package "
            "index and has free disk space, and run this again."
        )


def _make_venv(venv: Path, uv: str | None) -> None:
    if uv:
        # With pip, which knows the package index that models come from.
        _run([uv, "venv", "--quiet", "--seed", "--python", PYTHON, venv])
    elif importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        _run([PYTHON, "-m", "venv", venv])
    else:
        raise Missing(
            "Python's venv module is not installed: install it (Debian and Ubuntu: apt install python3-venv) or uv, "
            "and run this again."
        )


def make_console() -> None:
    """Build the console from web/ into the package, with npm."""
    if not (CONSOLE_SOURCES / "package.json").exists():
        return
    if not _has_node():
        print("Node.js is not installed, so the console is not built; the API works without it.", flush=True)
        return
    digest = _digest(_sources(CONSOLE_SOURCES))
    if _read_stamp(CONSOLE).get("digest") == digest:
        return
    make_node_packages(CONSOLE_SOURCES)
    print("Building the console.", flush=True)
    _run(["npm", "run", "--silent", "build"], folder=CONSOLE_SOURCES)
    _write_stamp(CONSOLE, {"digest": digest})


def make_node_packages(folder: Path) -> None:
    """Install the Node packages that the lock file in `folder` names; nothing where there is no file or no Node."""
    lock = folder / "package-lock.json"
    if not lock.exists() or not _has_node():
        return
    digest = _digest([lock])
    if _read_stamp(folder / "node_modules").get("digest") == digest:
        return
    print(f"Installing the Node packages of {folder.relative_to(PROJECT)}.", flush=True)
    _run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], folder=folder)
    _write_stamp(folder / "node_modules", {"digest": digest})


def make_models() -> None:
    """Fetch the default models; a complete one is not fetched again.

    To ask `antiphon` whether they are complete takes as long as it takes to load it, so what the folder of models held
    after it said yes is noted, and it is asked again when anything there, the catalogue or an option changes.
    """
    note = VENV / "models-here.json"
    if note.exists() and note.read_text(encoding="utf-8") == _models_here():
        return
    _run([VENV / "bin" / "antiphon", "pull", "--defaults"])
    note.write_text(_models_here(), encoding="utf-8")


def _models_here() -> str:
    """What the default models depend on: the options, the catalogue, and each file with its size and time of change."""
    options = sorted(item for item in os.environ.items() if item[0].startswith("ANTIPHON_"))
    data_dir = os.environ.get("ANTIPHON_DATA_DIR") or "~/.antiphon"
    models_dir = Path(os.environ.get("ANTIPHON_MODELS_DIR") or f"{data_dir}/models").expanduser()
    files = (path for path in sorted(models_dir.rglob("*")) if path.is_file())
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    secretless = hashlib.sha256(repr(options).encode()).hexdigest()  # an option may be a key
    return json.dumps([secretless, _digest([CATALOGUE]), facts])


def _has_node() -> bool:
    return all(shutil.which(program) for program in ("node", "npm"))


def _sources(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in {"node_modules", "dist"}:
            yield from _sources(path)
        elif path.is_file():
            yield path


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(PROJECT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_stamp(folder: Path) -> dict[str, str]:
    try:
        return json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}


def _write_stamp(folder: Path, stamp: dict[str, object]) -> None:
    (folder / STAMP).write_text(json.dumps(stamp), encoding="utf-8")


def _run(command: Sequence[str | Path], *, folder: Path = PROJECT) -> None:
    """Run a command that speaks for itself; raise `CalledProcessError` where it fails."""
    subprocess.run(command, cwd=folder, check=True)


PARTS: dict[str, Callable[[], None]] = {
    "packages": make_packages,
    "dev-packages": lambda: make_packages(frozenset({"dev"})),
    "console": make_console,
    "node-tests": lambda: make_node_packages(NODE_TESTS),
    "clients": make_clients,
    "models": make_models,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
