"""Who is measured: this server with its embedded models, and the Pipecat pipeline with a plain llama.cpp beside it."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.gateway.processes import Cores, free_port, running, wait_until

from antiphon.catalogue.reading import shipped_catalogue
from antiphon.settings import read_settings
from antiphon.stores.models.folder import ModelFolder

PIPECAT_VERSION = "1.14.0"
PROJECT = Path(__file__).parents[2]
ALL_CORES: Cores = frozenset(os.sched_getaffinity(0))


@contextmanager
def antiphon(folder: Path, on: Cores = ALL_CORES, options: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
    """Run this server with its defaults; give its address and process id once it is ready."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [Path(sys.executable).with_name("antiphon"), "serve", "--port", str(port), "--data-dir", folder / "data"]
    environment = {"ANTIPHON_MODELS_DIR": str(read_settings().weights_dir)}
    log = folder / "antiphon.log"
    with running([*command, *options], on, log, environment) as process:
        wait_until(lambda: _answers(f"{address}/ready"), process, log, within_s=120)
        yield address, process.pid


@contextmanager
def plain_llama(model: str, folder: Path) -> Iterator[str]:
    """Run llama.cpp's own server for the peer; give its address. It waits as patiently as ours does."""
    log = folder / "llama.log"
    command = [sys.executable, "-m", "bench.voice.peer.llama_server", weights(model)]
    environment = {"PYTHONPATH": str(PROJECT), "GOMP_SPINCOUNT": "10000"}
    with running(command, ALL_CORES, log, environment) as process:
        wait_until(lambda: "http://" in log.read_text(errors="replace"), process, log, within_s=60)
        lines = log.read_text(errors="replace").splitlines()
        yield next(line for line in lines if line.startswith("http://"))


def weights(model: str) -> Path:
    """Return where a model's weights lie on this machine."""
    entry = shipped_catalogue().entry(model)
    stored = ModelFolder(read_settings().weights_dir).stored(entry)
    if stored is None:
        raise SystemExit(f"The model {model} is not here: antiphon pull {model}")
    return stored.path


def pipecat_turns(order: dict[str, Any], folder: Path, setting: str) -> list[dict[str, Any]]:
    """Run the peer through its turns and return what it noted of each. Raises `CalledProcessError`."""
    program = Path(__file__).with_name("peer") / "pipeline.py"
    told = subprocess.run(
        [pipecat_python(), program],
        input=json.dumps({**order, "setting": setting}).encode(),
        capture_output=True,
        cwd=folder,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        check=True,
    )
    lines = told.stdout.decode().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def pipecat_python() -> Path:
    """Return the Python of an environment with Pipecat, made in the user's cache if it is not there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "antiphon-bench"
    folder = cache / f"pipecat-{PIPECAT_VERSION}"
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Installing Pipecat {PIPECAT_VERSION} into {folder}; this happens once.", flush=True)
        wanted = f"pipecat-ai[local-smart-turn-v3,openai,piper,silero,whisper]=={PIPECAT_VERSION}"
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return python


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
