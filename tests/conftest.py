"""What tests of several kinds share: a server as a user starts it, and the programs that only some machines have."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import NoReturn

import pytest

from tests.server_process import running_server

OLDEST_NODE = 20  # the oldest that the official Node SDK was seen to run on


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
    """The address of `antiphon serve` with the default models, for example `http://127.0.0.1:43210`."""
    with running_server(tmp_path_factory.mktemp("served")) as server:
        yield server.address
