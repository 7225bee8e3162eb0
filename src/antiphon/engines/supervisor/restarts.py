"""When to start a process again that ended by itself: a pure machine, one step for each exit."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How to space restarts.

    The first comes at once, the second after `pause_s`, each later one after twice as long, never more than
    `max_pause_s`, or than `max_pause_after_ready_s` where the process was ready before it ended: callers wait for it.
    A process that was ready for `healthy_s` begins anew. After `max_in_a_row` restarts none of which made it ready it
    is given up, and a request may wake it once `rest_s` have passed.
    """

    pause_s: float = 0.25
    max_pause_s: float = 8.0
    max_pause_after_ready_s: float = 1.0
    healthy_s: float = 10.0
    max_in_a_row: int = 8
    rest_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Restarts:
    """How often a process was started again: in all, in a row without becoming healthy, and without being ready."""

    policy: RestartPolicy
    num_total: int = 0
    num_in_a_row: int = 0
    num_in_vain: int = 0

    def after_exit(self, ready_for_s: float | None) -> "tuple[Restarts, float | None]":
        """Return the next state, and the pause in seconds before the restart or `None` to give up.

        `ready_for_s` is how long the process had been ready, `None` if it never was.
        """
        policy = self.policy
        was_ready = ready_for_s is not None
        if not was_ready and self.num_in_vain >= policy.max_in_a_row:
            return replace(self, num_in_a_row=0, num_in_vain=0), None
        in_a_row = 0 if was_ready and ready_for_s >= policy.healthy_s else self.num_in_a_row
        longest_s = policy.max_pause_after_ready_s if was_ready else policy.max_pause_s
        pause_s = 0.0 if in_a_row == 0 else min(policy.pause_s * 2 ** (in_a_row - 1), longest_s)
        state = replace(
            self,
            num_total=self.num_total + 1,
            num_in_a_row=in_a_row + 1,
            num_in_vain=0 if was_ready else self.num_in_vain + 1,
        )
        return state, pause_s
