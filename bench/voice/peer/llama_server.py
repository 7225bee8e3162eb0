"""A plain llama.cpp server for the peer: `python -m bench.voice.peer.llama_server MODEL.gguf`; it prints its port."""

import os
import sys
import time

import xllamacpp


def main() -> None:
    """Serve until killed."""
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.n_ctx = 8192
    params.n_parallel = 2
    params.cpuparams.n_threads = os.cpu_count() or 1
    params.cpuparams_batch.n_threads = os.cpu_count() or 1
    params.port = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
