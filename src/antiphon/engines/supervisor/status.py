"""What is told about an engine's process."""

from enum import StrEnum

import msgspec


class EngineState(StrEnum):
    """Where a supervised process is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    DRAINING = "draining"
    FAILED = "failed"


class EngineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One engine's process at this moment.

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
