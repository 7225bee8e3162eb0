"""Who is measured: this server, and LiteLLM's proxy in an environment of its own, both before the scripted upstream."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.gateway.processes import Cores, free_port, running, wait_until
from bench.gateway.script import MODEL, PACED_MODEL, Form, WrongAnswer, check, question

# The newest release whose pinned requirements every package index that was tried could meet.
LITELLM_VERSION = "1.106.0"

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Server:
    """One that answers on a port of loopback. `pid` heads its processes."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is started: on which cores, and in which folder it keeps its files."""

    on: Cores
    folder: Path


@contextmanager
def upstream(place: Place) -> Iterator[Server]:
    """Run the scripted upstream."""
    log = place.folder / "upstream.log"
    command = [sys.executable, "-m", "bench.gateway.upstream"]
    with running(command, place.on, log, {"PYTHONPATH": str(PROJECT)}) as process:
        wait_until(lambda: log.read_text().endswith("\n"), process, log, within_s=20)
        yield Server("upstream alone", int(log.read_text()), process.pid)


@contextmanager
def antiphon(upstream_port: int, place: Place) -> Iterator[Server]:
    """Run this server with its defaults, but for the upstream, no embedded engine, and limits that are out of reach."""
    config = place.folder / "antiphon.toml"
    config.write_text(
        "embedded_engines = false\nrequests_per_minute = 100_000_000\ntokens_per_minute = 1_000_000_000_000\n\n"
        f'[[engines]]\nname = "scripted"\nbase_url = "http://127.0.0.1:{upstream_port}/v1"\n'
        f'models = {{ {MODEL} = "{MODEL}", {PACED_MODEL} = "{PACED_MODEL}" }}\n'
    )
    port = free_port()
    command = [Path(sys.executable).with_name("antiphon"), "serve", "--port", str(port)]
    command += ["--data-dir", place.folder / "data", "--config", config]
    with _gateway(f"Antiphon {version('antiphon')}", command, port, place) as server:
        yield server


@contextmanager
def litellm(release: str, upstream_port: int, place: Place) -> Iterator[Server]:
    """Run LiteLLM's proxy as its guide to production says: one worker, logging errors alone, calling nobody else."""
    settings = {"api_base": f"http://127.0.0.1:{upstream_port}/v1", "api_key": "local"}
    models = [
        {"model_name": name, "litellm_params": {"model": f"openai/{name}", **settings}} for name in (MODEL, PACED_MODEL)
    ]
    config = place.folder / "litellm.yaml"  # every JSON document is one of YAML
    keyless = {"dangerously_permit_weak_or_unset_master_key": True}  # as this server is on loopback
    options = {"model_list": models, "litellm_settings": {"telemetry": False}, "general_settings": keyless}
    config.write_text(json.dumps(options))
    environment = {
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "HF_HUB_OFFLINE": "1",
        "DISABLE_ADMIN_UI": "True",
    }
    port = free_port()
    command = [litellm_command(release), "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--num_workers", "1", "--telemetry", "False"]
    with _gateway(f"LiteLLM {release}", command, port, place, environment) as server:
        yield server


def litellm_command(release: str) -> Path:
    """Return LiteLLM's command, after installing it into an environment in the user's cache, which is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "antiphon-bench"
    folder = cache / f"litellm-{release}"
    command = folder / "bin" / "litellm"
    if not command.exists():
        print(f"Installing LiteLLM {release} into {folder}; this happens once and takes a few minutes.", flush=True)
        _install(f"litellm[proxy]=={release}", folder)
    return command


def _install(requirement: str, folder: Path) -> None:
    python = folder / "bin" / "python"
    try:
        if uv := shutil.which("uv"):
            subprocess.run([uv, "venv", "--quiet", "--clear", folder], check=True)
            subprocess.run([uv, "pip", "install", "--quiet", "--python", python, requirement], check=True)
        else:
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", requirement], check=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _gateway(
    name: str, command: list[str | Path], port: int, place: Place, environment: dict[str, str] | None = None
) -> Iterator[Server]:
    """Run a gateway and hand it over once it gives the script's answer."""
    log = place.folder / f"{name.partition(' ')[0].lower()}.log"
    with running(command, place.on, log, environment) as process:
        wait_until(lambda: _answers(port), process, log, within_s=120)
        yield Server(name, port, process.pid)


def _answers(port: int) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions",
        question(Form.WHOLE),
        {"content-type": "application/json", "authorization": "Bearer local"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            check(Form.WHOLE, response.status, response.read())
    except (urllib.error.URLError, OSError, WrongAnswer):
        return False
    return True
