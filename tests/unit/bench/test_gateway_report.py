"""The page of the gateway's measurement says of each aim whether the figures reach it."""

import pytest
from bench.gateway.load import ClosedLoop, Outcome
from bench.gateway.measure import AT_RATE, PACED, THROUGHPUT, Extent, Figures
from bench.gateway.processes import Memory
from bench.gateway.report import Run, page, quantile
from bench.gateway.servers import Server


def figures(name: str, milliseconds: float, *, resident_mb: float = 100.0) -> Figures:
    """Return what would be seen of a server that gives an answer after another, each after so long."""
    of = Figures(Server(name, 1, 1), memory=Memory(resident_mb, resident_mb, resident_mb))
    for load in (*THROUGHPUT, PACED, *AT_RATE):
        if of.bears(load):
            times_ms = [milliseconds] * 100
            of.outcomes[load] = Outcome(times_ms, times_ms, elapsed_s=milliseconds / 10, cpu_s=milliseconds / 10)
    return of


def aims(ours: Figures) -> list[bool]:
    """Return which aims the page calls reached, beside an upstream of 1 ms and a LiteLLM of 30 ms."""
    text = page(Run(figures("upstream", 1), ours, figures("LiteLLM", 30), Extent(1, 1)))
    return [line.endswith("| yes |") for line in text.splitlines() if line.endswith(("| yes |", "| **no** |"))]


@pytest.mark.parametrize(
    ("milliseconds", "resident_mb", "reached"),
    [
        (2, 100, [True, True, True, True, True]),
        (4, 151, [False, False, True, True, False]),
        (10, 100, [False, False, False, False, True]),
    ],
    ids=["all", "latency alone", "the rate is not carried"],
)
def test_each_aim_is_held_against_its_own_figure(milliseconds: float, resident_mb: float, reached: list[bool]):
    """Throughput twice, latency twice, memory once."""
    assert aims(figures("Antiphon", milliseconds, resident_mb=resident_mb)) == reached


def test_a_gateway_stands_in_the_tables_under_the_loads_that_it_bears():
    """LiteLLM, which carries 33 requests a second, has no row at 200; both have one in the table of memory."""
    text = page(Run(figures("upstream", 1), figures("Antiphon", 2), figures("LiteLLM", 30), Extent(1, 1)))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert sum("| Antiphon |" in row for row in rows) == 5 + 1 + 1  # five loads, memory, and a heading
    assert sum("| LiteLLM |" in row for row in rows) == 3 + 1 + 1


def test_a_wrong_answer_is_told_with_its_reason():
    """No table hides that answers were missing."""
    ours = figures("Antiphon", 2)
    ours.outcomes[PACED].faults.append("TimeoutError: no answer within 20 s")
    text = page(Run(figures("upstream", 1), ours, figures("LiteLLM", 30), Extent(1, 1)))
    assert text.endswith("1 answers of Antiphon were missing or wrong, first: `TimeoutError: no answer within 20 s`.\n")


def test_outcomes_of_rounds_add_up():
    """What a load saw in two rounds is one figure of both."""
    seen = Outcome([1.0], [2.0], elapsed_s=1.0, cpu_s=0.5)
    seen.add(Outcome([3.0], [4.0], ["late"], elapsed_s=1.0, cpu_s=1.5))
    assert (seen.per_second, seen.cpu_ms, seen.faults) == (1.0, 1000.0, ["late"])


def test_a_closed_loop_is_borne_by_any_server():
    """Only a fixed rate can be too much."""
    assert Figures(Server("new", 1, 1)).bears(ClosedLoop(PACED.form, 64))


@pytest.mark.parametrize(("share", "time_ms"), [(0.5, 51.0), (0.99, 100.0), (1.0, 100.0)])
def test_a_quantile_is_the_time_below_which_the_share_lies(share: float, time_ms: float):
    """Of the times from 1 to 100 ms."""
    assert quantile([float(number) for number in range(100, 0, -1)], share) == time_ms
