"""The speech engines that run on this machine: recognisers and synthesisers in processes, ears in the server's own."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from antiphon.catalogue.entry import Entry, Kind
from antiphon.catalogue.pulling import StoredModel
from antiphon.catalogue.reading import Catalogue
from antiphon.catalogue.voices import CataloguedVoice
from antiphon.engines.registry.hearing import Ears
from antiphon.engines.registry.names import no_such_voice, not_here
from antiphon.engines.speech.link import SpeechLink
from antiphon.engines.speech.recogniser import WhisperRecogniser
from antiphon.engines.speech.recognisers import WhisperFleet
from antiphon.engines.speech.synthesiser import PiperSynthesiser
from antiphon.engines.speech.synthesisers import PiperFleet
from antiphon.generation.work import Urgency
from antiphon.settings import Settings
from antiphon.speech.voices import Voice
from antiphon.wire.engines import Engine


class EmbeddedSpeech:
    """What is catalogued and stored here. `stored` tells where a model's weights are."""

    def __init__(self, catalogue: Catalogue, stored: Callable[[Entry], StoredModel | None], settings: Settings) -> None:
        self._catalogue = catalogue
        self._stored = stored
        num_threads = settings.engine_threads
        self._whisper = WhisperFleet(stored, num_threads=num_threads, max_works=settings.engine_queue + 1)
        self._piper = PiperFleet(stored, num_threads=num_threads)
        self._started: list[tuple[str, SpeechLink | None]] = []
        self.ears = Ears(self._path_of)

    def recogniser(self, entry: Entry) -> WhisperRecogniser | None:
        """Return who recognises with a model, None where it is not here."""
        return self._whisper.recogniser(entry)

    def recogniser_of(self, language: str) -> Entry | None:
        """Return a model here that knows the language, the catalogue's first before others."""
        knowing = (entry for entry in self._here("recognition") if knows(entry, language))
        return next(knowing, None)

    def speaker(self, voice: str) -> tuple[PiperSynthesiser, Voice]:
        """Return who speaks with a catalogued voice.

        Raises `InvalidRequest` where there is no such voice, `NotFound` where its model is not here.
        """
        catalogued = self._catalogue.voices.get(voice)
        if catalogued is None:
            raise no_such_voice(voice, self.voices())
        synthesiser = self._piper.synthesiser(self._catalogue.entry(catalogued.model))
        if synthesiser is None:
            raise not_here(catalogued.model, catalogued.model)
        return synthesiser, _voice(catalogued)

    def voices(self) -> list[Voice]:
        """List the catalogued voices whose models are here."""
        here = {entry.name for entry in self._here("speech")}
        return [_voice(one) for one in self._catalogue.voices.values() if one.model in here]

    async def start(self, recogniser: str | None) -> None:
        """Start what a conversation needs: who hears (`recogniser`, or else the first default), who speaks, ears."""
        hearing = self._chosen("recognition", recogniser)
        if hearing is not None:
            self._started.append((hearing.name, self._whisper.start(hearing)))
        speaking = self._chosen("speech", None)
        synthesiser = self._piper.synthesiser(speaking) if speaking is not None else None
        if speaking is not None and synthesiser is not None:
            synthesiser.link.supervisor.start()
            self._started.append((speaking.name, synthesiser.link))
        await self.ears.prepare()

    def waiting_for(self) -> tuple[str, ...]:
        """Return the names of the models that were started and are not ready yet."""
        return tuple(model for model, link in self._started if link is not None and not link.supervisor.is_ready)

    def statuses(self) -> Sequence[Engine]:
        """Tell how every process is at this moment."""
        hearing = [self._status(*process) for process in self._whisper.processes.links()]
        return [*hearing, *(self._status(model, "spoken", link) for model, link in self._piper.links())]

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s`, and end all processes."""
        await asyncio.gather(self._whisper.drain(grace_s), self._piper.drain(grace_s))

    def _status(self, model: str, urgency: Urgency, link: SpeechLink) -> Engine:
        status = msgspec.structs.asdict(link.supervisor.status())
        return Engine(**status, model=model, aliases=self._catalogue.aliases_of(model), urgency=urgency)

    def _chosen(self, kind: Kind, name: str | None) -> Entry | None:
        here = self._here(kind)
        return next((entry for entry in here if entry.name == name), None) or next(iter(here), None)

    def _here(self, kind: Kind) -> list[Entry]:
        """Return the models of a kind that are here: those that every installation has come first."""
        of_kind = [entry for entry in self._catalogue.entries.values() if entry.kind == kind]
        here = [entry for entry in of_kind if self._stored(entry) is not None]
        return sorted(here, key=lambda entry: not entry.is_default)

    def _path_of(self, kind: Kind) -> Path:
        """Return where the model of a kind is. Raises `NotFound` where none is here."""
        entry = self._chosen(kind, None)
        stored = self._stored(entry) if entry is not None else None
        if stored is None:
            known = (entry.name for entry in self._catalogue.entries.values() if entry.kind == kind)
            name = next(known, kind)
            raise not_here(name, name)
        return stored.path


def knows(entry: Entry, language: str) -> bool:
    """Whether a speech model knows a language; where it names none, any may be tried."""
    return not entry.languages or language in entry.languages


def _voice(catalogued: CataloguedVoice) -> Voice:
    return Voice(**catalogued.model_dump())
