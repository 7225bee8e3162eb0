"""`/antiphon/v1/engines`: how the processes are in which models run."""

from enum import StrEnum
from typing import Literal

import msgspec


class EngineState(StrEnum):
    """Where a supervised process is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    DRAINING = "draining"
    FAILED = "failed"

    def holds_weights(self) -> bool:
        """Whether the process reads its weights, or is about to."""
        return self not in {EngineState.STOPPED, EngineState.FAILED}


class ProcessStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One process at this moment.

    Memory is `None` where nothing runs or the system does not tell; `ready_for_s` counts from the last start;
    `logs` are the newest lines that the process wrote, oldest first.
    """

    name: str
    state: EngineState
    pid: int | None
    ready_for_s: float | None
    num_restarts: int
    rss_bytes: int | None
    pss_bytes: int | None
    num_slots: int
    num_slots_busy: int
    num_waiting: int
    logs: tuple[str, ...]


class Engine(ProcessStatus, frozen=True, kw_only=True):
    """A model's process, with the names that lead to it, and whose work it does: the less urgent gives way."""

    object: Literal["engine"] = "engine"
    model: str
    aliases: tuple[str, ...]
    urgency: Literal["spoken", "interactive", "bulk"]


class EngineList(msgspec.Struct, frozen=True, kw_only=True):
    """All processes that were wanted so far."""

    object: Literal["list"] = "list"
    data: list[Engine]
