"""What the user is saying, from the first voiced frame until it is an item."""

from dataclasses import dataclass

from antiphon.realtime.timing import TurnTiming


@dataclass(slots=True)
class Turn:
    """What the user is saying: it will be this item, and began at this position."""

    item_id: str
    start_ms: float
    timing: TurnTiming | None = None
    question_id: str | None = None

    def stamp(self, stage: str, now_ms: float) -> None:
        """Note a stage of the turn's end."""
        if self.timing is not None:
            self.timing.stamp(stage, now_ms)
