"""The page `docs/benchmarks/voice.md`: what was measured, on what, and how it stands against the aims."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.voice.figures import Spread

# The aims, in milliseconds: p50 and p95 from voice to voice with each model, and the rest as named.
AIMS_MS = {"smollm2-135m-instruct": (500, 800), "qwen2.5-coder-0.5b-instruct": (700, 1000)}
STALE_MS = 50
ADDED_P99_MS = 10
BESIDE_RATIO = 1.5

_PAGE = """\
# A spoken turn, from voice to voice

A client speaks {num_questions} questions of one to ten seconds, in real time and in frames of 20 ms, and its microphone
never stops. *Voice to voice* is the time from the last audible sample of the question to the arrival of the first
audible sample of the answer: the silence that ends a turn (200 ms) is part of it. Five questions are one conversation.
The models are those that install from the package index: Whisper tiny.en, the language model named, and Piper's voice
`joe`. Pipecat {pipecat} runs the same three in one process, with llama.cpp's own server beside it: *as its guide has
it*, with its turn model, and *at its best*, without it and with the recogniser in int8. Each has the whole machine.

`make bench-voice` repeats it. These figures:
{setting}.

{voice}

## Against the aims

{aims}

## Interruptions

Somebody cuts into a long answer that is still being made, {num_interruptions} times. Times in milliseconds (p50 | p95).

{interruptions}

## Beside a long prompt

{beside}

## What the protocol adds

Sessions with the scripted model, which answers at once, each with an open microphone, ask every two seconds; server on
one core, clients on the others. The time is that from `response.create` to the first audio.

{crowd}

## Listening

{listening}
"""


@dataclass(slots=True)
class Row:
    """One system with one language model."""

    system: str
    model: str
    voice: Spread
    stopped: Spread | None = None
    num_right: int | None = None
    num_unanswered: int = 0


@dataclass(slots=True)
class Results:
    """All that one run saw."""

    num_questions: int
    pipecat: str
    rows: list[Row] = field(default_factory=list[Row])
    interruptions: list[tuple[str, Spread]] = field(default_factory=list[tuple[str, Spread]])
    num_interruptions: int = 0
    num_interruptions_missed: int = 0
    beside: tuple[Spread, Spread] | None = None
    crowd: list[tuple[int, Spread, float]] = field(default_factory=list[tuple[int, Spread, float]])
    listening: tuple[int, float] | None = None


def write_page(results: Results, page: Path) -> None:
    """Write the page."""
    page.parent.mkdir(parents=True, exist_ok=True)
    text = _PAGE.format(
        num_questions=results.num_questions,
        pipecat=results.pipecat,
        setting=_setting(),
        voice=_voice(results.rows),
        aims=_aims(results),
        num_interruptions=results.num_interruptions,
        interruptions=_interruptions(results),
        beside=_beside(results),
        crowd=_crowd(results),
        listening=_listening(results),
    )
    page.write_text(text, encoding="utf-8")


def _setting() -> str:
    cores = len(os.sched_getaffinity(0))
    return f"{datetime.now(UTC):%d %B %Y}, {cores} cores of {platform.machine()}, Python {platform.python_version()}"


def _voice(rows: Sequence[Row]) -> str:
    lines = [
        "| system | language model | turns | voice to voice p50 | p95 | `speech_stopped` to audio p50 | p95 | right |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        stopped = str(row.stopped) if row.stopped is not None else "- | -"
        right = "-" if row.num_right is None else str(row.num_right)
        lines.append(f"| {row.system} | {row.model} | {row.voice.num} | {row.voice} | {stopped} | {right} |")
    unanswered = [f"{row.system} with {row.model}: {row.num_unanswered}" for row in rows if row.num_unanswered]
    return "\n".join(lines) + (f"\n\nTurns without an answer: {'; '.join(unanswered)}." if unanswered else "")


def _aims(results: Results) -> str:
    lines = ["| aim | seen | met |", "| --- | --- | --- |"]
    ours = {row.model: row.voice for row in results.rows if row.system == "Antiphon"}
    best = {row.model: row.voice for row in results.rows if row.system.endswith("best")}
    for model, (p50, p95) in AIMS_MS.items():
        if model in ours:
            seen = ours[model]
            lines.append(_aim(f"{model}: p50 under {p50} ms", f"{seen.p50_ms:.0f}", seen.p50_ms < p50))
            lines.append(_aim(f"{model}: p95 under {p95} ms", f"{seen.p95_ms:.0f}", seen.p95_ms < p95))
        if model in ours and model in best:
            ratio = ours[model].p50_ms / best[model].p50_ms
            lines.append(_aim(f"{model}: at most half of Pipecat's best", f"{ratio:.2f} of it", ratio <= 0.5))
    for name, stale in results.interruptions:
        if name.startswith("confirmed"):
            lines.append(
                _aim(f"stale audio stops within {STALE_MS} ms", f"{stale.p95_ms:.0f}", stale.p95_ms <= STALE_MS)
            )
    if results.beside is not None:
        ratio = results.beside[1].p95_ms / results.beside[0].p95_ms
        lines.append(
            _aim(f"p95 beside a 4k prompt under {BESIDE_RATIO} times alone", f"{ratio:.2f}", ratio < BESIDE_RATIO)
        )
    for num, added, _ in results.crowd:
        if num == 50:
            lines.append(
                _aim(
                    f"p99 added at 50 sessions under {ADDED_P99_MS} ms",
                    f"{added.p99_ms:.1f}",
                    added.p99_ms < ADDED_P99_MS,
                )
            )
    return "\n".join(lines)


def _aim(what: str, seen: str, is_met: bool) -> str:
    return f"| {what} | {seen} | {'yes' if is_met else 'no'} |"


def _interruptions(results: Results) -> str:
    lines = ["| from | to | p50 | p95 |", "| --- | --- | --- | --- |"]
    lines += [f"| {name} | {seen} |" for name, seen in results.interruptions]
    missed = results.num_interruptions_missed
    return "\n".join(lines) + (f"\n\nNot noticed at all: {missed}." if missed else "")


def _beside(results: Results) -> str:
    if results.beside is None:
        return "Not measured."
    alone, beside = results.beside
    return (
        "Voice to voice while the server computes prompts of 4,096 tokens for somebody else: "
        f"p50 {beside.p50_ms:.0f} ms and p95 {beside.p95_ms:.0f} ms; alone {alone.p50_ms:.0f} and {alone.p95_ms:.0f}."
    )


def _crowd(results: Results) -> str:
    lines = ["| sessions | answers | p50 ms | p99 ms | server's cores |", "| --- | --- | --- | --- | --- |"]
    for num, added, load in results.crowd:
        lines.append(f"| {num} | {added.num} | {added.p50_ms:.1f} | {added.p99_ms:.1f} | {load:.2f} |")
    return "\n".join(lines)


def _listening(results: Results) -> str:
    if results.listening is None:
        return "Not measured."
    num, taken = results.listening
    return (
        f"{num} sessions that are spoken to, with voice activity judged in every frame, take {taken:.2f} cores: "
        f"{num / taken:.0f} a core."
    )
