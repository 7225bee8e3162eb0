"""The page `docs/benchmarks/cache.md`: what was measured, on what, and how it stands against the aims."""

import math
import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.cache.first_token import CASES, LLAMA, OURS, SIZES, VLLM, Timed
from bench.cache.overhead import Pair
from bench.cache.trace import Trace
from bench.voice.figures import spread

# The aims: of the time to the first token cold, at 2k tokens; and of what an unbounded cache would serve.
REPEATED_SHARE = 1 / 20
RESTARTED_SHARE = 1 / 10
TRACE_SHARE = 0.96
# A case counts as slower than computing from this multiple of its own prompt's cold time on: less is the machine's.
SLOWER = 1.05
_AIM_SIZE = "2k"

_PAGE = """\
# The prompt cache

Prompts of random words and of random length are asked over the streaming chat API, one at a time, of this server with
its defaults and of a plain llama.cpp server from the same wheel, in turn, document by document. *Cold* is a document
that was never asked about, *repeated* the same request at once, *other question* the same document with another
question at its end. *After restart* is the first request again after the server was killed (`SIGKILL`) and started on
the same data folder; the files are still in the page cache. The time is that from sending the request to its first
text. *Cached* is what the answer's usage says.

`make bench-cache` repeats it. These figures:
{setting}.

## Against the aims

{aims}

## Time to the first token

In milliseconds. *Of cold* is the median over documents of each case's time, divided by the cold time of its own
document.

{first_token}

{peers}

## Conversations of several organisations

{trace}

## Prompts that are never found

{overhead}
"""
_NOT_MEASURED = "Not measured in this run."


@dataclass(slots=True)
class Results:
    """All that one run saw; `left_out` says why a peer is not in it."""

    first_token: list[Timed] = field(default_factory=list[Timed])
    trace: Trace | None = None
    overhead: dict[str, list[Pair]] = field(default_factory=dict[str, list[Pair]])
    left_out: str = ""


def page(results: Results) -> str:
    """Return the page."""
    return _PAGE.format(
        setting=_setting(),
        aims=_table("aim | measured | reached", _aims(results)),
        first_token=_first_token(results.first_token),
        peers=results.left_out,
        trace=_trace(results.trace),
        overhead=_overhead(results.overhead),
    )


def share_of_cold(timed: Sequence[Timed], case: str) -> float:
    """Return the median of a case's times, each divided by the cold time of its own prompt; NaN without any."""
    cold = {_prompt(one): one.seen.first_ms for one in timed if one.case == "cold"}
    shares = [one.seen.first_ms / cold[_prompt(one)] for one in timed if one.case == case and _prompt(one) in cold]
    return statistics.median(shares) if shares else math.nan


def num_slower(timed: Sequence[Timed]) -> tuple[int, int]:
    """Return how many requests for known prompts took longer than computing did, and of how many."""
    cold = {_prompt(one): one.seen.first_ms for one in timed if one.case == "cold"}
    known = [one for one in timed if one.case != "cold" and _prompt(one) in cold]
    return sum(one.seen.first_ms > SLOWER * cold[_prompt(one)] for one in known), len(known)


def _prompt(one: Timed) -> tuple[str, str, int]:
    return one.system, one.model, one.prompt


def _setting() -> str:
    cores = len(os.sched_getaffinity(0))
    return f"{datetime.now(UTC):%d %B %Y}, {cores} cores of {platform.machine()}, Python {platform.python_version()}"


def _aims(results: Results) -> Iterator[tuple[str, ...]]:
    ours = [one for one in results.first_token if one.system == OURS]
    for model in dict.fromkeys(one.model for one in ours):
        at_size = [one for one in ours if (one.model, one.size) == (model, _AIM_SIZE)]
        for case, aim in (("repeated", REPEATED_SHARE), ("after restart", RESTARTED_SHARE)):
            share = share_of_cold(at_size, case)
            if not math.isnan(share):
                told = f"1/{1 / share:.1f}"
                yield f"{model}: {case} at most 1/{1 / aim:.0f} of cold at 2k tokens", told, _yes(share <= aim)
    if ours:
        slower, known = num_slower(ours)
        aim = f"no case slower than computing (by more than {SLOWER - 1:.0%}; any size, any model)"
        yield aim, f"{slower} of {known}", _yes(slower == 0)
    if results.trace is not None:
        share = results.trace.share_as_counted(results.trace.served[0])
        yield f"trace: at least {TRACE_SHARE:.0%} of an unbounded cache", f"{share:.1%}", _yes(share >= TRACE_SHARE)


def _first_token(timed: Sequence[Timed]) -> str:
    return _table(
        "model | size | system | case | requests | p50 | p95 | of cold | cached, median | prompt tokens, median",
        _first_token_rows(timed),
    )


def _first_token_rows(timed: Sequence[Timed]) -> Iterator[tuple[str, ...]]:
    for model in dict.fromkeys(one.model for one in timed):
        for size in SIZES:
            for system in (OURS, LLAMA, VLLM):
                alike = [one for one in timed if (one.model, one.size, one.system) == (model, size, system)]
                for case in CASES:
                    seen = [one.seen for one in alike if one.case == case]
                    if seen:
                        times = spread([one.first_ms for one in seen])
                        cached = statistics.median(one.cached_tokens for one in seen)
                        tokens = statistics.median(one.prompt_tokens for one in seen)
                        share = f"{share_of_cold(alike, case):.3f}"
                        yield (
                            model,
                            size,
                            system,
                            case,
                            str(times.num),
                            str(times),
                            share,
                            f"{cached:.0f}",
                            f"{tokens:.0f}",
                        )


def _trace(trace: Trace | None) -> str:
    if trace is None:
        return _NOT_MEASURED
    said = (
        f"{trace.num_conversations} conversations of four organisations, {len(trace.ideal)} requests in random order, "
        "one at a time, of servers with four slots. Conversations of an organisation share its instructions of 1,100 "
        "to 1,400 words and grow turn by turn. The ideal is a cache without bounds for each organisation: the longest "
        f"prefix in common with any of its earlier prompts, {sum(trace.ideal):,} tokens in all. *Of the ideal* takes "
        "the tokens as they are reported; *as counted* takes both as the contract counts them, nothing under 1,024 "
        "and whole steps of 128, as this server does. Plain llama.cpp knows no organisations."
    )
    return (
        said + "\n\n" + _table("system | cached | of the prompts | of the ideal | as counted | p50 ms", _served(trace))
    )


def _served(trace: Trace) -> Iterator[tuple[str, ...]]:
    for one in trace.served:
        cached = sum(one.cached)
        yield (
            one.system,
            f"{cached:,}",
            f"{cached / sum(one.prompt):.1%}",
            f"{trace.share(one):.1%}",
            f"{trace.share_as_counted(one):.1%}",
            f"{statistics.median(one.first_ms):.0f}",
        )


def _overhead(pairs_of: dict[str, list[Pair]]) -> str:
    if not pairs_of:
        return _NOT_MEASURED
    said = (
        "Prompts under 1,024 tokens, each asked once of this server and once of plain llama.cpp. The ratio is that of "
        "the two times for one prompt."
    )
    return said + "\n\n" + _table("model | prompts | Antiphon p50 | llama.cpp p50 | ratio p50 | p95", _pairs(pairs_of))


def _pairs(pairs_of: dict[str, list[Pair]]) -> Iterator[tuple[str, ...]]:
    for model, pairs in pairs_of.items():
        ratios = spread([pair.ours_ms / pair.llama_ms for pair in pairs])
        middle = [
            statistics.median(times) for times in zip(*((pair.ours_ms, pair.llama_ms) for pair in pairs), strict=True)
        ]
        yield (
            model,
            str(len(pairs)),
            f"{middle[0]:.0f}",
            f"{middle[1]:.0f}",
            f"{ratios.p50_ms:.2f}",
            f"{ratios.p95_ms:.2f}",
        )


def _yes(is_reached: bool) -> str:
    return "yes" if is_reached else "no"


def _table(header: str, rows: Iterator[tuple[str, ...]]) -> str:
    columns = header.count("|") + 1
    body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {header} |", "| --- " * columns + "|", *body]) if body else _NOT_MEASURED
