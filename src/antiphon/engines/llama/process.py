"""The child process in which a model runs: `python -m antiphon.engines.llama.process`.

It reads its configuration (`ProcessConfig` as a JSON object with an `api_key`) from the first line of its standard
input, prints `{"port": ...}` once llama.cpp's server listens on loopback, and ends when its standard input closes.
Everything that native code prints goes to standard error.

Only what a start needs is imported: a second of imports is a second in which nobody is answered.
"""

import ctypes
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any

# The server, recognition and synthesis have 0. What is spoken goes on to be written while its first clause is made into
# sound: that sound is what somebody waits for, and at 5 the writing takes a quarter of a core from it, not half. A chat
# at 10 gets a tenth beside all of these; lower, it would hardly go on beside the other programs of the machine. Between
# 19 and the rest of the world there is one gentler class, which Linux alone has.
NICENESS = {"spoken": 5, "interactive": 10, "bulk": 19}
# From <linux/prctl.h>.
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until standard input closes."""
    # Ctrl-C reaches the whole process group; the parent decides when the work in flight has ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    config = json.loads(sys.stdin.readline())
    _die_with_the_parent()
    _give_way(config["urgency"])
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # A native module without type stubs: named in a string, it is `Any` and not a hundred unknowns.
    native: Any = import_module("xllamacpp")
    server = native.Server(_fill(native.CommonParams(), config))
    port = int(server.listening_address.rsplit(":", 1)[1])
    answers.write(json.dumps({"port": port}) + "\n")
    answers.flush()
    threading.Event().wait()


def _end_with_the_parent() -> None:
    """Wait until the parent closes our standard input or is gone, and end without ceremony."""
    while sys.stdin.read(1024):
        pass
    os._exit(0)


def _die_with_the_parent() -> None:
    """Ask Linux to kill this process if the parent is killed while we are paused and cannot see our input close."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _give_way(urgency: str) -> None:
    """Take a lower place at the processor than more urgent work has.

    Bulk work runs only when nothing else wants the processor, or as nearly so as the system allows.
    """
    if urgency == "bulk" and hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            return
    with suppress(OSError):
        os.nice(NICENESS[urgency])


def _fill(params: Any, config: dict[str, Any]) -> Any:  # noqa: ANN401  (a native object)
    params.model.path = config["model_path"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config["api_key"]]
    params.n_parallel = config["num_slots"]
    params.n_ctx = config["context_tokens"] * config["num_slots"]
    params.n_batch = params.n_ubatch = config["batch_tokens"]
    for processors in (params.cpuparams, params.cpuparams_batch):
        processors.n_threads = config["num_threads"]
        processors.poll = 0
    _only_what_is_used(params)
    if config["state_folder"] is not None:
        params.slot_save_path = config["state_folder"] + "/"
    if config["is_embedding"]:
        params.embedding = True
        # Whole and at its own length: what it is cut and scaled to is the engine's to say.
        params.embd_normalize = -1
    return params


def _only_what_is_used(params: Any) -> None:  # noqa: ANN401  (a native object)
    """Turn off what would answer across tenants, guess at memory, or serve pages."""
    params.cache_ram_mib = 0
    params.cache_prompt = False
    params.cache_idle_slots = False
    params.fit_params = False
    params.ui = False
    params.use_jinja = False
    # A slot holds one thread of the HTTP server while it streams; the rest is for short questions.
    params.n_threads_http = params.n_parallel + 4


if __name__ == "__main__":
    main()
