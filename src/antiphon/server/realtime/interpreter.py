"""Between a session's values and a socket's frames: one dialect, and our own events where they are wanted."""

from collections.abc import Sequence

from antiphon.features.voice.outbox import Frame
from antiphon.ids import Ids
from antiphon.realtime.client_events import ClientEvent
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.dialects.dialect import Dialect
from antiphon.realtime.server_events import ServerEvent, TurnTimed

_EVENT = "event_"


class Interpreter:
    """Reads and writes for one client."""

    def __init__(self, dialect: Dialect, make_id: Ids, *, wants_events: bool) -> None:
        self._dialect = dialect
        self._make_id = make_id
        self._wants_events = wants_events
        self._event_ids: list[str] = []

    def decode(self, text: str, config: SessionConfig) -> ClientEvent:
        """Return what a frame means to a session of this set-up."""
        return self._dialect.read(text, config)

    def encode(self, event: ServerEvent) -> Sequence[Frame]:
        """Return the frames that say an event, none where the client does not want to know."""
        if isinstance(event, TurnTimed) and not self._wants_events:
            return ()
        self._event_ids = []
        frames = self._dialect.write(event, self._noted_id)
        return [Frame(event_id, data) for event_id, data in zip(self._event_ids, frames, strict=True)]

    def _noted_id(self, prefix: str) -> str:
        made = self._make_id(prefix)
        if prefix == _EVENT:
            self._event_ids.append(made)
        return made
