"""What a session may still ask of its model."""

import pytest

from antiphon.callers import LOOPBACK_OWNER
from antiphon.errors import RateLimited
from antiphon.server.rates import RateLimits
from antiphon.settings import Settings
from antiphon.testing.clock import FakeClock


def test_what_responses_took_is_told():
    """Requests and tokens, and when they are full again."""
    clock = FakeClock()
    allowance = RateLimits(Settings(requests_per_minute=60, tokens_per_minute=6000), clock).allowance(
        LOOPBACK_OWNER, "m"
    )
    allowance.admit()
    requests, tokens = allowance.spend(600)
    assert (requests.name, requests.limit, requests.remaining) == ("requests", 60, 59)
    assert (tokens.name, tokens.limit, tokens.remaining, tokens.reset_seconds) == ("tokens", 6000, 5400, 6.0)


def test_a_response_over_the_limit_is_refused():
    """Until the limit allows it."""
    clock = FakeClock()
    allowance = RateLimits(Settings(requests_per_minute=1), clock).allowance(LOOPBACK_OWNER, "m")
    allowance.admit()
    with pytest.raises(RateLimited):
        allowance.admit()
    clock.advance(60)
    allowance.admit()


def test_sessions_of_one_caller_share_what_there_is():
    """And models do not."""
    limits = RateLimits(Settings(requests_per_minute=1), FakeClock())
    limits.allowance(LOOPBACK_OWNER, "m").admit()
    with pytest.raises(RateLimited):
        limits.allowance(LOOPBACK_OWNER, "m").admit()
    limits.allowance(LOOPBACK_OWNER, "n").admit()
