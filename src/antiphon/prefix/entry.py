"""A prefix that is held somewhere: what it is, where it stays, and why it is gone."""

from dataclasses import dataclass, field
from enum import StrEnum

from antiphon.prefix.key import PrefixKey
from antiphon.prefix.sequence import TokenSequence

MINUTE_S = 60.0
HOUR_S = 60 * MINUTE_S


class Tier(StrEnum):
    """Where a prefix is held: in a slot of an engine's process, or in a sealed file."""

    MEMORY = "memory"
    DISK = "disk"


class Removal(StrEnum):
    """Why a prefix is held no longer.

    `SPACE`: others needed the bytes or the slot. `EXPIRED`: nobody asked for it in time. `DELETED`: somebody wanted
    it gone, or its file was not fit for use. `REPLACED`: what took its place begins with it.
    """

    SPACE = "space"
    EXPIRED = "expired"
    DELETED = "deleted"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a tier may hold: `budget_bytes` (None: as much as comes), each prefix for `idle_s` after its last use, and
    no longer than `max_age_s` after it was put there."""

    budget_bytes: int | None
    idle_s: float
    max_age_s: float


# OpenAI promises 5 to 10 minutes of inactivity and an hour at most in memory, and 24 hours on disk.
MEMORY_ALLOWANCE = Allowance(budget_bytes=None, idle_s=10 * MINUTE_S, max_age_s=HOUR_S)
DISK_ALLOWANCE = Allowance(budget_bytes=10 * 1024**3, idle_s=24 * HOUR_S, max_age_s=24 * HOUR_S)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a prefix is put and how many bytes it takes there.

    `since` is when it was put there, for what an earlier process wrote; None is now.
    """

    tier: Tier
    num_bytes: int
    since: float | None = None


@dataclass(slots=True)
class Stay:
    """A prefix in one tier: its bytes, since when, and when it was last used."""

    num_bytes: int
    since: float
    used_at: float


@dataclass(slots=True, eq=False)
class Entry:
    """A held prefix: the engine's state after exactly `sequence`, in one tier or in both.

    `ttl_s`, `least_s` and `is_pinned` may be set by anybody, the rest by the tree alone. Both times are seconds after
    the last use: `ttl_s` takes the place of the tier's, and before `least_s` nothing expires. What is pinned neither
    expires nor gives way for bytes.
    """

    id: str
    key: PrefixKey
    sequence: TokenSequence
    ttl_s: float | None = None
    least_s: float = 0.0
    is_pinned: bool = False
    num_holds: int = 0
    is_doomed: bool = False
    stays: dict[Tier, Stay] = field(default_factory=dict[Tier, Stay])

    @property
    def num_tokens(self) -> int:
        """How many tokens the prefix has."""
        return self.sequence.num_tokens

    @property
    def may_go(self) -> bool:
        """Whether it may be taken away to make room or for its age: nobody holds it, and it is not pinned."""
        return self.num_holds == 0 and not self.is_pinned

    def expires_at(self, tier: Tier, allowance: Allowance) -> float:
        """Return when it expires in a tier in which it stays; infinity for what is pinned."""
        stay = self.stays[tier]
        if self.is_pinned:
            return float("inf")
        ends_at = min(stay.used_at + allowance.idle_s, stay.since + allowance.max_age_s)
        if self.ttl_s is not None:
            ends_at = stay.used_at + self.ttl_s
        return max(ends_at, stay.used_at + self.least_s)


@dataclass(frozen=True, slots=True)
class Removed:
    """A prefix left a tier: whoever keeps its bytes there frees them. `is_gone`: it stays in no other tier."""

    entry: Entry
    tier: Tier
    reason: Removal
    at: float
    is_gone: bool
