"""What Prometheus may know: how many requests and how long they took; how many sessions, and how soon they answer."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from antiphon.realtime.server_events import TurnTimed
from antiphon.server.cache_metrics import CacheCollector, ReadCounts
from antiphon.server.exchange import Exchange

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


_LASTING_SECONDS = (1, 10, 60, 300, 600, 1800, 3600, 7200, 14400)
_ANSWERING_SECONDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10)


class RealtimeMetrics:
    """The counters of spoken conversations."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._sessions = Gauge("antiphon_realtime_sessions", "Realtime sessions that are open.", registry=registry)
        self._session_seconds = Histogram(
            "antiphon_realtime_session_seconds",
            "How long sessions lasted.",
            buckets=_LASTING_SECONDS,
            registry=registry,
        )
        self._responses = Counter(
            "antiphon_realtime_responses", "Responses of sessions that ended.", ("status",), registry=registry
        )
        self._voice_to_voice_seconds = Histogram(
            "antiphon_realtime_voice_to_voice_seconds",
            "From the last sound of a user's turn to the first of its answer.",
            buckets=_ANSWERING_SECONDS,
            registry=registry,
        )

    def session_began(self) -> None:
        """One more is open."""
        self._sessions.inc()

    def session_ended(self, duration_s: float) -> None:
        """One less is open."""
        self._sessions.dec()
        self._session_seconds.observe(duration_s)

    def response_done(self, status: str) -> None:
        """A response ended."""
        self._responses.labels(status).inc()

    def turn_timed(self, event: TurnTimed) -> None:
        """A spoken turn was answered."""
        first_audio_ms = event.stages_ms.get("first_audio")
        if first_audio_ms is not None:
            self._voice_to_voice_seconds.observe(first_audio_ms / 1000)


class Metrics:
    """The counters of one server. Engines and stores may register gauges of their own in `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.realtime = RealtimeMetrics(self.registry)
        self._requests = Counter(
            "antiphon_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "antiphon_request_seconds", "From a request's head to its answer's last byte.", ("route",),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._first_event_seconds = Histogram(
            "antiphon_first_event_seconds", "From a request's head to the first event of its stream.", ("route",),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._in_flight = Gauge("antiphon_requests_in_flight", "Requests under way.", registry=self.registry)
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def watch_cache(self, counts: ReadCounts) -> None:
        """Expose what prompt caches count, read at each exposition."""
        self.registry.register(CacheCollector(counts))

    def started(self) -> None:
        """Count a request that began."""
        self._in_flight.inc()

    def finished(self, exchange: Exchange, route: str, method: str, duration_s: float) -> None:
        """Count a request that ended, `route` being the pattern of its path."""
        self._in_flight.dec()
        key = route, method, exchange.status
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._requests.labels(route, method, str(exchange.status))
        counter.inc()
        histogram = self._histograms.get(route)
        if histogram is None:
            histogram = self._histograms[route] = self._seconds.labels(route)
        histogram.observe(duration_s)
        if exchange.is_event_stream and exchange.first_byte_at is not None:
            self._first_event_seconds.labels(route).observe(exchange.first_byte_at - exchange.started_at)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)
