"""How long a silence may last before the turn is over."""

from typing import Protocol

from antiphon.realtime.config import SemanticVad, ServerVad
from antiphon.realtime.turns.signs import TurnQuestioned

# A plosive's closure is shorter; three frames later than the voice there is something to recognise.
SUSPECTED_AFTER_MS = 96.0
# What the judge was trained on: the last words and a fifth of a second of silence.
QUESTIONED_AFTER_MS = 192.0
# From here on the judge's word is that the user is done.
CONFIDENT = 0.5
# How long a user who seems not to be done may think, by the client's wish.
_LONGEST_MS = {"low": 8_000.0, "medium": 4_000.0, "auto": 4_000.0, "high": 2_000.0}


class Patience(Protocol):
    """Waits for one silence at a time."""

    @property
    def suspects_after_ms(self) -> float:
        """How long a silence makes the end likely enough to prepare an answer."""
        ...

    @property
    def ends_after_ms(self) -> float:
        """How long a silence ends the turn, by what is known now."""
        ...

    def begin(self) -> None:
        """A new silence."""
        ...

    def questions(self, silence_ms: float, last_voiced_frame: int) -> list[TurnQuestioned]:
        """Return the question that is due after this much silence, once."""
        ...

    def judged(self, probability: float) -> None:
        """Take the judge's answer."""
        ...


class ServerPatience:
    """Waits as long as the client says, whatever was said."""

    def __init__(self, detection: ServerVad) -> None:
        self.ends_after_ms = float(detection.silence_duration_ms)
        self.suspects_after_ms = min(SUSPECTED_AFTER_MS, self.ends_after_ms)

    def begin(self) -> None:
        """Nothing is remembered of other silences."""

    def questions(self, silence_ms: float, last_voiced_frame: int) -> list[TurnQuestioned]:
        """Ask nobody."""
        del silence_ms, last_voiced_frame
        return []

    def judged(self, probability: float) -> None:
        """Nobody was asked."""
        del probability


class SemanticPatience:
    """Asks the judge, and waits the longer the less likely the user is done."""

    def __init__(self, eagerness: str) -> None:
        self._longest_ms = _LONGEST_MS[eagerness]
        self.suspects_after_ms = SUSPECTED_AFTER_MS
        self.ends_after_ms = self._longest_ms
        self._is_asked = False

    def begin(self) -> None:
        """Forget the last answer; until there is one, the user may go on."""
        self.ends_after_ms = self._longest_ms
        self._is_asked = False

    def questions(self, silence_ms: float, last_voiced_frame: int) -> list[TurnQuestioned]:
        """Ask once in each silence."""
        if self._is_asked or silence_ms < QUESTIONED_AFTER_MS:
            return []
        self._is_asked = True
        return [TurnQuestioned(last_voiced_frame)]

    def judged(self, probability: float) -> None:
        """At once where the user is done; else between a part of the longest wait and all of it."""
        if not self._is_asked:
            return
        self.ends_after_ms = QUESTIONED_AFTER_MS if probability >= CONFIDENT else self._longest_ms * (1 - probability)


def patience_for(detection: ServerVad | SemanticVad) -> Patience:
    """Return how long to wait in a session set up like this."""
    return SemanticPatience(detection.eagerness) if isinstance(detection, SemanticVad) else ServerPatience(detection)
