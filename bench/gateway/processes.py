"""Servers as processes: started on cores of their own, waited for, measured from the outside, and stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Cores = frozenset[int]

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class ServerFailed(Exception):
    """A server did not start, or died."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a server and its children hold: resident, and with shared pages divided among those who share them."""

    rss_mb: float = 0.0
    pss_mb: float = 0.0
    peak_mb: float = 0.0


def cores() -> tuple[Cores, Cores]:
    """Return the core for the server that is measured, and those for everything else; a single core serves both."""
    first, *others = sorted(os.sched_getaffinity(0))
    return frozenset({first}), frozenset(others or [first])


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(
    command: Sequence[str | Path], on: Cores, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, pinned to cores, for the length of a block; what it prints goes to `log`."""
    with log.open("wb") as printed, _pinned(on):
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=_plain_environment() | dict(environment or {}),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _stop(process)


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, within_s: float) -> None:
    """Look again and again until it is so. Raises `ServerFailed` where the process ends or the time does."""
    until = time.monotonic() + within_s
    while not is_so():
        if process.poll() is not None or time.monotonic() > until:
            tail = log.read_text(errors="replace")[-2000:]
            raise ServerFailed(f"{process.args} did not come up; it printed:\n{tail}")
        time.sleep(0.05)


def cpu_s(pid: int) -> float:
    """Return the processor time that a server and its children took so far, in seconds."""
    ticks = 0
    for member in _family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
    return ticks / _TICKS_PER_SECOND


def memory(pid: int) -> Memory:
    """Return what a server and its children hold now, and at most held; in millions of bytes."""
    rss = pss = peak = 0.0
    for member in _family(pid):
        held = _figures(Path(f"/proc/{member}/smaps_rollup"))
        rss += held["Rss"]
        pss += held["Pss"]
        peak += _figures(Path(f"/proc/{member}/status"))["VmHWM"]
    return Memory(rss, pss, peak)


def _family(pid: int) -> list[int]:
    members = [pid]
    for member in members:  # it grows while it is walked
        for task in Path(f"/proc/{member}/task").iterdir():
            members += map(int, (task / "children").read_text().split())
    return members


def _figures(table: Path) -> dict[str, float]:
    """Read the lines of the form `Name: number kB`, as millions of bytes."""
    rows = (line.split() for line in table.read_text().splitlines())
    return {row[0].rstrip(":"): int(row[1]) * 1024 / 1e6 for row in rows if row[-1] == "kB"}


def _plain_environment() -> dict[str, str]:
    """Nothing that the operator has set for these servers may colour the figures."""
    return {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}


@contextmanager
def _pinned(to: Cores) -> Iterator[None]:
    """Pin this process; a child that is started meanwhile stays where it was started."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, to)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
