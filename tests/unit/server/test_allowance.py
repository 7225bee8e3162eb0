"""What a session may still ask of its model."""

from contextlib import ExitStack

import pytest

from antiphon.callers import LOOPBACK_OWNER
from antiphon.errors import RateLimited
from antiphon.server.rates import Allowance, RateLimits
from antiphon.settings import Settings
from antiphon.testing.clock import FakeClock


def allowance(limits: RateLimits, model: str = "m") -> Allowance:
    return limits.allowance(LOOPBACK_OWNER, model)


def test_what_responses_took_is_told():
    """Requests and tokens, and when they are full again."""
    spender = allowance(RateLimits(Settings(requests_per_minute=60, tokens_per_minute=6000), FakeClock()))
    with spender.room_for_answer():
        pass
    requests, tokens = spender.spend(600)
    assert (requests.name, requests.limit, requests.remaining) == ("requests", 60, 59)
    assert (tokens.name, tokens.limit, tokens.remaining, tokens.reset_seconds) == ("tokens", 6000, 5400, 6.0)


def test_an_answer_that_was_dropped_takes_nothing():
    """Nor does a response that came to nothing."""
    spender = allowance(RateLimits(Settings(requests_per_minute=1, tokens_per_minute=6000), FakeClock()))
    for _ in range(3):
        with spender.room_for_answer():
            pass
    requests, tokens = spender.spend(0)
    assert (requests.remaining, tokens.remaining) == (1, 6000)


def test_a_response_over_the_limit_is_refused():
    """Until the limit allows it."""
    clock = FakeClock()
    spender = allowance(RateLimits(Settings(requests_per_minute=1), clock))
    spender.spend(1)
    with pytest.raises(RateLimited), spender.room_for_answer():
        pytest.fail("there is no room")
    clock.advance(60)
    with spender.room_for_answer():
        pass


def test_sessions_of_one_caller_share_what_there_is():
    """While they are answered, too; and models do not."""
    limits = RateLimits(Settings(requests_per_minute=1), FakeClock())
    with ExitStack() as answers:
        answers.enter_context(allowance(limits).room_for_answer())
        with pytest.raises(RateLimited):
            answers.enter_context(allowance(limits).room_for_answer())
        answers.enter_context(allowance(limits, "n").room_for_answer())
