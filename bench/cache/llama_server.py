"""A plain llama.cpp server: `python -m bench.cache.llama_server MODEL.gguf SLOTS CONTEXT [no-host-cache]`.

It prints its address. Everything that is not named here is as llama.cpp has it.
"""

import os
import sys
import time

import xllamacpp


def main() -> None:
    """Serve until killed."""
    path, num_slots, num_tokens, *options = sys.argv[1:]
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_parallel = int(num_slots)
    params.n_ctx = int(num_tokens)
    params.cpuparams.n_threads = os.cpu_count() or 1
    params.cpuparams_batch.n_threads = os.cpu_count() or 1
    params.port = 0
    if "no-host-cache" in options:
        params.cache_ram_mib = 0
        params.cache_idle_slots = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
