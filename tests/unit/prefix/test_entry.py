"""When a held prefix expires."""

from tests.fixtures.cached_requests import KEY

from antiphon.prefix.entry import DISK_ALLOWANCE, MEMORY_ALLOWANCE, Entry, Stay, Tier
from antiphon.prefix.sequence import TokenSequence


def held(**options: float) -> Entry:
    """An entry that is in both tiers since instant 0, and was not used later."""
    entry = Entry("prefix_1", KEY, TokenSequence([1, 2, 3]), **options)
    entry.stays = {tier: Stay(12, since=0, used_at=0) for tier in Tier}
    return entry


def test_a_least_time_lengthens_a_short_stay():
    """Half an hour in memory, where ten minutes would be the rule."""
    assert held(least_s=1800).expires_at(Tier.MEMORY, MEMORY_ALLOWANCE) == 1800


def test_a_least_time_shortens_no_long_stay():
    """A file stays its day."""
    assert held(least_s=1800).expires_at(Tier.DISK, DISK_ALLOWANCE) == DISK_ALLOWANCE.idle_s


def test_a_time_to_live_takes_the_place_of_the_tiers():
    """Whether it is shorter or longer."""
    assert held(ttl_s=60).expires_at(Tier.DISK, DISK_ALLOWANCE) == 60
