"""`python -m bench.gateway`: run the measurement and write `docs/benchmarks/gateway.md`."""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import uvloop
from bench.gateway.measure import Extent, measure
from bench.gateway.processes import ServerFailed, cores
from bench.gateway.report import Run, page
from bench.gateway.servers import LITELLM_VERSION, PROJECT, Place, antiphon, litellm, litellm_command, upstream

PAGE = PROJECT / "docs" / "benchmarks" / "gateway.md"


def main() -> int:
    """Run, write the page, and return 1 where a server failed or gave a wrong answer."""
    options = _options()
    try:
        litellm_command(options.litellm)  # installed before anything is measured
        run = _measured(options.litellm, options.extent)
    except (ServerFailed, subprocess.CalledProcessError) as failure:
        print(failure, file=sys.stderr)
        return 1
    text = page(run)
    print(text)
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(text, encoding="utf-8")
    return 1 if any(of.faults for of in (run.direct, run.ours, run.theirs)) else 0


def _measured(release: str, extent: Extent) -> Run:
    gateway_cores, other_cores = cores()
    os.sched_setaffinity(0, other_cores)
    with tempfile.TemporaryDirectory(prefix="antiphon-bench-") as folder, ExitStack() as servers:
        place = Place(gateway_cores, Path(folder))
        direct = servers.enter_context(upstream(Place(other_cores, Path(folder))))
        ours = servers.enter_context(antiphon(direct.port, place))
        theirs = servers.enter_context(litellm(release, direct.port, place))
        return Run(*uvloop.run(measure([direct, ours, theirs], extent)), extent)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.gateway", description="Measure the gateway beside LiteLLM's."
    )
    parser.add_argument("--rounds", type=int, default=3, help="how many times each load is put on each server")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each load lasts")
    parser.add_argument("--litellm", default=LITELLM_VERSION, metavar="VERSION", help="which release stands beside")
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write the page")
    options = parser.parse_args()
    options.extent = Extent(options.rounds, options.seconds)
    return options


if __name__ == "__main__":
    sys.exit(main())
