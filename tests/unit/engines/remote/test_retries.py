"""When to try again, and how upstreams say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.remote.retries import BackOff, retry_after_s

NOW = 1_727_740_800.0  # 1 October 2024, 00:00:00 UTC


@given(num_failures=st.integers(1, 10), draw=st.floats(0, 1, exclude_max=True))
def test_waits_double_within_their_bounds(num_failures: int, draw: float):
    """Each wait is at most its step of the doubling, and at least half of it."""
    step = min(0.25 * 2 ** (num_failures - 1), 4.0)
    wait = BackOff(num_retries=10).wait_s(num_failures, draw)
    assert wait is not None
    assert step / 2 <= wait <= step


def test_nothing_is_tried_more_often_than_allowed():
    """After as many retries as there may be, the answer is to give up."""
    back_off = BackOff(num_retries=2)
    assert back_off.wait_s(2, 0.5) is not None
    assert back_off.wait_s(3, 0.5) is None
    assert BackOff(num_retries=0).wait_s(1, 0.5) is None


def test_an_upstream_that_says_when_is_obeyed():
    """Its wait takes the place of ours."""
    assert BackOff(num_retries=2).wait_s(1, 0.5, retry_after_s=3.5) == 3.5


def test_an_upstream_that_wants_a_long_wait_is_not_waited_for():
    """The caller learns of it instead."""
    assert BackOff(num_retries=2).wait_s(1, 0.5, retry_after_s=60) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "3", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Tue, 01 Oct 2024 00:00:20 GMT"}, 20.0),
        ({"retry-after": "Mon, 30 Sep 2024 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
    ],
)
def test_the_wait_is_read_from_the_headers(headers: dict[str, str], seconds: float | None):
    """Milliseconds come first, then seconds or a date; what cannot be read is not there."""
    assert retry_after_s(headers, NOW) == seconds
