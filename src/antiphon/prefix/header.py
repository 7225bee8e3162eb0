"""What stands at the head of a prefix on disk, and what was found there."""

from dataclasses import dataclass

from antiphon.prefix.key import PrefixKey
from antiphon.prefix.sequence import TokenSequence


@dataclass(frozen=True, slots=True)
class PrefixHeader:
    """What a file holds: the engine's state after `sequence`, for whom and for how long (seconds since 1970)."""

    id: str
    key: PrefixKey
    sequence: TokenSequence
    created_at: float
    expires_at: float
    is_pinned: bool = False

    def is_over(self, now: float) -> bool:
        """Whether its time is over; what is pinned stays."""
        return not self.is_pinned and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class FoundPrefix:
    """A file that an earlier process left: its header, its bytes, and when it was written or last taken out."""

    header: PrefixHeader
    payload_bytes: int
    file_bytes: int
    used_at: float
