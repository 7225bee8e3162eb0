"""The circuit breaker: an upstream that fails and fails is left alone for a while, then tried with one call.

    CLOSED     every call is admitted; `num_failures` failures in a row open the circuit
    OPEN       no call is admitted until the cool-down is over
    HALF_OPEN  one call is on trial: it closes the circuit, or opens it for twice as long

A pure machine: the clock is given. A call that was admitted before the circuit last changed says nothing about the
present, so its outcome is passed over.
"""

from collections.abc import Callable
from enum import Enum


class CircuitState(Enum):
    """Whether calls pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """One upstream's circuit. `clock` gives seconds that never go back.

    The first cool-down is `cool_down_s`; each trial that fails doubles it, up to `max_cool_down_s`.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        num_failures: int = 5,
        cool_down_s: float = 1.0,
        max_cool_down_s: float = 30.0,
    ) -> None:
        self._clock = clock
        self._num_failures = num_failures
        self._first_cool_down_s = cool_down_s
        self._max_cool_down_s = max_cool_down_s
        self._cool_down_s = cool_down_s
        self._state = CircuitState.CLOSED
        self._failures_in_a_row = 0
        self._opened_at = 0.0
        self._era = 0

    @property
    def state(self) -> CircuitState:
        """The state as the last call left it: an open circuit whose cool-down is over still reads open."""
        return self._state

    def admit(self) -> int | None:
        """Admit a call and return the pass with which to report its outcome, or `None`: it must not be made."""
        if self._state is CircuitState.OPEN and self.wait_s() == 0:
            self._become(CircuitState.HALF_OPEN)
            return self._era
        return self._era if self._state is CircuitState.CLOSED else None

    def wait_s(self) -> float:
        """Return how long no call will be admitted; 0 too while a call is on trial, whose end nobody knows."""
        if self._state is not CircuitState.OPEN:
            return 0.0
        return max(0.0, self._opened_at + self._cool_down_s - self._clock())

    def succeeded(self, admitted: int) -> None:
        """Report that the upstream answered."""
        if admitted != self._era:
            return
        self._failures_in_a_row = 0
        if self._state is CircuitState.HALF_OPEN:
            self._cool_down_s = self._first_cool_down_s
            self._become(CircuitState.CLOSED)

    def failed(self, admitted: int) -> None:
        """Report that the upstream did not answer, or with a failure of its own."""
        if admitted != self._era:
            return
        self._failures_in_a_row += 1
        if self._state is CircuitState.HALF_OPEN:
            self._cool_down_s = min(2 * self._cool_down_s, self._max_cool_down_s)
            self._open()
        elif self._failures_in_a_row >= self._num_failures:
            self._open()

    def abandoned(self, admitted: int) -> None:
        """Report that the caller gave up before an outcome was known: the next call is on trial instead."""
        if admitted == self._era and self._state is CircuitState.HALF_OPEN:
            self._become(CircuitState.OPEN)

    def _open(self) -> None:
        self._opened_at = self._clock()
        self._become(CircuitState.OPEN)

    def _become(self, state: CircuitState) -> None:
        self._state = state
        self._era += 1
