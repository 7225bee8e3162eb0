"""The page of the cache's measurement says of each aim whether the figures reach it."""

import math

import pytest
from bench.cache.client import Seen
from bench.cache.first_token import OURS, Timed
from bench.cache.overhead import Pair
from bench.cache.report import Results, num_slower, page, share_of_cold
from bench.cache.trace import Served, Trace


def timed(times_ms: dict[str, float], prompt: int = 0) -> list[Timed]:
    """Return one prompt of 2k tokens asked in each case, with the time that each took."""
    return [Timed(OURS, "small", "2k", prompt, case, Seen(ms, 2000, 0)) for case, ms in times_ms.items()]


def aim(results: Results, begins: str) -> str:
    """Return the line of the page about an aim."""
    return next(line for line in page(results).splitlines() if line.startswith(f"| {begins}"))


@pytest.mark.parametrize(("repeated_ms", "reached"), [(50, "yes"), (51, "no")])
def test_repeated_is_held_against_a_twentieth_of_cold(repeated_ms: float, reached: str):
    """A twentieth reaches the aim, and a little more does not."""
    results = Results(timed({"cold": 1000, "repeated": repeated_ms}))
    assert aim(results, "small: repeated").endswith(f" {reached} |")


@pytest.mark.parametrize(("restarted_ms", "reached"), [(100, "yes"), (101, "no")])
def test_a_restart_is_held_against_a_tenth_of_cold(restarted_ms: float, reached: str):
    """A tenth reaches the aim, and a little more does not."""
    results = Results(timed({"cold": 1000, "after restart": restarted_ms}))
    assert aim(results, "small: after restart").endswith(f" {reached} |")


def test_each_time_is_divided_by_the_cold_time_of_its_own_prompt():
    """Prompts of unlike length count alike."""
    both = timed({"cold": 1000, "repeated": 100}) + timed({"cold": 100, "repeated": 10}, prompt=1)
    assert share_of_cold(both, "repeated") == pytest.approx(0.1)
    assert math.isnan(share_of_cold(both, "after restart"))


def test_a_case_slower_than_computing_is_counted():
    """Of two requests for a known prompt one took longer than it did cold."""
    assert num_slower(timed({"cold": 100, "repeated": 10, "after restart": 200})) == (1, 2)


@pytest.mark.parametrize(("cached", "reached"), [(2560, "yes"), (2432, "no")])
def test_the_trace_is_held_against_the_ideal_as_the_contract_counts_it(cached: int, reached: str):
    """All whole steps of 128 reach the aim, and one step less does not."""
    trace = Trace(1, [0, 2687], [Served("Antiphon", [0, cached], [1500, 2700], [1.0, 1.0])])
    assert aim(Results(trace=trace), "trace").endswith(f" {reached} |")


def test_the_overhead_is_the_middle_of_the_ratios():
    """Three prompts took a half, as long, and twice as long as they did without us."""
    pairs = [Pair(500, ours, 100) for ours in (50, 100, 200)]
    assert "| small | 3 | 100 | 100 | 1.00 | 2.00 |" in page(Results(overhead={"small": pairs}))
