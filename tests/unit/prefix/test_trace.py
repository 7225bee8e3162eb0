"""Twenty conversations of four organisations over four slots and a disk, beside a cache that has no bounds."""

from dataclasses import replace
from statistics import mean

import pytest
from tests.fixtures.cache_trace import SPEEDS, STEP_TOKENS, Conversation, Engine, Served, Traffic, conversations, ideal

from antiphon.prefix.report import cached_tokens

SEEDS = range(5)
# The busiest leaves no slot idle for long enough to be written behind.
TRAFFICS = {"usual": Traffic(), "busy": Traffic(begin_s=30, pause_s=10), "calm": Traffic(pause_s=120)}


def share(served: list[Served]) -> float:
    """The tokens that were not computed, of those that an unbounded cache of each organisation would serve."""
    return sum(one.reused_tokens for one in served) / sum(ideal(served))


def chunked_share(served: list[Served]) -> float:
    """The same, of what would be served in whole chunks."""
    return sum(one.reused_tokens for one in served) / sum(num // STEP_TOKENS * STEP_TOKENS for num in ideal(served))


def told_share(served: list[Served]) -> float:
    """The same as OpenAI's contract counts both."""
    told = [cached_tokens(one.reused_tokens, one.tokens.num_tokens) for one in served]
    most = [cached_tokens(num, one.tokens.num_tokens) for num, one in zip(ideal(served), served, strict=True)]
    return sum(told) / sum(most)


def served_by(engine: Engine, seed: int, traffic: Traffic | None = None) -> list[Served]:
    """What an engine makes of the conversations of a seed."""
    return engine.serve(conversations(seed, traffic or Traffic()))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("traffic", TRAFFICS.values(), ids=TRAFFICS.keys())
def test_slots_and_a_disk_serve_nearly_what_an_unbounded_cache_would(traffic: Traffic, seed: int):
    """At least 96 % of its tokens, in every way to count."""
    served = served_by(Engine(), seed, traffic)
    assert len(served) == 160
    assert min(share(served), chunked_share(served), told_share(served)) >= 0.96


@pytest.mark.parametrize("seed", SEEDS)
def test_one_request_after_the_other_loses_no_chunk(seed: int):
    """Nothing is in a slot at work when it is wanted, so that all whole chunks are served."""
    assert chunked_share(served_by(Engine(is_one_at_a_time=True), seed)) >= 0.999


def test_without_a_disk_slots_hold_what_is_worth_most():
    """Each organisation keeps its system prompt somewhere, which is half of what there is to be had."""
    shares = [share(served_by(Engine(has_disk=False, is_one_at_a_time=True), seed)) for seed in SEEDS]
    assert mean(shares) > 0.48


@pytest.mark.parametrize("seed", SEEDS)
def test_little_room_on_the_disk_is_used(seed: int):
    """A gigabyte for what would take more than one and a half."""
    assert share(served_by(Engine(disk_bytes=10**9), seed)) >= 0.85


@pytest.mark.parametrize("bytes_per_s", [2e6, 2e7, 3e8])
def test_no_disk_is_slow_enough_to_make_anybody_wait(bytes_per_s: float):
    """Together requests never wait longer with a disk than with slots alone."""
    speeds = replace(SPEEDS, restore_bytes_per_s=bytes_per_s, save_bytes_per_s=bytes_per_s)
    with_disk, without = (Engine(speeds=speeds, has_disk=has_disk, is_one_at_a_time=True) for has_disk in (True, False))
    for engine in (with_disk, without):
        served_by(engine, seed=0)
    assert with_disk.waited_s <= without.waited_s


@pytest.mark.parametrize("seed", range(100))
def test_nothing_is_served_that_the_organisation_did_not_compute(seed: int):
    """All have the same system prompt, and each computes it: no request finds more than its own organisation left."""
    traffic = Traffic(num_conversations=6, num_organizations=3, num_turns=2, is_same_everywhere=True)
    served = served_by(Engine(num_slots=2), seed, traffic)
    assert all(one.reused_tokens <= most for one, most in zip(served, ideal(served), strict=True))
    firsts = {one.organization: one for one in reversed(served)}
    assert [one.reused_tokens for one in firsts.values()] == [0, 0, 0]


def test_identical_prompts_of_two_organisations_cost_twice():
    """Whichever slot or file has them: across all there is not one token in common."""
    turns = conversations(0, Traffic(num_conversations=1))[0].turns
    asked = [Conversation(f"org-{number % 2}", turns, begins_at=number * 1000.0) for number in range(4)]
    served = Engine(num_slots=1).serve(asked)
    found = [one.reused_tokens for one in served if one.tokens == turns[0].tokens]
    whole = turns[0].tokens.cut(turns[0].tokens.num_tokens - 1, STEP_TOKENS)
    assert found == [0, 0, whole, whole]
