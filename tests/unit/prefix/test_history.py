"""What is remembered of an organisation's requests, and for how many bytes."""

from dataclasses import replace

import pytest
from tests.fixtures.cached_requests import KEY, Requests, message, system

from antiphon.prefix.entry import DISK_ALLOWANCE, MEMORY_ALLOWANCE, Place, Removal, Tier
from antiphon.prefix.history import History, HistoryLimits, Near
from antiphon.prefix.record import Record
from antiphon.prefix.tree import PrefixTree

HELLO, HOW = message(1, "hello"), message(1, "how are you")


@pytest.fixture
def requests() -> Requests:
    """Requests of one organisation."""
    return Requests()


def remembering(*records: Record, limits: HistoryLimits | None = None) -> History:
    """A history of these requests."""
    history = History(limits)
    for record in records:
        history.note(record)
    return history


def test_a_request_is_found_by_its_organisation_alone(requests: Requests):
    """For another one there is no such id."""
    record = requests.record(system("s"))
    history = remembering(record)
    assert history.find("org-1", record.id) is record
    assert history.find("org-2", record.id) is None
    assert history.find("org-1", "req-0") is None


def test_the_nearest_request_shares_most(requests: Requests):
    """Whether it is the latest or not."""
    near, far = requests.record(system("s"), HELLO, message(2, "x")), requests.record(system("s"), HOW)
    asked = requests.record(system("s"), HELLO, message(2, "y"))
    assert remembering(near, far, asked).nearest(asked) == Near((near,), 1400)


def test_equal_prompts_are_all_remembered(requests: Requests):
    """The latest is the first to be told of."""
    records = [requests.record(system("s")) for _ in range(3)]
    history = remembering(*records)
    assert history.nearest(records[2]) == Near((records[1], records[0]), 1200)
    assert history.find("org-1", records[0].id) is records[0]


def test_later_requests_are_not_earlier(requests: Requests):
    """An explanation is of the time of the request, whenever it is asked for."""
    first, second = requests.record(system("s")), requests.record(system("s"))
    assert remembering(first, second).nearest(first) is None


def test_what_shares_nothing_is_the_farthest_of_the_near(requests: Requests):
    """It is told of where there is nothing better."""
    first, second = requests.record(system("s")), requests.record(system("other"))
    assert remembering(first, second).nearest(second) == Near((first,), 0)


def test_requests_under_another_key_are_near_elsewhere(requests: Requests):
    """They are told apart from those under the same."""
    requests.key = replace(KEY, adapter_digests=("adapter",))
    other = requests.record(system("s"), HELLO)
    requests.key = KEY
    asked = requests.record(system("s"), HOW)
    history = remembering(other, asked)
    assert history.nearest(asked) is None
    assert history.nearest_elsewhere(asked) == Near((other,), 1200)


def test_the_oldest_requests_are_forgotten_first(requests: Requests):
    """In every index, so that the bytes are free."""
    records = [requests.record(system("s"), message(1, f"m{number}"), opening="o") for number in range(10)]
    most_bytes = 3 * records[0].num_bytes
    history = remembering(*records, limits=HistoryLimits(request_bytes=most_bytes))
    assert history.num_bytes("org-1") == most_bytes
    assert [history.find("org-1", record.id) for record in records] == [None] * 7 + records[7:]
    assert history.nearest(records[7]) is None
    elsewhere = replace(records[9], prompt=replace(records[9].prompt, key=replace(KEY, weights_digest="other")))
    near = history.nearest_elsewhere(elsewhere)
    assert near is not None
    assert near.records == (records[8],)


def test_a_request_that_is_too_large_is_forgotten_at_once(requests: Requests):
    """It takes no other with it than it must."""
    record = requests.record(system("s"))
    history = remembering(record, limits=HistoryLimits(request_bytes=record.num_bytes - 1))
    assert history.find("org-1", record.id) is None
    assert history.num_bytes("org-1") == 0


def test_what_segments_keep_alive_counts(requests: Requests):
    """As much as whoever made them says."""
    record = requests.record(system("s"))
    assert replace(record, extra_bytes=500).num_bytes == record.num_bytes + 500


def test_no_organisation_takes_anothers_bytes(requests: Requests):
    """Each has its own, and the least active is forgotten whole where there are too many."""
    first = requests.record(system("s"))
    history = remembering(first, limits=HistoryLimits(request_bytes=first.num_bytes, num_organizations=2))
    for number in range(2, 4):
        assert history.find("org-1", first.id) is first
        requests.key = replace(KEY, organization=f"org-{number}")
        history.note(requests.record(system("s")))
    assert history.find("org-1", first.id) is None
    assert history.num_bytes("org-1") == 0


class Lossy:
    """A tree that loses what was put there, and a history that is told."""

    def __init__(self, requests: Requests, removal_bytes: int = 2**20) -> None:
        self.requests = requests
        self.history = History(HistoryLimits(removal_bytes=removal_bytes))
        self.tree = PrefixTree({Tier.MEMORY: MEMORY_ALLOWANCE, Tier.DISK: DISK_ALLOWANCE})

    def lose(self, record: Record, reason: Removal = Removal.SPACE, tiers: tuple[Tier, ...] = (Tier.MEMORY,)) -> None:
        """Put what a request left into tiers and take it out of the first of them again."""
        self.requests.now += 1
        for tier in tiers:
            made = self.tree.insert(KEY, record.prompt.sequence, Place(tier, 1), record.at)
            assert made.entry is not None
        self.history.note_removed(self.tree.drop(made.entry, tiers[0], reason, self.requests.now))

    def shared(self, record: Record) -> list[int]:
        """How many tokens of a prompt each loss had."""
        return [lost.shared_tokens for lost in self.history.losses(record)]


def test_losses_are_told_by_what_they_share(requests: Requests):
    """The most first, and those that came before the request."""
    lossy = Lossy(requests)
    lossy.lose(requests.record(system("s"), HOW))
    lossy.lose(requests.record(system("s"), HELLO))
    asked = requests.record(system("s"), HELLO)
    lossy.lose(requests.record(system("s"), HELLO, message(2, "x")))
    assert lossy.shared(asked) == [1400, 1200]


@pytest.mark.parametrize(
    ("reason", "tiers"), [(Removal.REPLACED, (Tier.MEMORY,)), (Removal.SPACE, (Tier.MEMORY, Tier.DISK))]
)
def test_what_is_still_held_was_not_lost(requests: Requests, reason: Removal, tiers: tuple[Tier, ...]):
    """In what took its place, or in another tier."""
    lossy = Lossy(requests)
    lossy.lose(requests.record(system("s")), reason, tiers)
    assert lossy.shared(requests.record(system("s"))) == []


def test_the_oldest_losses_are_forgotten_first(requests: Requests):
    """And it is known from when on all are remembered."""
    lossy = Lossy(requests, removal_bytes=6000)
    records = [requests.record(system(word)) for word in "ab"]
    for record in records:
        lossy.lose(record)
    assert lossy.shared(requests.record(system("a"))) == []
    assert lossy.shared(requests.record(system("b"))) == [1200]
    assert not lossy.history.knows_losses_since("org-1", records[0].at)
    assert lossy.history.knows_losses_since("org-1", requests.now)
    assert lossy.history.knows_losses_since("org-2", 0)
