"""When to start a process again that ended by itself: a pure machine, one step for each exit."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How to space restarts.

    The first comes at once, the second after `pause_s`, each later one after twice as long, never more than
    `max_pause_s`. A process that was ready for `healthy_s` begins anew; after `max_in_a_row` restarts in vain it is
    given up, and a request may wake it once `rest_s` have passed.
    """

    pause_s: float = 0.25
    max_pause_s: float = 8.0
    healthy_s: float = 10.0
    max_in_a_row: int = 8
    rest_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Restarts:
    """How often a process was started again, in all and in a row without becoming healthy."""

    policy: RestartPolicy
    num_total: int = 0
    num_in_a_row: int = 0

    def after_exit(self, ready_for_s: float) -> "tuple[Restarts, float | None]":
        """Return the next state, and the pause in seconds before the restart or `None` to give up.

        `ready_for_s` is how long the process had been ready, 0 if it never was.
        """
        in_a_row = 0 if ready_for_s >= self.policy.healthy_s else self.num_in_a_row
        if in_a_row >= self.policy.max_in_a_row:
            return replace(self, num_in_a_row=0), None
        pause_s = 0.0 if in_a_row == 0 else min(self.policy.pause_s * 2 ** (in_a_row - 1), self.policy.max_pause_s)
        return replace(self, num_total=self.num_total + 1, num_in_a_row=in_a_row + 1), pause_s
