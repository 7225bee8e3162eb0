"""What every store of repeated requests does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.stores.databases import KINDS, open_database

from antiphon.errors import Conflict, InvalidRequest
from antiphon.limits.repeats import CLAIM_HOLDS_S, KEPT_FOR_S, RecordedAnswer, RepeatKey
from antiphon.ports import RepeatedRequests
from antiphon.stores.repeats import RepeatedRequestRows
from antiphon.testing.clock import FakeClock
from antiphon.testing.repeats import RepeatsInMemory

KEY = RepeatKey("acme", "web", "key-1", "aaaa")
ANSWER = RecordedAnswer(200, (("content-type", "application/json"),), b'{"a": "\xc3\xa9"}\x00')


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", *KINDS])
async def repeats(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> AsyncIterator[RepeatedRequests]:
    if request.param == "memory":
        yield RepeatsInMemory(clock)
        return
    async with open_database(request.param, tmp_path) as database:
        yield RepeatedRequestRows(database, clock)


async def test_the_first_claim_is_the_claimants(repeats: RepeatedRequests):
    """There is no answer yet, so the request is to be carried out."""
    assert await repeats.claim(KEY) is None


async def test_an_answer_that_was_kept_is_given_again(repeats: RepeatedRequests):
    """To the byte."""
    await repeats.claim(KEY)
    await repeats.keep(KEY, ANSWER)
    assert await repeats.claim(KEY) == ANSWER


async def test_a_request_under_way_is_a_conflict(repeats: RepeatedRequests):
    """The second sender is told to come back."""
    await repeats.claim(KEY)
    with pytest.raises(Conflict) as caught:
        await repeats.claim(KEY)
    assert caught.value.code == "idempotency_key_in_use"


async def test_another_request_under_the_same_key_is_refused(repeats: RepeatedRequests):
    """Before and after the first has its answer."""
    other = RepeatKey("acme", "web", "key-1", "bbbb")
    await repeats.claim(KEY)
    with pytest.raises(InvalidRequest, match="key-1"):
        await repeats.claim(other)
    await repeats.keep(KEY, ANSWER)
    with pytest.raises(InvalidRequest, match="key-1"):
        await repeats.claim(other)


async def test_organizations_share_no_keys(repeats: RepeatedRequests):
    """What one has answered is nothing to another."""
    await repeats.claim(KEY)
    await repeats.keep(KEY, ANSWER)
    assert await repeats.claim(RepeatKey("globex", "web", "key-1", "aaaa")) is None
    assert await repeats.claim(RepeatKey("acme", "app", "key-1", "aaaa")) is None


async def test_a_released_request_may_be_carried_out_again(repeats: RepeatedRequests):
    """It was not settled."""
    await repeats.claim(KEY)
    await repeats.release(KEY)
    assert await repeats.claim(KEY) is None


async def test_a_release_takes_no_answer_away(repeats: RepeatedRequests):
    """What was kept stays kept."""
    await repeats.claim(KEY)
    await repeats.keep(KEY, ANSWER)
    await repeats.release(KEY)
    assert await repeats.claim(KEY) == ANSWER


async def test_an_answer_is_forgotten_after_a_day(repeats: RepeatedRequests, clock: FakeClock):
    """The key is then as new."""
    await repeats.claim(KEY)
    await repeats.keep(KEY, ANSWER)
    clock.advance(KEPT_FOR_S - 1)
    assert await repeats.claim(KEY) == ANSWER
    clock.advance(2)
    assert await repeats.claim(KEY) is None


async def test_a_claim_whose_process_died_lapses(repeats: RepeatedRequests, clock: FakeClock):
    """After the longest time that an answer can take."""
    await repeats.claim(KEY)
    clock.advance(CLAIM_HOLDS_S + 1)
    assert await repeats.claim(KEY) is None
