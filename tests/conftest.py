"""What tests of several kinds share: a server as a user starts it, and the programs that only some machines have."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from antiphon.settings import read_settings

PROGRAMS = Path(sys.executable).parent
READY_WITHIN_S = 120
STOPPED_WITHIN_S = 40
OLDEST_NODE = 18  # the oldest that a supported Debian ships


def absent(what: str) -> NoReturn:
    """Skip the test for want of `what`; a build machine installs it, so there the test fails."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js."""
    program = shutil.which("node")
    if program is None or shutil.which("npm") is None:
        absent("Node.js")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        absent(f"Node.js {OLDEST_NODE} or newer")
    return program


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that can be driven without a screen."""
    programs = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, programs)), None)
    return program or absent("Chromium")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `antiphon serve` with the default models, for example `http://127.0.0.1:43210`.

    Its data are its own; the models are those that `make` fetched for this user.
    """
    data_dir = tmp_path_factory.mktemp("served")
    (data_dir / "models").symlink_to(read_settings().data_dir / "models", target_is_directory=True)
    address = f"http://127.0.0.1:{_free_port()}"
    log = data_dir / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [PROGRAMS / "antiphon", "serve", "--port", address.rpartition(":")[2], "--data-dir", data_dir],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if not name.startswith("ANTIPHON_")},
        )
    try:
        _await_ready(address, server, log)
        yield address
    finally:
        _stop(server)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _await_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/ready", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)  # a process can only be asked again
    pytest.fail(f"the server did not become ready:\n{log.read_text(errors='replace')[-4000:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        raise
