"""Other people's Realtime clients against the server, each a story of its own that knows nothing but the address."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.realtime.coverage import STORIES, Coverage
from tests.clients.realtime.relay import relaying
from tests.conftest import absent
from tests.server_process import running_server

HERE = Path(__file__).parent
PYTHON = HERE.parents[2] / ".venv-realtime-clients" / "bin" / "python"
PYTHON_STORIES = [story for story in STORIES if story.suffix == ".py"]
NODE_STORIES = [story for story in STORIES if story.suffix == ".mjs"]
STORY_SECONDS = 240

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def coverage() -> Iterator[Coverage]:
    """What passed in all stories; a page once every one was told."""
    seen = Coverage()
    yield seen
    if seen.is_whole:
        seen.write()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback that signs itself, and its key."""
    program = shutil.which("openssl") or absent("OpenSSL's program")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module")
def secure(certificate: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with TLS."""
    options = ["--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1])]
    with running_server(tmp_path_factory.mktemp("secure"), *options) as server:
        yield server.address


@pytest.mark.parametrize("story", PYTHON_STORIES, ids=lambda story: story.stem)
def test_a_python_client_tells_its_story(story: Path, served: str, coverage: Coverage, tmp_path: Path):
    """The story's own assertions hold."""
    with relaying(served) as relay:
        _tell(
            [str(PYTHON), str(story)], tmp_path, OPENAI_BASE_URL=f"{served}/v1", REALTIME_BASE_URL=f"{relay.address}/v1"
        )
    coverage.passed[story] = relay.passed


@pytest.mark.parametrize("story", NODE_STORIES, ids=lambda story: story.stem)
def test_a_node_client_tells_its_story(
    story: Path, node: str, secure: str, certificate: tuple[Path, Path], coverage: Coverage, tmp_path: Path
):
    """The story's own assertions hold, over TLS."""
    events = tmp_path / "events.json"
    _tell(
        [node, str(story)],
        tmp_path,
        OPENAI_BASE_URL=f"{secure}/v1",
        NODE_EXTRA_CA_CERTS=str(certificate[0]),
        EVENTS_FILE=str(events),
    )
    coverage.passed[story] = json.loads(events.read_text())


def _tell(command: list[str], folder: Path, **variables: str) -> None:
    told = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"OPENAI_API_KEY": "sk-any"} | variables,
        capture_output=True,
        text=True,
        timeout=STORY_SECONDS,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-4000:]
