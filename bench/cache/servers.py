"""Who is measured: this server, a plain llama.cpp on the same wheel, and vLLM on CPU where it is installed."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.cache.client import Target
from bench.gateway.processes import Cores, free_port, running, wait_until
from bench.voice.servers import weights

from antiphon.settings import read_settings

PROJECT = Path(__file__).parents[2]
VLLM_VERSION = "0.32"
_ALL_CORES: Cores = frozenset(os.sched_getaffinity(0))
_ANTIPHON = Path(sys.executable).with_name("antiphon")
# As many slots as our server has, each as long as its model's context allows and the longest prompt needs.
_NUM_SLOTS = 4
_SLOT_TOKENS = 8192


class Ours:
    """This server with its defaults on a data folder that outlives it: started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._environment = {"ANTIPHON_MODELS_DIR": str(read_settings().weights_dir)}

    @contextmanager
    def running(self, model: str, *, with_keys: bool = False) -> Iterator[Target]:
        """Run it until the block ends, and then kill it as a fault would; its engine has answered once."""
        port = free_port()
        target = Target(f"http://127.0.0.1:{port}", model)
        command = [_ANTIPHON, "serve", "--port", str(port), "--data-dir", self._data]
        environment = self._environment | ({"ANTIPHON_AUTH": "required"} if with_keys else {})
        log = self._folder / "antiphon.log"
        with running(command, _ALL_CORES, log, environment) as process:
            wait_until(lambda: _answers(f"{target.address}/ready"), process, log, within_s=120)
            try:
                if not with_keys:
                    _warm(target)
                yield target
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def key(self, organization: str) -> str:
        """Make a key of an organisation. Raises `CalledProcessError`."""
        command = [_ANTIPHON, "keys", "create", "--organization", organization, "--data-dir", self._data]
        told = subprocess.run(
            [*command, "--project", "bench"], capture_output=True, check=True, env={**os.environ, **self._environment}
        )
        return told.stdout.decode().split()[-1]


@contextmanager
def plain_llama(model: str, folder: Path, *, host_cache: bool = True) -> Iterator[Target]:
    """Run llama.cpp's own server with its defaults, or with its cache in the host's memory turned off."""
    log = folder / "llama.log"
    told = [weights(model), str(_NUM_SLOTS), str(_NUM_SLOTS * _SLOT_TOKENS), *([] if host_cache else ["no-host-cache"])]
    command = [sys.executable, "-m", "bench.cache.llama_server", *told]
    environment = {"PYTHONPATH": str(PROJECT), "GOMP_SPINCOUNT": "10000"}
    with running(command, _ALL_CORES, log, environment) as process:
        wait_until(lambda: "\nhttp://" in f"\n{_text(log)}", process, log, within_s=60)
        address = next(line for line in _text(log).splitlines() if line.startswith("http://"))
        target = Target(address, model)
        wait_until(lambda: _answers(f"{address}/health"), process, log, within_s=60)
        _warm(target)
        yield target


@contextmanager
def vllm(model: str, hf_folder: Path, folder: Path) -> Iterator[Target]:
    """Run vLLM on CPU with its defaults, but that it tells what it had cached."""
    port = free_port()
    target = Target(f"http://127.0.0.1:{port}", model)
    log = folder / "vllm.log"
    command = [_vllm_bin() / "vllm", "serve", hf_folder, "--served-model-name", model, "--port", str(port)]
    options = ["--host", "127.0.0.1", "--max-model-len", str(_SLOT_TOKENS), "--enable-prompt-tokens-details"]
    environment: Mapping[str, str] = {"HF_HUB_OFFLINE": "1", "VLLM_CPU_KVCACHE_SPACE": "2", "VLLM_NO_USAGE_STATS": "1"}
    with running([*command, *options], _ALL_CORES, log, environment) as process:
        wait_until(lambda: _answers(f"{target.address}/health"), process, log, within_s=420)
        _warm(target)
        yield target


def has_vllm() -> bool:
    """Whether an environment with vLLM was made in the user's cache."""
    return (_vllm_bin() / "vllm").exists()


def _vllm_bin() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "antiphon-bench"
    return cache / f"vllm-cpu-{VLLM_VERSION}" / "bin"


def _warm(target: Target) -> None:
    """Have the model loaded; the prompt is too short to be cached and begins as no other does."""
    target.ask([{"role": "user", "content": "Say hello."}])


def _text(log: Path) -> str:
    return log.read_text(errors="replace")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
