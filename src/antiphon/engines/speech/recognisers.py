"""The embedded recognisers: which processes each model has, and what it can do."""

import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel
from antiphon.engines.speech.fleet import SpeechFleet
from antiphon.engines.speech.link import SpeechLink
from antiphon.engines.speech.recogniser import WhisperRecogniser
from antiphon.engines.supervisor.child import ChildSpec
from antiphon.errors import EngineUnavailable
from antiphon.generation.work import Urgency
from antiphon.speech.profile import RecogniserProfile

# Threads that wait for one another sleep: a machine whose processors have other work too is many times slower where
# they spin.
VARIABLES = {"OMP_WAIT_POLICY": "passive"}
# A pass cannot be stopped, and one over 30 s takes a second: spoken turns have a process of their own, and what else
# there is leaves it the processor.
_NICENESS: dict[Urgency, int] = {"spoken": 0, "interactive": 10, "bulk": 19}


class WhisperFleet:
    """Recognises with the catalogued models that are here."""

    def __init__(self, stored: Callable[[Entry], StoredModel | None], *, num_threads: int, max_works: int) -> None:
        self.processes = SpeechFleet(stored, partial(_spec, num_threads), max_works=max_works)

    def recogniser(self, entry: Entry) -> WhisperRecogniser | None:
        """Return who recognises with a model, `None` where its weights are not here."""
        weights = self.processes.stored(entry)
        return WhisperRecogniser(_profile(entry, weights), partial(self._link, entry)) if weights is not None else None

    def start(self, entry: Entry) -> SpeechLink | None:
        """Start a model's process for spoken turns before anybody asks, and return it; None where it is not here."""
        link = self.processes.link(entry, "spoken")
        if link is not None:
            link.supervisor.start()
        return link

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s`, and end all processes."""
        await self.processes.drain(grace_s)

    def _link(self, entry: Entry, is_urgent: bool) -> SpeechLink:
        link = self.processes.link(entry, "spoken" if is_urgent else "interactive")
        if link is None:
            raise EngineUnavailable(f"The model '{entry.name}' was taken away: `antiphon pull {entry.name}` brings it.")
        return link


def _spec(num_threads: int, _entry: Entry, weights: StoredModel, urgency: Urgency) -> ChildSpec:
    config = {"folder": str(weights.path.parent), "num_threads": num_threads, "niceness": _NICENESS[urgency]}
    command = (sys.executable, "-m", "antiphon.engines.speech.recogniser_process")
    return ChildSpec(command, config, VARIABLES)


def _profile(entry: Entry, weights: StoredModel) -> RecogniserProfile:
    build = version("ctranslate2").replace(".", "")
    return RecogniserProfile(
        fingerprint=f"fp_{weights.sha256[:10]}{build}",
        languages=entry.languages,
        times_words=True,
        # A model that was trained on one language alone was trained on no other task.
        translates=entry.languages != ("en",),
    )
