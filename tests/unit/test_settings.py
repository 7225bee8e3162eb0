"""Options come from the command line, variables, a file and defaults, and a wrong one stops the start in words."""

from pathlib import Path

import pytest

from antiphon.errors import StartRefused
from antiphon.settings import RemoteEngine, read_settings


@pytest.fixture(autouse=True)
def _no_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the variables that a test sets."""
    for name in ("ANTIPHON_DATA_DIR", "ANTIPHON_MODELS_DIR", "ANTIPHON_PORT"):
        monkeypatch.delenv(name, raising=False)


def file_of(folder: Path, text: str) -> Path:
    """A configuration file."""
    path = folder / "antiphon.toml"
    path.write_text(text)
    return path


def test_the_command_line_goes_before_variables_and_these_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = file_of(tmp_path, 'port = 1\nlog_level = "error"\nhost = "::1"')
    monkeypatch.setenv("ANTIPHON_PORT", "2")
    monkeypatch.setenv("ANTIPHON_LOG_LEVEL", "debug")

    settings = read_settings(config, {"port": 3, "host": None})

    assert (settings.port, settings.log_level, settings.host) == (3, "debug", "::1")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 1", "no option 'prot': did you mean 'port'"),
        ("unheard_of = 1", "no option 'unheard_of'"),
        ('[[engines]]\nname = "a"\nbase_url = "http://b"\nmodels = {c = "d"}\ntakes_image = true', "'takes_images'"),
        ('port = "many"', "option 'port' cannot be read"),
        ("port = ", "configuration file .* cannot be read"),
    ],
)
def test_a_wrong_file_is_told_by_its_option(tmp_path: Path, text: str, sentence: str):
    with pytest.raises(StartRefused, match=sentence):
        read_settings(file_of(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(StartRefused, match=r"no configuration file at .*none\.toml"):
        read_settings(tmp_path / "none.toml")


def test_a_mistyped_variable_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANTIPHON_PROT", "8001")

    with pytest.raises(StartRefused, match="no option 'ANTIPHON_PROT': did you mean 'ANTIPHON_PORT'"):
        read_settings()


@pytest.mark.parametrize(
    ("host", "auth", "requires"),
    [("127.0.0.1", "by-address", False), ("127.0.0.1", "required", True), ("0.0.0.0", "by-address", True)],
)
def test_trust_is_by_the_address_unless_keys_are_required(host: str, auth: str, requires: bool):
    assert read_settings(given={"host": host, "auth": auth}).requires_keys is requires


def test_weights_lie_below_the_data_unless_they_have_a_folder_of_their_own(tmp_path: Path):
    assert read_settings(given={"data_dir": tmp_path}).weights_dir == tmp_path / "models"
    assert read_settings(given={"data_dir": tmp_path, "models_dir": tmp_path / "w"}).weights_dir == tmp_path / "w"


def remote(**options: str) -> RemoteEngine:
    return RemoteEngine.model_validate({"name": "a", "base_url": "http://b", "models": {"c": "d"}, **options})


def test_the_key_of_an_engine_may_stand_in_a_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UPSTREAM_KEY", "secret")

    assert remote(api_key_env="UPSTREAM_KEY").key() == "secret"
    assert remote(api_key="given").key() == "given"
    assert remote().key() is None


def test_a_variable_that_is_not_set_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("UPSTREAM_KEY", raising=False)

    with pytest.raises(StartRefused, match="UPSTREAM_KEY"):
        remote(api_key_env="UPSTREAM_KEY").key()
