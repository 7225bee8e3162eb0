"""How the embedded engines are, for those who look after them."""

from antiphon.ports import EngineRoom
from antiphon.wire.engines import EngineList


class EngineStates:
    """Answers `/antiphon/v1/engines`, for all rooms together."""

    def __init__(self, *rooms: EngineRoom) -> None:
        self._rooms = rooms

    def list(self) -> EngineList:
        """Return every process: its state, memory, slots and newest log lines."""
        return EngineList(data=[engine for room in self._rooms for engine in room.statuses()])
