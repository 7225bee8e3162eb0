"""Whatever is noted of requests: what is remembered of them is bounded, and the nearest is the nearest."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from antiphon.prefix.explain import explain
from antiphon.prefix.history import History, HistoryLimits
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.placement import Prompt
from antiphon.prefix.reason import Reason
from antiphon.prefix.record import Outcome, Record
from antiphon.prefix.sequence import TokenSequence

KEY = PrefixKey("org-1", "weights", "Q4_0", "f16", "build-1", "template")
KEYS = st.sampled_from([KEY, replace(KEY, organization="org-2"), replace(KEY, adapter_digests=("adapter",))])
SEQUENCES = st.lists(st.sampled_from([1, 2]), min_size=1, max_size=8).map(TokenSequence)
LONG = st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(1, 700)), min_size=1, max_size=6).map(
    lambda runs: TokenSequence([token for token, num in runs for _ in range(num)])
)
LIMITS = HistoryLimits(request_bytes=9000)


def noted(asked: list[tuple[PrefixKey, TokenSequence]], history: History, reused_tokens: int = 0) -> list[Record]:
    """Records of all that was asked, one second after the other."""
    records = list[Record]()
    for number, (key, sequence) in enumerate(asked):
        records.append(Record(f"req-{number}", Prompt(key, sequence, 1), Outcome(reused_tokens), float(number)))
        history.note(records[-1])
    return records


@given(st.lists(st.tuples(KEYS, SEQUENCES), max_size=30))
def test_what_is_remembered_is_the_latest_and_bounded(asked: list[tuple[PrefixKey, TokenSequence]]):
    """Of each organisation as many requests as fit, and no other."""
    history = History(LIMITS)
    records = noted(asked, history)
    for organization in ("org-1", "org-2"):
        own = [record for record in records if record.prompt.key.organization == organization]
        kept = [record for record in own if history.find(organization, record.id) is record]
        assert kept == own[len(own) - len(kept) :]
        assert history.num_bytes(organization) == sum(record.num_bytes for record in kept) <= LIMITS.request_bytes
        forgotten = own[: len(own) - len(kept)]
        if forgotten:
            assert history.num_bytes(organization) + forgotten[-1].num_bytes > LIMITS.request_bytes


@given(st.lists(st.tuples(KEYS, SEQUENCES), min_size=1, max_size=20))
def test_the_nearest_is_the_nearest(asked: list[tuple[PrefixKey, TokenSequence]]):
    """Of those under the same key that came before, as a plain search finds it; the latest first."""
    history = History()
    records = noted(asked, history)
    for number, record in enumerate(records):
        earlier = [other for other in records[:number] if other.prompt.key == record.prompt.key]
        near = history.nearest(record)
        if not earlier:
            assert near is None
            continue
        most = max(record.prompt.sequence.shared_tokens(other.prompt.sequence) for other in earlier)
        same = [one for one in earlier if record.prompt.sequence.shared_tokens(one.prompt.sequence) == most]
        assert near is not None
        assert near.shared_tokens == most
        assert list(near.records) == same[::-1][:16]


@given(st.lists(st.tuples(KEYS, LONG), min_size=1, max_size=8), st.integers(0, 3000))
def test_an_explanation_never_tells_of_others(asked: list[tuple[PrefixKey, TokenSequence]], reused_tokens: int):
    """What it tells of is an earlier request of the same organisation, and the difference is a true one."""
    history = History()
    records = {record.id: record for record in noted(asked, history, reused_tokens)}
    for record in records.values():
        told = explain(record, history)
        assert told.cached_tokens <= told.reused_tokens
        assert (told.reason is None) == (not told.advice)
        assert told.nearest_id is not None or told.difference is None
        if told.nearest_id is None:
            assert told.reason in {None, Reason.FIRST_REQUEST, Reason.TOO_SHORT}
            continue
        nearest = records[told.nearest_id]
        assert nearest.at < record.at
        assert nearest.prompt.key.organization == record.prompt.key.organization
        if told.difference is not None:
            shared_tokens = record.prompt.sequence.shared_tokens(nearest.prompt.sequence)
            assert told.difference.token_offset == shared_tokens
