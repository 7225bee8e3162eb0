"""The circuit breaker, step by step and in any order."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from antiphon.engines.remote.breaker import CircuitBreaker, CircuitState
from antiphon.testing.clock import FakeClock

NUM_FAILURES = 3
COOL_DOWN_S = 1.0
MAX_COOL_DOWN_S = 4.0


def breaker_of(clock: FakeClock) -> CircuitBreaker:
    return CircuitBreaker(clock, num_failures=NUM_FAILURES, cool_down_s=COOL_DOWN_S, max_cool_down_s=MAX_COOL_DOWN_S)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test moves."""
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> CircuitBreaker:
    """A closed circuit."""
    return breaker_of(clock)


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        admitted = breaker.admit()
        assert admitted is not None
        breaker.failed(admitted)


def test_failures_in_a_row_open_the_circuit(breaker: CircuitBreaker):
    """The last failure of the row opens it, and no call is admitted then."""
    fail(breaker, NUM_FAILURES - 1)
    assert breaker.state is CircuitState.CLOSED
    fail(breaker)
    assert breaker.state is CircuitState.OPEN
    assert breaker.admit() is None


def test_a_success_begins_the_row_anew(breaker: CircuitBreaker):
    """Failures with a success between them open nothing."""
    fail(breaker, NUM_FAILURES - 1)
    admitted = breaker.admit()
    assert admitted is not None
    breaker.succeeded(admitted)
    fail(breaker, NUM_FAILURES - 1)
    assert breaker.state is CircuitState.CLOSED


def test_one_call_is_on_trial_after_the_cool_down(breaker: CircuitBreaker, clock: FakeClock):
    """The first call that asks is admitted, and no other until its outcome is known."""
    fail(breaker, NUM_FAILURES)
    clock.advance(COOL_DOWN_S)
    assert breaker.admit() is not None
    assert breaker.state is CircuitState.HALF_OPEN
    assert breaker.admit() is None


def test_a_trial_that_succeeds_closes_the_circuit(breaker: CircuitBreaker, clock: FakeClock):
    """Then all calls pass again."""
    fail(breaker, NUM_FAILURES)
    clock.advance(COOL_DOWN_S)
    trial = breaker.admit()
    assert trial is not None
    breaker.succeeded(trial)
    assert breaker.state is CircuitState.CLOSED
    assert breaker.admit() is not None
    assert breaker.admit() is not None


def test_each_failed_trial_doubles_the_cool_down_up_to_a_bound(breaker: CircuitBreaker, clock: FakeClock):
    """An upstream that stays ill is asked less and less often, but never more rarely than the bound."""
    fail(breaker, NUM_FAILURES)
    waits = []
    for _ in range(4):
        waits.append(breaker.wait_s())
        clock.advance(waits[-1])
        fail(breaker)
    assert waits == [1.0, 2.0, 4.0, 4.0]


def test_the_cool_down_is_short_again_after_a_success(breaker: CircuitBreaker, clock: FakeClock):
    """What an upstream did before it recovered is forgotten."""
    fail(breaker, NUM_FAILURES)
    clock.advance(COOL_DOWN_S)
    fail(breaker)
    clock.advance(2 * COOL_DOWN_S)
    trial = breaker.admit()
    assert trial is not None
    breaker.succeeded(trial)
    fail(breaker, NUM_FAILURES)
    assert breaker.wait_s() == COOL_DOWN_S


def test_a_trial_that_was_abandoned_lets_the_next_call_try(breaker: CircuitBreaker, clock: FakeClock):
    """A caller that hung up says nothing about the upstream."""
    fail(breaker, NUM_FAILURES)
    clock.advance(COOL_DOWN_S)
    trial = breaker.admit()
    assert trial is not None
    breaker.abandoned(trial)
    assert breaker.admit() is not None


def test_the_outcome_of_an_older_call_changes_nothing(breaker: CircuitBreaker, clock: FakeClock):
    """A call from before the circuit opened does not close it, nor does its failure prolong the wait."""
    old = breaker.admit()
    assert old is not None
    fail(breaker, NUM_FAILURES)
    clock.advance(COOL_DOWN_S / 2)
    breaker.succeeded(old)
    breaker.failed(old)
    assert breaker.state is CircuitState.OPEN
    assert breaker.wait_s() == COOL_DOWN_S / 2


class Circuit(RuleBasedStateMachine):
    """Calls that begin, end, fail and are abandoned in any order, while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.breaker = breaker_of(self.clock)
        self.admitted: list[int] = []
        self.trial: int | None = None

    @rule()
    def call(self) -> None:
        """A call asks to be admitted: in an open circuit only a trial is, and only when it is due."""
        before, wait_s = self.breaker.state, self.breaker.wait_s()
        admitted = self.breaker.admit()
        if before is CircuitState.CLOSED:
            assert admitted is not None
        elif before is CircuitState.HALF_OPEN:
            assert admitted is None
        else:
            assert (admitted is None) == (wait_s > 0)
            self.trial = admitted
        if admitted is not None:
            self.admitted.append(admitted)

    @precondition(lambda self: self.admitted)
    @rule(data=st.data(), outcome=st.sampled_from(["succeeded", "failed", "abandoned"]))
    def end(self, data: st.DataObject, outcome: str) -> None:
        """Any call that is under way ends in any way."""
        admitted = data.draw(st.sampled_from(self.admitted))
        self.admitted.remove(admitted)
        getattr(self.breaker, outcome)(admitted)
        if admitted == self.trial:
            assert self.breaker.state is not CircuitState.HALF_OPEN
            assert (self.breaker.state is CircuitState.CLOSED) == (outcome == "succeeded")
            self.trial = None

    @rule(seconds=st.floats(0, 2 * MAX_COOL_DOWN_S))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.clock.advance(seconds)

    @invariant()
    def someone_will_be_admitted(self) -> None:
        """The circuit is never stuck: it is closed, or a trial is under way, or one will be due in bounded time."""
        assert self.breaker.wait_s() <= MAX_COOL_DOWN_S
        assert (self.breaker.state is CircuitState.HALF_OPEN) == (self.trial is not None)


TestCircuit = Circuit.TestCase
