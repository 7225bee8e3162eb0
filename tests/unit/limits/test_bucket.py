"""A bucket fills evenly and never holds more than a minute's worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.limits.bucket import Bucket, Reading, written_duration


def test_a_new_bucket_is_full():
    """The first minute's worth can be taken at once."""
    bucket = Bucket(60, now=0)
    assert bucket.wait_s(60, now=0) == 0
    assert bucket.read(now=0) == Reading(60, 60, 0)


def test_what_was_taken_comes_back_evenly():
    """One a second of sixty."""
    bucket = Bucket(60, now=0)
    bucket.take(60)
    assert bucket.read(now=10) == Reading(60, 10, 50)
    assert bucket.wait_s(15, now=10) == 5


def test_more_than_fits_can_be_taken_from_a_full_bucket():
    """Else a large request would wait for ever; the bucket is then in debt."""
    bucket = Bucket(60, now=0)
    assert bucket.wait_s(90, now=0) == 0
    bucket.take(90)
    assert bucket.read(now=0).remaining == 0
    assert bucket.wait_s(1, now=0) == 31


def test_what_is_given_back_does_not_overflow():
    """An estimate that was too high leaves the bucket full, and no fuller."""
    bucket = Bucket(60, now=0)
    bucket.take(-100)
    assert bucket.read(now=0).remaining == 60


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 40)), max_size=60))
def test_nobody_gets_more_than_the_limit_allows(asked: list[tuple[float, int]]):
    """Over any time what was taken is at most one full bucket and what flowed in since."""
    bucket, now, taken = Bucket(60, now=0), 0.0, 0
    for pause_s, amount in asked:
        now += pause_s
        if bucket.wait_s(amount, now) == 0:
            bucket.take(amount)
            taken += amount
        assert taken <= 60 + now + 1e-6


@given(st.floats(0, 30), st.integers(1, 60))
def test_who_waits_as_told_is_let_in(now: float, amount: int):
    """The time that is told is enough."""
    bucket = Bucket(60, now=0)
    bucket.take(60)
    wait_s = bucket.wait_s(amount, now)
    assert bucket.wait_s(amount, now + wait_s) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.0004, "0s"),
        (0.012, "12ms"),
        (1, "1s"),
        (1.5, "1.5s"),
        (59.9999, "1m0s"),
        (360, "6m0s"),
        (61.25, "1m1.25s"),
    ],
)
def test_durations_are_written_as_openai_writes_them(seconds: float, text: str):
    """Milliseconds, seconds, minutes."""
    assert written_duration(seconds) == text
