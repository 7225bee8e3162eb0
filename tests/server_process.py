"""`antiphon serve` as a user starts it: a process of its own on a free port, with data of its own."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from antiphon.settings import read_settings

ANTIPHON = Path(sys.executable).with_name("antiphon")
READY_WITHIN_S = 120
STOPPED_WITHIN_S = 40


class ServerFailed(Exception):
    """The server did not start or did not stop; the end of its log is the message."""


@dataclass(frozen=True)
class ServerProcess:
    """A server that is ready; `address` is for example `http://127.0.0.1:43210`."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def children(self) -> list[int]:
        """Return the ids of the processes that the server started and that still run: its engines."""
        pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())
        return [pid for pid in pids if _parent(pid) == self.process.pid]


@contextmanager
def running_server(data_dir: Path, *options: str) -> Iterator[ServerProcess]:
    """Run a server until the end of the block, with TLS where the options name a certificate.

    The models are those that `make` fetched for this user.

    Raises `ServerFailed` where it does not become ready, or does not stop when it is told to.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTIPHON_")}
    environment["ANTIPHON_MODELS_DIR"] = str(read_settings().weights_dir)
    port = _free_port()
    log = data_dir / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [ANTIPHON, "serve", "--port", str(port), "--data-dir", data_dir, *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    scheme = "https" if "--tls-cert" in options else "http"
    server = ServerProcess(f"{scheme}://127.0.0.1:{port}", process, log)
    try:
        _await_ready(server)
        yield server
    finally:
        _stop(server)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _await_ready(server: ServerProcess) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{server.address}/ready", timeout=5, context=_any_certificate()):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)  # another process can only be asked again
    raise ServerFailed(server.log.read_text(errors="replace")[-4000:])


def _any_certificate() -> ssl.SSLContext:
    """What a certificate is worth is for the tests to ask."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _stop(server: ServerProcess) -> None:
    server.process.send_signal(signal.SIGTERM)
    try:
        server.process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired as still_running:
        server.process.kill()
        server.process.wait()
        raise ServerFailed(server.log.read_text(errors="replace")[-4000:]) from still_running


def _parent(pid: int) -> int | None:
    """The id of a process's parent, `None` where the process has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent = stat.rpartition(")")[2].split()[:2]  # the name before it may hold blanks
    return int(parent) if state != "Z" else None
