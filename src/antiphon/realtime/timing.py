"""When the stages of a spoken turn happened, and how far audio may run ahead of its playback."""


class TurnTiming:
    """Stages in ms from the last voiced frame of the user's turn, which was heard at `voice_ended_at_ms`."""

    def __init__(self, voice_ended_at_ms: float) -> None:
        self._voice_ended_at_ms = voice_ended_at_ms
        self.stages_ms: dict[str, float] = {}

    def stamp(self, stage: str, now_ms: float) -> None:
        """Note a stage that is reached, the first time."""
        self.stages_ms.setdefault(stage, now_ms - self._voice_ended_at_ms)


class Pacer:
    """Lets audio out no more than `max_ahead_ms` ahead of a player that plays it as it comes."""

    def __init__(self, max_ahead_ms: float | None, frame_ms: float) -> None:
        # A frame that is longer than what may run ahead is sent when all before it was played.
        self._max_early_ms = max(0.0, max_ahead_ms - frame_ms) if max_ahead_ms is not None else None
        self.played_by_ms = 0.0

    def sent(self, duration_ms: float, now_ms: float) -> None:
        """Take note of audio that was sent."""
        self.played_by_ms = max(self.played_by_ms, now_ms) + duration_ms

    def may_send_at_ms(self) -> float:
        """Return the instant from which one more frame may be sent."""
        return self.played_by_ms - self._max_early_ms if self._max_early_ms is not None else 0.0
