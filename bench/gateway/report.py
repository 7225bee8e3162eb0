"""The page `docs/benchmarks/gateway.md`: what was measured, on what, and how it stands against the aims."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.gateway.load import ClosedLoop, Load
from bench.gateway.measure import AT_ONCE, AT_RATE, PACED, THROUGHPUT, Extent, Figures

# The aims: times LiteLLM's throughput; milliseconds added at the 99th percentile, 200 requests a second; resident MB.
LEAST_RATIO = 10.0
MOST_ADDED_MS = 5.0
MOST_RESIDENT_MB = 150.0

_PAGE = """\
# The gateway beside LiteLLM's

One client asks a scripted upstream the same question directly, through Antiphon and through LiteLLM's proxy, in turn,
on one machine and over loopback. The upstream answers at once, so that what is measured is the gateway. Each gateway is
one process on a core of its own; client and upstream have the others. The answer has 32 pieces, about 1 kB as a whole;
streamed it is 35 chunks, which the upstream writes at once or, where the table says so, one every 5 ms. Every answer is
checked: its text, its finish reason, its usage and, streamed, its `[DONE]`. *Added* is the time through the gateway,
less the time of the upstream alone at the same percentile. LiteLLM runs as its guide to production says, and logs
errors alone; Antiphon runs with its defaults, but for rate limits that are out of reach.

`make bench` repeats it. These figures:
{setting}.

## Against the aims

{aims}

## Throughput

Requests a second that each carries, and the processor time in milliseconds that a request costs the gateway. The last
row is no limit: two connections get no more from an upstream at that pace.

{throughput}

## Added latency

In milliseconds. The clients of the first rows ask again as soon as they have an answer. A fixed rate is sent evenly
spaced, whatever comes back, to those that carry it.

{latency}

## Memory

In millions of bytes, of all processes of a server after all loads: resident, the same with shared pages divided among
those who share them, and the most that was ever resident.

{memory}

{faults}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured of the three, and how much of it."""

    direct: Figures
    ours: Figures
    theirs: Figures
    extent: Extent

    @property
    def gateways(self) -> tuple[Figures, Figures]:
        """The two that stand between client and upstream."""
        return self.ours, self.theirs

    def added_ms(self, gateway: Figures, load: Load, share: float) -> float:
        """Return what a gateway adds to the time until an answer is whole, at the percentile of `share`."""
        through, alone = gateway.outcomes[load].whole_ms, self.direct.outcomes[load].whole_ms
        return quantile(through, share) - quantile(alone, share)

    def added_first_ms(self, gateway: Figures, load: Load, share: float) -> float:
        """Return what a gateway adds to the time until the text of an answer begins."""
        through, alone = gateway.outcomes[load].first_ms, self.direct.outcomes[load].first_ms
        return quantile(through, share) - quantile(alone, share)


def page(run: Run) -> str:
    """Return the page."""
    return _PAGE.format(
        setting=_setting(run.extent),
        aims=_table("aim | measured | reached", _aims(run)),
        throughput=_table(
            "answer | connections | upstream alone | Antiphon | LiteLLM | ratio | CPU, Antiphon | CPU, LiteLLM",
            _throughput(run),
        ),
        latency=_table("load | answer | gateway | p50 | p99 | first text p50 | first text p99", _latency(run)),
        memory=_table("server | resident | proportional | peak", _memory(run)),
        faults=_faults(run),
    )


def quantile(times_ms: Sequence[float], share: float) -> float:
    """Return the time below which this share of the times lies; not a number where there are none."""
    ranked = sorted(times_ms)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else float("nan")


def _table(header: str, rows: Iterator[tuple[str, ...]]) -> str:
    columns = header.count("|") + 1
    return "\n".join([f"| {header} |", "| --- " * columns + "|", *(f"| {' | '.join(row)} |" for row in rows)])


def _setting(extent: Extent) -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    processor = models[0].partition(":")[2].strip() if models else platform.machine()
    priority = ", at real-time priority" if os.sched_getscheduler(0) in {os.SCHED_FIFO, os.SCHED_RR} else ""
    return (
        f"{datetime.now(UTC):%d %B %Y}: {processor}, {os.cpu_count()} cores, {memory_gb:.0f} GB, Python "
        f"{platform.python_version()}; {extent.num_rounds} rounds of {extent.seconds:g} s for each load{priority}"
    )


def _aims(run: Run) -> Iterator[tuple[str, ...]]:
    for form in AT_ONCE:
        ours, theirs = run.ours.most_per_second(form), run.theirs.most_per_second(form)
        aim = f"at least {LEAST_RATIO:g} times LiteLLM's throughput, {form.value}"
        measured = f"{ours / theirs:.1f} times: {ours:,.0f} requests a second beside {theirs:,.0f}"
        yield aim, measured, _yes_or_no(reached=ours >= LEAST_RATIO * theirs)
    for load in AT_RATE:
        aim = f"under {MOST_ADDED_MS:g} ms added at p99, {load.per_second} requests a second, {load.form.value}"
        if load in run.ours.outcomes:
            added_ms = run.added_ms(run.ours, load, 0.99)
            yield aim, f"{added_ms:.2f} ms", _yes_or_no(reached=added_ms < MOST_ADDED_MS)
        else:
            yield aim, "the rate is not carried", _yes_or_no(reached=False)
    held_mb = run.ours.memory.rss_mb
    yield f"under {MOST_RESIDENT_MB:g} MB resident", f"{held_mb:.0f} MB", _yes_or_no(reached=held_mb < MOST_RESIDENT_MB)


def _yes_or_no(*, reached: bool) -> str:
    return "yes" if reached else "**no**"


def _throughput(run: Run) -> Iterator[tuple[str, ...]]:
    for load in (*THROUGHPUT, PACED):
        alone, ours, theirs = (of.outcomes[load] for of in (run.direct, *run.gateways))
        rates = (f"{alone.per_second:,.0f}", f"{ours.per_second:,.0f}", f"{theirs.per_second:,.1f}")
        ratio = f"{ours.per_second / theirs.per_second:.1f}" if theirs.per_second else "-"
        yield load.form.value, str(load.num_connections), *rates, ratio, f"{ours.cpu_ms:.2f}", f"{theirs.cpu_ms:.2f}"


def _latency(run: Run) -> Iterator[tuple[str, ...]]:
    for load in (*(ClosedLoop(form, 1) for form in AT_ONCE), PACED, *AT_RATE):
        name = f"{load.num_connections} at a time" if isinstance(load, ClosedLoop) else f"{load.per_second} a second"
        for gateway in run.gateways:
            if load in gateway.outcomes:
                added = [run.added_ms(gateway, load, share) for share in (0.5, 0.99)]
                added += [run.added_first_ms(gateway, load, share) for share in (0.5, 0.99)]
                yield name, load.form.value, gateway.server.name, *(f"{milliseconds:.2f}" for milliseconds in added)


def _memory(run: Run) -> Iterator[tuple[str, ...]]:
    for gateway in run.gateways:
        held = gateway.memory
        yield gateway.server.name, *(f"{figure:.0f}" for figure in (held.rss_mb, held.pss_mb, held.peak_mb))


def _faults(run: Run) -> str:
    """Say whose answers were missing or wrong, or that none was."""
    told = [
        f"{len(of.faults)} answers of {of.server.name} were missing or wrong, first: `{of.faults[0]}`."
        for of in (run.direct, *run.gateways)
        if of.faults
    ]
    return "\n".join(told) or "No answer was missing or wrong."
