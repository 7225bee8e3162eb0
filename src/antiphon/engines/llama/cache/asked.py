"""A prompt that is to be computed, with all that its caching depends on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from antiphon.generation.caching import CacheWishes
from antiphon.prefix.placement import Prompt
from antiphon.prefix.record import Segments, no_segments


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """The prompt of request `request_id` to `model`, as values and as the engine's `tokens`.

    Of its beginning at most `wanted_tokens` are reused and kept; None is all. `opening` and `segments` are as in
    `antiphon.prefix.record.Record`; what `segments` keeps alive takes `extra_bytes`.
    """

    request_id: str
    model: str
    prompt: Prompt
    tokens: Sequence[int]
    caching: CacheWishes = field(default_factory=CacheWishes)
    wanted_tokens: int | None = None
    opening: str = ""
    segments: Callable[[], Segments] = no_segments
    extra_bytes: int = 0

    @property
    def is_savable(self) -> bool:
        """Whether it may be written to the disk."""
        return self.caching.retention == "disk"

    def kept_tokens(self, num_tokens: int) -> int:
        """Return how many of the first tokens are kept once so many are computed: whole chunks, and no more than is
        wanted."""
        wanted = num_tokens if self.wanted_tokens is None else min(num_tokens, self.wanted_tokens)
        return self.prompt.sequence.cut(wanted, self.prompt.step_tokens)
