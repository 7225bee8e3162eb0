"""How much memory a process holds, as Linux counts it."""

from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """`rss_bytes` counts a page shared with other processes whole, `pss_bytes` only this process's share of it."""

    rss_bytes: int
    pss_bytes: int


def memory_of(pid: int, proc: Path = Path("/proc")) -> Memory | None:
    """Return the memory of the process, or `None` where it is gone or the system does not tell."""
    try:
        text = (proc / str(pid) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    kib = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines() if line.endswith("kB")}
    return Memory(rss_bytes=kib.get("Rss", 0) * KIB, pss_bytes=kib.get("Pss", 0) * KIB)
