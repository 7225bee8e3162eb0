"""What is told while a model is pulled, and what is known of one that is here."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Stage(StrEnum):
    """What a pull is doing."""

    WAITING = "waiting"  # another process pulls the same model
    LOCATING = "locating"
    FETCHING = "fetching"
    ASSEMBLING = "assembling"
    MAKING = "making"


class Presence(StrEnum):
    """Whether a model's weights are on this machine."""

    HERE = "here"
    FETCHING = "fetching"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far one item of a stage is: a part that is fetched, a file that is assembled or made.

    Both counts are 0 where nothing can be counted. `total_bytes` may be corrected when a source tells its own.
    """

    model: str
    stage: Stage
    item: str
    done_bytes: int = 0
    total_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SourceFailed:
    """A source could not give the model, and the next one is tried; `reason` is a sentence."""

    model: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoredModel:
    """The weights of a model on this machine, and what lies beside them.

    `path` and `sha256` are of the file that an engine is told of, `size_bytes` of all. `source` says in words where
    they came from.
    """

    model: str
    path: Path
    size_bytes: int
    sha256: str
    source: str


PullFact = PullProgress | SourceFailed
