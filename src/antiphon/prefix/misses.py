"""Why a sealed prefix could not be used, or was not kept. Neither is an error: the prompt is computed instead."""

from enum import StrEnum


class Fault(StrEnum):
    """What was wrong with a file, or with the folder that was to take its content (`NO_TARGET`).

    `FOREIGN`: it is none of ours, or was sealed with another secret or under another name. `STALE`: its time is over,
    or its key is written otherwise today. `UNREADABLE`: the disk would not give it.
    """

    GONE = "gone"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"
    OTHER_VERSION = "other_version"
    ALTERED = "altered"
    STALE = "stale"
    UNREADABLE = "unreadable"
    NO_TARGET = "no_target"


class PrefixMiss(Exception):
    """A sealed prefix cannot be used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"The sealed prefix cannot be used: {fault.value}.")
        self.fault = fault


class PrefixNotKept(Exception):
    """A prefix was not put on disk; the message says why."""
