"""The two commands: they find a Python, make each part once, and say in one sentence what is missing."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.meta.source import PROJECT

MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`scripts/bootstrap.py`, working on an empty clone, with the commands it would run kept in `bootstrap.ran`."""
    spec = importlib.util.spec_from_file_location("bootstrap", PROJECT / "scripts" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "CONSTRAINTS", tmp_path / "constraints.txt")
    monkeypatch.setattr(module, "CONSOLE_SOURCES", tmp_path / "web")
    monkeypatch.setattr(module, "CONSOLE", tmp_path / "console")
    monkeypatch.setattr(module, "CATALOGUE", tmp_path / "models.toml")
    monkeypatch.setenv("ANTIPHON_MODELS_DIR", str(tmp_path / "models"))
    for name in ("pyproject.toml", "constraints.txt", "models.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    _keep_commands(module, monkeypatch)
    return module


def _keep_commands(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep commands instead of running them; what makes a folder makes it empty."""
    module.ran = []

    def run(command: list[str | Path], **_options: object) -> subprocess.CompletedProcess[bytes]:
        words = [str(word) for word in command]
        module.ran.append(" ".join(words))
        if "venv" in words:
            (module.VENV / "bin").mkdir(parents=True)
            (module.VENV / "bin" / "python").touch()
        if words[:2] == ["npm", "ci"]:
            (module.CONSOLE_SOURCES / "node_modules").mkdir(exist_ok=True)
        if words[:2] == ["npm", "run"]:
            module.CONSOLE.mkdir(exist_ok=True)
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(module.subprocess, "run", run)


def _programs(monkeypatch: pytest.MonkeyPatch, *present: str) -> None:
    """Let exactly these programs be on the path."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in present else None)


def test_every_target_says_what_it_does():
    """`make help` shows each target that the Makefile declares."""
    declared = set(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split())
    explained = set(re.findall(r"^([a-z-]+):.* ## .+$", MAKEFILE, re.MULTILINE))
    assert declared == explained


def test_every_part_that_the_makefile_asks_for_exists(bootstrap: ModuleType):
    """The Makefile and the bootstrap have the same words for the parts."""
    asked = {part for line in re.findall(r"^\t\$\(PREPARE\) (.*)$", MAKEFILE, re.MULTILINE) for part in line.split()}
    assert asked
    assert asked <= bootstrap.PARTS.keys()


def test_packages_are_installed_once(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """The second time nothing is run, not even a check of what is installed."""
    _programs(monkeypatch)
    assert bootstrap.main(["packages"]) == 0
    assert bootstrap.ran[-1].endswith(f"--editable {bootstrap.PROJECT}")
    bootstrap.ran.clear()
    assert bootstrap.main(["packages"]) == 0
    assert bootstrap.ran == []


def test_packages_are_installed_again_when_a_pin_changes(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """A change of the constraints reaches the environment that is there, and keeps its extras."""
    _programs(monkeypatch)
    bootstrap.main(["dev-packages"])
    bootstrap.ran.clear()
    bootstrap.CONSTRAINTS.write_text("changed", encoding="utf-8")
    bootstrap.main(["packages"])
    assert not any(" -m venv " in command for command in bootstrap.ran)
    assert bootstrap.ran[-1].endswith("[dev]")


def test_an_environment_that_was_moved_is_made_anew(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """A clone that got another path works after the next command."""
    _programs(monkeypatch)
    bootstrap.main(["dev-packages"])
    monkeypatch.setattr(bootstrap, "VENV", bootstrap.VENV.rename(bootstrap.PROJECT / "moved"))
    bootstrap.ran.clear()
    bootstrap.main(["packages"])
    assert any(" -m venv " in command for command in bootstrap.ran)


def test_uv_is_used_where_it_is(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """With uv on the path neither venv nor pip is asked."""
    _programs(monkeypatch, "uv")
    bootstrap.main(["packages"])
    assert [command.split()[0] for command in bootstrap.ran] == ["/bin/uv", "/bin/uv"]


def test_a_python_without_venv_is_told_in_one_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Debian's Python comes without it."""
    _programs(monkeypatch)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda _name: None)
    assert bootstrap.main(["packages"]) == 1
    told = capsys.readouterr().err
    assert "venv module is not installed" in told
    assert told.count("\n") == 1


def test_models_are_asked_for_again_when_a_file_of_theirs_changes(bootstrap: ModuleType):
    """Asked once, then only after something in the folder of models changed."""
    bootstrap.VENV.mkdir()
    weights = bootstrap.PROJECT / "models" / "one" / "weights.gguf"
    weights.parent.mkdir(parents=True)
    num_asked = []
    for text in ("1", "1", "22"):
        if not weights.exists() or weights.read_text(encoding="utf-8") != text:
            weights.write_text(text, encoding="utf-8")
        bootstrap.ran.clear()
        bootstrap.main(["models"])
        num_asked.append(len(bootstrap.ran))
    assert num_asked == [1, 0, 1]


def test_the_console_is_built_when_its_sources_change(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """Built once, not again, and again after a change."""
    _programs(monkeypatch, "node", "npm")
    (bootstrap.CONSOLE_SOURCES / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/main.ts"):
        (bootstrap.CONSOLE_SOURCES / name).write_text("1", encoding="utf-8")
    builds = []
    for text in ("1", "1", "2"):
        (bootstrap.CONSOLE_SOURCES / "src" / "main.ts").write_text(text, encoding="utf-8")
        bootstrap.ran.clear()
        bootstrap.main(["console"])
        builds.append([command.split()[1] for command in bootstrap.ran])
    assert builds == [["ci", "run"], [], ["run"]]


def test_the_server_starts_without_a_console_where_node_is_absent(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """The sentence says what is lost, and the command goes on."""
    _programs(monkeypatch)
    bootstrap.CONSOLE_SOURCES.mkdir()
    (bootstrap.CONSOLE_SOURCES / "package.json").write_text("{}", encoding="utf-8")
    assert bootstrap.main(["console"]) == 0
    assert "the console is not built" in capsys.readouterr().out


@pytest.fixture
def bare_clone(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A clone without an environment, and a path without a Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "dirname").symlink_to(str(shutil.which("dirname")))
    scripts = tmp_path / "clone" / "scripts"
    shutil.copytree(PROJECT / "scripts", scripts)
    return scripts / "find-python.sh", os.environ | {"PATH": str(programs)}


def _find_python(script: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    shell = str(shutil.which("sh"))
    return subprocess.run([shell, script], env=environment, capture_output=True, text=True, check=False)


def test_a_machine_without_python_is_told_in_one_sentence(bare_clone: tuple[Path, dict[str, str]]):
    """The sentence names the version that is needed."""
    found = _find_python(*bare_clone)
    assert found.returncode == 1
    assert re.fullmatch(r"Antiphon needs Python 3\.11 or newer.*\n", found.stderr)


@pytest.mark.parametrize(("version", "status"), [("(3, 10)", 1), ("(3, 11)", 0), ("(3, 14)", 0)])
def test_the_first_python_that_is_new_enough_is_taken(
    version: str, status: int, bare_clone: tuple[Path, dict[str, str]]
):
    """An old one on the path is passed over."""
    script, environment = bare_clone
    python = Path(environment["PATH"]) / "python3"
    test = f"#!{sys.executable}\nimport sys\nsys.version_info = {version}\nexec(sys.argv[2])\n"
    python.write_text(test, encoding="utf-8")
    python.chmod(0o755)
    found = _find_python(script, environment)
    assert (found.returncode, found.stdout.strip()) == (status, "" if status else "python3")
