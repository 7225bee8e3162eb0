"""How long the user has to say something after the model has (`idle_timeout_ms`)."""

from antiphon.realtime.config import ServerVad
from antiphon.realtime.listening import Ears


class Idleness:
    """Runs from when the model was heard to its end until anybody says anything."""

    def __init__(self, ears: Ears) -> None:
        self.began_ms = 0.0  # in the user's audio
        self._began_at_ms: float | None = None
        self._ears = ears

    @property
    def ends_at_ms(self) -> float | None:
        """The instant at which the model is to go on alone, None where it is not."""
        detection = self._ears.detection
        timeout_ms = detection.idle_timeout_ms if isinstance(detection, ServerVad) else None
        if self._began_at_ms is None or timeout_ms is None:
            return None
        return self._began_at_ms + timeout_ms

    def begin(self, at_ms: float) -> None:
        """The model is heard to its end at this instant."""
        self._began_at_ms, self.began_ms = at_ms, self._ears.input.end_ms

    def end(self) -> None:
        """Somebody speaks."""
        self._began_at_ms = None
