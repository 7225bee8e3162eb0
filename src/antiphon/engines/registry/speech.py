"""Which engine hears and which speaks for which name: the embedded ones, those of remote servers, the scripted one."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel
from antiphon.catalogue.reading import SCRIPTED_MODEL, Catalogue
from antiphon.engines.registry.embedded_speech import EmbeddedSpeech, knows
from antiphon.engines.registry.names import meant_by, no_such_voice, not_here, wrong_kind
from antiphon.engines.registry.remote_speech import RemoteSpeech
from antiphon.engines.scripted.ears import ScriptedRecogniser, ScriptedTurnJudge, ScriptedVoiceActivity
from antiphon.engines.scripted.voice import ScriptedSynthesiser
from antiphon.errors import EngineUnavailable
from antiphon.ports import Recogniser, Synthesiser, TurnJudge, VoiceActivity
from antiphon.settings import Settings
from antiphon.speech.voices import Voice
from antiphon.wire.engines import Engine

_log = structlog.get_logger("antiphon.engines")


class SpeechRegistry:
    """Implements the port `SpeechEngines`."""

    def __init__(self, catalogue: Catalogue, embedded: EmbeddedSpeech | None, remotes: RemoteSpeech) -> None:
        self._catalogue = catalogue
        self._embedded = embedded
        self._remotes = remotes
        self._scripted_ears = ScriptedRecogniser()
        self._scripted_voice = ScriptedSynthesiser()
        self._starting: asyncio.Task[None] | None = None

    def recogniser(self, model: str, language: str | None = None) -> tuple[Recogniser, str]:
        """Find who recognises as `model`; see `SpeechEngines.recogniser`."""
        name = meant_by(self._catalogue, model)
        if name == SCRIPTED_MODEL:
            return self._scripted_ears, name
        remote = self._remotes.recogniser(name)
        if remote is not None:
            return remote
        entry = self._catalogue.entries.get(name)
        if entry is None or entry.kind != "recognition":
            kind = entry.kind if entry is not None else ("speech" if self._remotes.speaks(name) else "chat")
            raise wrong_kind(model, "recognises no speech", kind)
        if self._embedded is not None and language is not None and not knows(entry, language):
            entry = self._embedded.recogniser_of(language) or entry
        recogniser = self._embedded.recogniser(entry) if self._embedded is not None else None
        if recogniser is None:
            raise not_here(model, entry.name)
        return recogniser, entry.name

    def recognises(self, model: str) -> bool:
        """Whether the name means a model that recognises speech; see `SpeechEngines.recognises`."""
        name = self._catalogue.resolve(model)
        if name is None:
            return False
        entry = self._catalogue.entries.get(name)
        is_catalogued = entry is not None and entry.kind == "recognition"
        return is_catalogued or name == SCRIPTED_MODEL or self._remotes.recogniser(name) is not None

    def synthesiser(self, model: str, voice: str) -> tuple[Synthesiser, Voice]:
        """Find who speaks as `model` with that voice; see `SpeechEngines.synthesiser`."""
        name = meant_by(self._catalogue, model)
        if name == SCRIPTED_MODEL:
            return self._scripted_voice, self._scripted(voice)
        entry = self._catalogue.entries.get(name)
        kind = entry.kind if entry is not None else "chat"
        if self._remotes.recogniser(name) is not None and not self._remotes.speaks(name):
            kind = "recognition"
        if kind not in {"speech", "chat"}:
            raise wrong_kind(model, "does not speak", kind)
        remote = self._remotes.voice(name, voice)
        if remote is not None:
            return remote.synthesiser, remote.voice
        if self._remotes.speaks(name):
            raise no_such_voice(voice, self._remotes.voices(name))
        if self._embedded is None:
            raise no_such_voice(voice, self.voices())
        return self._embedded.speaker(voice)

    def voice_activity(self, model: str) -> VoiceActivity:
        """Return new ears for one stream; see `SpeechEngines.voice_activity`."""
        return ScriptedVoiceActivity() if self._is_scripted(model) else self._ears().ears.voice_activity()

    def turn_judge(self, model: str) -> TurnJudge:
        """Find who judges turns; see `SpeechEngines.turn_judge`."""
        return ScriptedTurnJudge() if self._is_scripted(model) else self._ears().ears.turn_judge()

    def voices(self) -> Sequence[Voice]:
        """List the voices that somebody here speaks with, an upstream's before ours of the same name."""
        embedded = self._embedded.voices() if self._embedded is not None else []
        return [*({voice.name: voice for voice in [*embedded, *self._remotes.voices()]}).values()]

    def start(self, recogniser: str | None = None) -> None:
        """Start the engines of conversations, so that the first turn finds them ready.

        `recogniser` is the name of the model that hears where a client names none.
        """
        if self._embedded is not None:
            meant = self._catalogue.resolve(recogniser) if recogniser is not None else None
            self._starting = asyncio.create_task(self._embedded.start(meant), name="start of the speech engines")
            self._starting.add_done_callback(_note_failure)

    def waiting_for(self) -> tuple[str, ...]:
        """Return the names of the models that were started with the server and are not ready yet."""
        if self._embedded is None:
            return ()
        is_starting = self._starting is not None and not self._starting.done()
        return self._embedded.waiting_for() or (("speech",) if is_starting else ())

    def statuses(self) -> Sequence[Engine]:
        """Tell how every process is at this moment."""
        return self._embedded.statuses() if self._embedded is not None else []

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s`, and end all processes and connections."""
        if self._starting is not None:
            await asyncio.wait({self._starting})
        if self._embedded is not None:
            await self._embedded.drain(grace_s)
        await self._remotes.close()

    def _is_scripted(self, model: str) -> bool:
        return meant_by(self._catalogue, model) == SCRIPTED_MODEL

    def _ears(self) -> EmbeddedSpeech:
        if self._embedded is None:
            raise EngineUnavailable("Nobody hears voices here: the operator turned `embedded_engines` off.")
        return self._embedded

    def _scripted(self, voice: str) -> Voice:
        """Return the voice by which the scripted model speaks: any that has a name, and all sound the same."""
        known = {*self._catalogue.voices, *(one.name for one in self._remotes.voices())}
        if known and voice not in known:
            raise no_such_voice(voice, [Voice(name, SCRIPTED_MODEL) for name in sorted(known)])
        return Voice(voice, SCRIPTED_MODEL, languages=())


def open_speech(
    settings: Settings, catalogue: Catalogue, stored: Callable[[Entry], StoredModel | None]
) -> SpeechRegistry:
    """Return the speech engines that the settings name, none of them started.

    `catalogue` has the operator's aliases and the remote engines' models; `stored` tells where a model's weights are.
    Raises `StartRefused` for a key that is not set.
    """
    embedded = EmbeddedSpeech(catalogue, stored, settings) if settings.embedded_engines else None
    return SpeechRegistry(catalogue, embedded, RemoteSpeech(settings.engines))


def _note_failure(starting: "asyncio.Task[None]") -> None:
    """Write down why something did not start; whoever wants it is told again."""
    if not starting.cancelled() and (fault := starting.exception()) is not None:
        _log.warning("speech engines not started", reason=str(fault))
