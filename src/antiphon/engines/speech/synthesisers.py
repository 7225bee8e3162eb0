"""The embedded synthesisers: a process for each model that speaks, started when it is first wanted and kept."""

import asyncio
from collections.abc import Callable

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel
from antiphon.engines.speech.fleet import LEAVING_GRACE_S, modified_at_ns
from antiphon.engines.speech.link import SpeechLink
from antiphon.engines.speech.synthesiser import PiperSynthesiser


class PiperFleet:
    """Speaks with the catalogued models that are here; `stored` tells where a model's weights are."""

    def __init__(self, stored: Callable[[Entry], StoredModel | None], *, num_threads: int) -> None:
        self._stored = stored
        self._num_threads = num_threads
        self._running: dict[str, tuple[int, StoredModel, PiperSynthesiser]] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def synthesiser(self, entry: Entry) -> PiperSynthesiser | None:
        """Return who speaks with a model, `None` where its weights are not here."""
        running = self._running.get(entry.name)
        if running is not None and modified_at_ns(running[1]) == running[0]:
            return running[2]
        if running is not None:
            del self._running[entry.name]
            self._let_go(running[2].link)
        weights = self._stored(entry)
        if weights is None:
            return None
        synthesiser = PiperSynthesiser.of_model(
            entry.name, weights.path, digest=weights.sha256, num_threads=self._num_threads
        )
        self._running[entry.name] = modified_at_ns(weights), weights, synthesiser
        return synthesiser

    def links(self) -> list[tuple[str, SpeechLink]]:
        """Return every process that was wanted so far, with its model's name."""
        return [(name, synthesiser.link) for name, (_, _, synthesiser) in self._running.items()]

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s`, and end all processes."""
        await asyncio.gather(*(link.drain(grace_s) for _, link in self.links()), *self._leaving)

    def _let_go(self, link: SpeechLink) -> None:
        task = asyncio.create_task(link.drain(LEAVING_GRACE_S))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
