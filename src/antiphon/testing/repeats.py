"""Repeated requests that are kept in memory."""

from collections.abc import Callable
from dataclasses import dataclass

from antiphon.limits.repeats import CLAIM_HOLDS_S, KEPT_FOR_S, RecordedAnswer, RepeatKey, known_answer


@dataclass(slots=True)
class _Claim:
    fingerprint: str
    claimed_at: float
    answer: RecordedAnswer | None = None


class RepeatsInMemory:
    """Keeps claims and answers until `now`, in seconds, says that they are over."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._claims: dict[tuple[str, str], _Claim] = {}

    async def claim(self, repeat: RepeatKey) -> RecordedAnswer | None:
        """Return the answer that was given before, or None, and the request is then the claimant's to carry out."""
        now, place = self._now(), (repeat.organization, repeat.scoped)
        claim = self._claims.get(place)
        holds_s = CLAIM_HOLDS_S if claim is not None and claim.answer is None else KEPT_FOR_S
        if claim is not None and claim.claimed_at >= now - holds_s:
            return known_answer(repeat, claim.fingerprint, claim.answer)
        self._claims[place] = _Claim(repeat.fingerprint, now)
        return None

    async def keep(self, repeat: RepeatKey, answer: RecordedAnswer) -> None:
        """Remember the answer to a claimed request."""
        self._claims[repeat.organization, repeat.scoped].answer = answer

    async def release(self, repeat: RepeatKey) -> None:
        """Give a claim back."""
        claim = self._claims.get((repeat.organization, repeat.scoped))
        if claim is not None and claim.answer is None:
            del self._claims[repeat.organization, repeat.scoped]
