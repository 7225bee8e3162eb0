"""`antiphon pull` and `antiphon models`, as a user calls them."""

import hashlib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from antiphon.catalogue.reading import shipped_catalogue
from antiphon.cli_models import add_model_commands

CONTENT = b"weights" * 100
ENTRIES = shipped_catalogue().defaults()
DEFAULTS = [entry.name for entry in ENTRIES]


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data of its own, and a catalogue in which a model of the operator's stands in for each default."""
    source = tmp_path / "source.gguf"
    source.write_bytes(CONTENT)
    file = f'{{ name = "model.gguf", size_bytes = {len(CONTENT)}, sha256 = "{hashlib.sha256(CONTENT).hexdigest()}" }}'
    tables = [
        f'[[models]]\nname = "{entry.name}"\nkind = "{entry.kind}"\nlicence = "MIT"\ncontext_tokens = 64\n'
        f'is_default = true\nfiles = [{file}]\nsources = [{{ paths = {{ "model.gguf" = "{source}" }} }}]\n'
        for entry in ENTRIES
    ]
    (tmp_path / "own.toml").write_text("\n".join(tables))
    monkeypatch.delenv("ANTIPHON_MODELS_DIR", raising=False)
    monkeypatch.setenv("ANTIPHON_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ANTIPHON_MODEL_CATALOGUE", str(tmp_path / "own.toml"))


def antiphon(*arguments: str) -> Result:
    """Run a command."""
    app = typer.Typer()
    add_model_commands(app)
    return CliRunner().invoke(app, arguments)


def test_the_defaults_are_pulled_and_then_here(tmp_path: Path):
    """A second pull needs no source any more."""
    first = antiphon("pull", "--defaults")
    assert first.exit_code == 0, first.output
    assert "smollm2-135m-instruct: fetching 100 %" in first.stdout
    (tmp_path / "source.gguf").unlink()
    second = antiphon("pull", "--defaults")
    assert (second.exit_code, second.stdout) == (0, f"Here: {', '.join(DEFAULTS)}.\n")


def test_a_model_is_pulled_by_its_name(tmp_path: Path):
    """Into the data folder that the option names, and nothing else is."""
    run = antiphon("pull", "all-minilm-l6-v2", "--data-dir", str(tmp_path / "elsewhere"))
    assert run.exit_code == 0, run.output
    assert (tmp_path / "elsewhere" / "models" / "all-minilm-l6-v2" / "model.gguf").read_bytes() == CONTENT
    assert not (tmp_path / "elsewhere" / "models" / "smollm2-135m-instruct").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["pull"], "Name a model, or say --defaults."),
        (["pull", "huge"], "The catalogue has no model 'huge'."),
        (["models", "--config", "/nowhere.toml"], "There is no configuration file at /nowhere.toml."),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence(arguments: list[str], sentence: str):
    """On the error output, with status 1."""
    run = antiphon(*arguments)
    assert run.exit_code == 1
    assert run.stderr.startswith(sentence)


def test_a_pull_that_fails_ends_with_a_sentence(tmp_path: Path):
    """That says why."""
    (tmp_path / "source.gguf").unlink()
    run = antiphon("pull", "smollm2-135m-instruct")
    assert run.exit_code == 1
    assert run.stderr.startswith("The model 'smollm2-135m-instruct' could not be fetched. From this machine:")


def test_a_catalogue_that_is_not_there_ends_with_a_sentence(tmp_path: Path):
    """That names it."""
    (tmp_path / "own.toml").unlink()
    run = antiphon("models")
    assert run.exit_code == 1
    assert run.stderr.startswith(f"The model catalogue {tmp_path / 'own.toml'} cannot be read")


def test_models_are_listed_with_what_is_here():
    """And with the names that mean them."""
    antiphon("pull", "all-minilm-l6-v2")
    lines = antiphon("models").stdout.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.strip()}
    listed = [line.split() for line in lines[: lines.index("")]]
    assert ["all-minilm-l6-v2", "embedding", "MIT", "700", "bytes", "here"] in listed
    assert ["smollm2-135m-instruct", "chat", "MIT", "700", "bytes", "not", "fetched"] in listed
    assert rows["smollm2-135m-instruct"][0] == "gpt-4o-mini,"
