"""How long work stands still."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.supervisor.pauses import MAX_PAUSE_S, Pauses

WISHES = st.lists(st.tuples(st.floats(0.001, 4), st.booleans()), max_size=60)


def history(wishes: list[tuple[float, bool]]) -> list[Pauses]:
    """Return every state that comes of wishes, each so many seconds after the one before, turns included."""
    states = [Pauses(0.0)]
    now_s = 0.0
    for after_s, is_wanted in wishes:
        now_s += after_s
        while (turns_at_s := states[-1].turns_at_s) is not None and turns_at_s < now_s:
            states.append(states[-1].at(turns_at_s, is_wanted=states[-1].is_wanted))
        states.append(states[-1].at(now_s, is_wanted=is_wanted))
    return states


def test_work_stands_still_as_soon_as_that_is_wanted_and_goes_on_as_soon_as_it_is_not():
    paused = Pauses(0.0).at(1.0, is_wanted=True)
    assert paused.is_paused
    assert not paused.at(1.4, is_wanted=False).is_paused


def test_a_pause_ends_by_itself_and_the_work_runs_as_long_before_the_next():
    paused = Pauses(0.0).at(1.0, is_wanted=True)
    assert paused.turns_at_s == 1.0 + MAX_PAUSE_S
    running = paused.at(paused.turns_at_s, is_wanted=True)
    assert not running.is_paused
    assert running.turns_at_s == 1.0 + 2 * MAX_PAUSE_S
    assert not running.at(1.0 + 1.9 * MAX_PAUSE_S, is_wanted=True).is_paused
    assert running.at(running.turns_at_s, is_wanted=True).is_paused


def test_work_that_has_just_run_after_a_short_pause_can_pause_again_for_what_is_left():
    again = Pauses(0.0).at(0.0, is_wanted=True).at(0.5, is_wanted=False).at(0.7, is_wanted=True)
    assert again.is_paused
    assert again.turns_at_s is not None
    assert abs(again.turns_at_s - (0.7 + MAX_PAUSE_S - 0.5 + 0.2)) < 1e-9


def test_a_new_wish_does_not_pause_work_that_must_run():
    spent = Pauses(0.0).at(0.0, is_wanted=True).at(MAX_PAUSE_S, is_wanted=True)
    assert not spent.at(MAX_PAUSE_S + 0.1, is_wanted=False).at(MAX_PAUSE_S + 0.2, is_wanted=True).is_paused


@given(WISHES)
def test_nothing_stands_still_unless_it_is_wanted(wishes: list[tuple[float, bool]]):
    assert all(state.is_wanted for state in history(wishes) if state.is_paused)


@given(WISHES)
def test_no_pause_is_longer_than_the_longest_and_long_work_runs_half_the_time(wishes: list[tuple[float, bool]]):
    states = history(wishes)
    still_s = stretch_s = longest_s = 0.0
    for state, following in pairwise(states):
        elapsed_s = following.at_s - state.at_s
        stretch_s = stretch_s + elapsed_s if state.is_paused else 0.0
        still_s += elapsed_s if state.is_paused else 0.0
        longest_s = max(longest_s, stretch_s)
    assert longest_s <= MAX_PAUSE_S + 1e-3
    assert still_s <= states[-1].at_s / 2 + MAX_PAUSE_S + 1e-3


@given(WISHES)
def test_every_turn_by_itself_comes_later(wishes: list[tuple[float, bool]]):
    for state in history(wishes):
        assert state.turns_at_s is None or state.turns_at_s > state.at_s
