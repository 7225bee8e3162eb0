"""How the embedded engines are, for those who look after them."""

from antiphon.ports import EngineRoom
from antiphon.wire.engines import EngineList


class EngineStates:
    """Answers `/antiphon/v1/engines`."""

    def __init__(self, room: EngineRoom) -> None:
        self._room = room

    def list(self) -> EngineList:
        """Return every process: its state, memory, slots and newest log lines."""
        return EngineList(data=list(self._room.statuses()))
