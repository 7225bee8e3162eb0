"""The processes of speech engines, each started when it is first wanted and kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel
from antiphon.engines.speech.link import SpeechLink
from antiphon.engines.supervisor.child import ChildSpec
from antiphon.generation.work import Urgency

# How long work goes on with weights that were replaced by others.
LEAVING_GRACE_S = 30.0


@dataclass(frozen=True, slots=True)
class _Running:
    """A process and the weights that it runs."""

    link: SpeechLink
    weights: StoredModel
    modified_at_ns: int


class SpeechFleet:
    """One process for each model and urgency of work.

    `stored` tells where a model's weights are, `None` where they are not here; `spec` how to start a process of them.
    """

    def __init__(
        self,
        stored: Callable[[Entry], StoredModel | None],
        spec: Callable[[Entry, StoredModel, Urgency], ChildSpec],
        *,
        max_works: int,
    ) -> None:
        self._stored = stored
        self._spec = spec
        self._max_works = max_works
        self._running: dict[tuple[str, Urgency], _Running] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def stored(self, entry: Entry) -> StoredModel | None:
        """Return the model's weights, `None` where they are not here."""
        return self._stored(entry)

    def link(self, entry: Entry, urgency: Urgency) -> SpeechLink | None:
        """Return the link to a model's process, `None` where its weights are not here."""
        key = (entry.name, urgency)
        running = self._running.get(key)
        if running is not None and modified_at_ns(running.weights) == running.modified_at_ns:
            return running.link
        if running is not None:
            del self._running[key]
            self._let_go(running.link)
        weights = self._stored(entry)
        if weights is None:
            return None
        name = entry.name if urgency == "interactive" else f"{entry.name} ({urgency})"
        link = SpeechLink(name, self._spec(entry, weights, urgency), max_works=self._max_works)
        self._running[key] = _Running(link, weights, modified_at_ns(weights))
        return link

    def links(self) -> list[tuple[str, Urgency, SpeechLink]]:
        """Return every process that was wanted so far, with its model's name and the urgency of its work."""
        return [(name, urgency, running.link) for (name, urgency), running in self._running.items()]

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s`, and end all processes."""
        await asyncio.gather(*(running.link.drain(grace_s) for running in self._running.values()), *self._leaving)

    def _let_go(self, link: SpeechLink) -> None:
        task = asyncio.create_task(link.drain(LEAVING_GRACE_S))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


def modified_at_ns(weights: StoredModel) -> int:
    """Return when the file changed last, 0 where it is gone."""
    try:
        return weights.path.stat().st_mtime_ns
    except OSError:
        return 0
