"""How fast a model computes prompts and the disk gives them back, as it was measured, and what was counted of it."""

from collections import Counter
from dataclasses import dataclass, field

from antiphon.prefix.placement import Speeds

# Until something is measured: what two ordinary cores and an ordinary disk do with a small model.
_PREFILL_TOKENS_PER_S = 300.0
_DISK_BYTES_PER_S = 400e6
_BYTES_PER_TOKEN = 16_384.0
# Two questions to the engine's process, and a cut.
_OVERHEAD_S = 0.03
_WEIGHT = 0.3  # of the newest measurement in an average
# Shorter work tells more of the way there than of the speed.
_LEAST_TOKENS = 128


@dataclass(slots=True)
class ModelMeasures:
    """The measurements and the counts of one model."""

    prefill_tokens_per_s: float = _PREFILL_TOKENS_PER_S
    bytes_per_token: float = _BYTES_PER_TOKEN
    num_lookups: int = 0
    num_hits: int = 0
    asked_tokens: int = 0
    reused_tokens: int = 0
    num_restores: int = 0
    restored_bytes: int = 0
    num_saves: int = 0
    evictions: Counter[str] = field(default_factory=Counter[str])

    def note_prefill(self, num_tokens: int, elapsed_s: float) -> None:
        """Take the speed of one prompt that had the engine to itself."""
        if num_tokens >= _LEAST_TOKENS and elapsed_s > 0:
            self.prefill_tokens_per_s += _WEIGHT * (num_tokens / elapsed_s - self.prefill_tokens_per_s)

    def note_state(self, num_tokens: int, num_bytes: int) -> None:
        """Take the size of one state that was written."""
        self.bytes_per_token = num_bytes / max(1, num_tokens)

    def note_lookup(self, num_tokens: int, reused_tokens: int) -> None:
        """Count a prompt."""
        self.num_lookups += 1
        self.num_hits += reused_tokens > 0
        self.asked_tokens += num_tokens
        self.reused_tokens += reused_tokens

    def speeds(self, restore_bytes_per_s: float | None, save_bytes_per_s: float | None) -> Speeds:
        """Return what a place is chosen by; the disk's speeds are None before its first work."""
        return Speeds(
            prefill_tokens_per_s=self.prefill_tokens_per_s,
            restore_bytes_per_s=restore_bytes_per_s or _DISK_BYTES_PER_S,
            restore_overhead_s=_OVERHEAD_S,
            save_bytes_per_s=save_bytes_per_s or _DISK_BYTES_PER_S,
            bytes_per_token=self.bytes_per_token,
        )
