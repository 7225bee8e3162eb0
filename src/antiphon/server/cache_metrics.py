"""What Prometheus may know of the prompt caches: what was asked, found, restored, kept and evicted, by model."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from antiphon.generation.caching import CacheCounts

ReadCounts = Callable[[], Sequence[CacheCounts]]

_COUNTERS: tuple[tuple[str, str, Callable[[CacheCounts], int]], ...] = (
    ("lookups", "Prompts that were looked up.", lambda counts: counts.num_lookups),
    ("hits", "Lookups that found a prefix.", lambda counts: counts.num_hits),
    ("asked_tokens", "Tokens of the prompts that were looked up.", lambda counts: counts.asked_tokens),
    ("reused_tokens", "Tokens of prompts that were not computed again.", lambda counts: counts.reused_tokens),
    ("restores", "Prefixes that were read back from disk.", lambda counts: counts.num_restores),
    ("restored_bytes", "Bytes that were read back from disk.", lambda counts: counts.restored_bytes),
    ("saves", "Prefixes that were written to disk.", lambda counts: counts.num_saves),
)


class CacheCollector(Collector):
    """Reads the counts whenever they are asked for."""

    def __init__(self, read_counts: ReadCounts) -> None:
        self._read_counts = read_counts

    def collect(self) -> Iterator[Metric]:
        """Yield every counter and gauge, with a sample for each model."""
        every = self._read_counts()
        for name, about, figure in _COUNTERS:
            counter = CounterMetricFamily(f"antiphon_prompt_cache_{name}", about, labels=["model"])
            for counts in every:
                counter.add_metric([counts.model], figure(counts))
            yield counter
        evictions = CounterMetricFamily(
            "antiphon_prompt_cache_evictions", "Prefixes that left a tier.", labels=["model", "reason"]
        )
        num_bytes = GaugeMetricFamily("antiphon_prompt_cache_bytes", "Bytes that are held.", labels=["model", "tier"])
        entries = GaugeMetricFamily(
            "antiphon_prompt_cache_entries", "Prefixes that are held.", labels=["model", "tier"]
        )
        for counts in every:
            for reason, number in counts.evictions.items():
                evictions.add_metric([counts.model, reason], number)
            for tier, held in counts.tiers.items():
                num_bytes.add_metric([counts.model, tier], held.num_bytes)
                entries.add_metric([counts.model, tier], held.num_entries)
        yield from (evictions, num_bytes, entries)
