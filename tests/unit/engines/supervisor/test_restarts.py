"""When a process is started again."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.supervisor.restarts import RestartPolicy, Restarts

POLICY = RestartPolicy(pause_s=0.25, max_pause_s=8, max_pause_after_ready_s=1, healthy_s=10, max_in_a_row=8, rest_s=30)


def pauses(*ready_for_s: float | None) -> list[float | None]:
    """Return the pause after each of several exits."""
    state = Restarts(POLICY)
    found: list[float | None] = []
    for seconds in ready_for_s:
        state, pause_s = state.after_exit(seconds)
        found.append(pause_s)
    return found


def test_the_first_restart_comes_at_once_and_each_later_one_after_twice_the_pause():
    """A process that never becomes ready is tried less and less often."""
    assert pauses(*[None] * 7) == [0, 0.25, 0.5, 1, 2, 4, 8]


def test_a_process_that_never_becomes_ready_is_given_up():
    """After eight restarts in vain there is no ninth."""
    assert pauses(*[None] * 9)[-2:] == [8, None]


def test_a_process_that_was_ready_is_never_given_up_and_soon_back():
    """Callers wait for it, so it never pauses for longer than a second."""
    found = pauses(*[0.5] * 50)
    assert None not in found
    assert max(pause for pause in found if pause is not None) == 1


def test_a_healthy_run_makes_up_for_the_failures_before_it():
    """The exit after it is like the first."""
    assert pauses(None, None, None, 10, None) == [0, 0.25, 0.5, 0, 0.25]


def test_after_being_given_up_a_process_begins_anew():
    """Whoever wakes it finds it with all its attempts."""
    assert pauses(*[None] * 10)[-2:] == [None, 0]


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=60))
def test_pauses_keep_their_bounds_whatever_happens(ready_for_s: list[float | None]):
    """Every restart is counted, and no pause is negative or over the longest."""
    state = Restarts(POLICY)
    num_restarts = 0
    for seconds in ready_for_s:
        state, pause_s = state.after_exit(seconds)
        num_restarts += pause_s is not None
        assert pause_s is None or 0 <= pause_s <= POLICY.max_pause_s
        assert state.num_total == num_restarts
