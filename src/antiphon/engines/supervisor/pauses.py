"""When work may stand still for the sake of more urgent work: a pure machine over a credit of time."""

from dataclasses import dataclass, replace

# The wait for the first sound of an answer is a third of it on two cores; a chat that stutters so is not thought dead.
MAX_PAUSE_S = 1.5
# Times are differences of a clock: what is left of the credit at its end need not be exactly nothing.
_NOTHING_S = 1e-6


@dataclass(frozen=True, slots=True)
class Pauses:
    """Whether work stands still as of `at_s`, and for how much longer it could.

    Standing still uses the credit up, running restores it second for second, up to `MAX_PAUSE_S`. Work whose credit
    came to its end runs until it is whole again. So no pause is longer than `MAX_PAUSE_S`, and over any longer time
    work runs about as long as it stands still, however many ask it to.
    """

    at_s: float
    credit_s: float = MAX_PAUSE_S
    is_wanted: bool = False
    is_paused: bool = False
    must_run: bool = False

    def at(self, now_s: float, *, is_wanted: bool) -> "Pauses":
        """Return the state at `now_s`, when a pause `is_wanted` or not any more; no later than `turns_at_s`."""
        elapsed_s = now_s - self.at_s
        credit_s = self.credit_s - elapsed_s if self.is_paused else min(MAX_PAUSE_S, self.credit_s + elapsed_s)
        is_spent, is_whole = credit_s < _NOTHING_S, credit_s > MAX_PAUSE_S - _NOTHING_S
        must_run = is_spent or (self.must_run and not is_whole)
        return replace(
            self,
            at_s=now_s,
            credit_s=max(0.0, credit_s),
            is_wanted=is_wanted,
            is_paused=is_wanted and not must_run,
            must_run=must_run,
        )

    @property
    def turns_at_s(self) -> float | None:
        """When the state changes though nobody asks for anything; None where it does not."""
        if self.is_paused:
            return self.at_s + self.credit_s
        if self.is_wanted:
            return self.at_s + MAX_PAUSE_S - self.credit_s
        return None
