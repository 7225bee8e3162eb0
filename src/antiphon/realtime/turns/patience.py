"""How long a silence may last before the turn is over."""

from typing import Protocol

from antiphon.realtime.config import SemanticVad, ServerVad
from antiphon.realtime.turns.signs import TurnQuestioned

# Most closures of plosives are shorter. What is recognised for nothing costs a core for a tenth of a second; what is
# begun a frame sooner is heard a frame sooner.
SUSPECTED_AFTER_MS = 64.0
# What the judge was trained on: the last words and a fifth of a second of silence.
QUESTIONED_AFTER_MS = 192.0
# From here on the judge's word is that the user is done.
CONFIDENT = 0.5
# By the client's wish: how long a user may think who seems not to be done, and how long one who seems to be. The judge
# hears half of all breaths between two words as ends, so that those of 400 ms are waited for unless haste is asked.
_LONGEST_MS = {"low": 8_000.0, "medium": 4_000.0, "auto": 4_000.0, "high": 2_000.0}
_SHORTEST_MS = {"low": 896.0, "medium": 480.0, "auto": 480.0, "high": QUESTIONED_AFTER_MS}


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
        self._shortest_ms = _SHORTEST_MS[eagerness]
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
        """Wait the shortest time where the user seems to be done; else the longer, the less likely that is."""
        if self._is_asked:
            doubt = max(0.0, 1 - probability / CONFIDENT)
            self.ends_after_ms = self._shortest_ms + doubt * (self._longest_ms - self._shortest_ms)


def patience_for(detection: ServerVad | SemanticVad) -> Patience:
    """Return how long to wait in a session set up like this."""
    return SemanticPatience(detection.eagerness) if isinstance(detection, SemanticVad) else ServerPatience(detection)
