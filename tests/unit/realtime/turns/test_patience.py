"""How long a silence may last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.realtime.config import SemanticVad, ServerVad
from antiphon.realtime.turns.patience import patience_for
from antiphon.realtime.turns.signs import TurnQuestioned

EAGERNESS = st.sampled_from(["low", "medium", "auto", "high"])


def asked(eagerness: str):
    """A patience that has just asked."""
    patience = patience_for(SemanticVad(eagerness=eagerness))  # type: ignore[arg-type]
    patience.begin()
    assert patience.questions(192.0, 5) == [TurnQuestioned(5)]
    return patience


def test_server_vad_waits_as_long_as_the_client_says():
    """Whatever anybody judges."""
    patience = patience_for(ServerVad(silence_duration_ms=730))
    patience.judged(1.0)
    assert patience.ends_after_ms == 730
    assert patience.questions(5_000.0, 5) == []


def test_the_end_is_suspected_no_later_than_it_comes():
    """A client may want turns to end after 50 ms."""
    assert patience_for(ServerVad(silence_duration_ms=50)).suspects_after_ms == 50


def test_semantic_vad_asks_once_in_each_silence():
    """A fifth of a second into it."""
    patience = patience_for(SemanticVad())
    patience.begin()
    assert patience.questions(160.0, 5) == []
    assert patience.questions(192.0, 5) == [TurnQuestioned(5)]
    assert patience.questions(224.0, 5) == []
    patience.begin()
    assert patience.questions(192.0, 40) == [TurnQuestioned(40)]


@pytest.mark.parametrize(
    ("eagerness", "longest_ms"), [("low", 8_000), ("medium", 4_000), ("auto", 4_000), ("high", 2_000)]
)
def test_a_user_who_seems_not_to_be_done_may_think(eagerness: str, longest_ms: float):
    """As long as the client's eagerness allows; so it is too where nobody answers."""
    patience = asked(eagerness)
    assert patience.ends_after_ms == longest_ms
    patience.judged(0.0)
    assert patience.ends_after_ms == longest_ms


def test_a_pause_of_400_ms_is_borne_unless_haste_is_asked():
    """The judge takes half of such pauses for ends."""
    for eagerness, is_borne in (("low", True), ("medium", True), ("auto", True), ("high", False)):
        patience = asked(eagerness)
        patience.judged(1.0)
        assert (patience.ends_after_ms > 416) is is_borne


def test_an_answer_to_an_older_question_means_nothing():
    """The user has spoken since."""
    patience = asked("auto")
    patience.begin()
    patience.judged(1.0)
    assert patience.ends_after_ms == 4_000


@given(EAGERNESS, st.floats(0, 1), st.floats(0, 1))
def test_who_is_likelier_to_be_done_is_waited_for_no_longer(eagerness: str, one: float, other: float):
    """The wait never grows with the probability."""
    waits = list[float]()
    for probability in sorted((one, other)):
        patience = asked(eagerness)
        patience.judged(probability)
        waits.append(patience.ends_after_ms)
    assert waits[0] >= waits[1]
