"""The remote engines that hear or speak, by the names that our callers use."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from antiphon.engines.remote.recogniser import RemoteRecogniser
from antiphon.engines.remote.synthesiser import RemoteSynthesiser
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.speech.voices import Voice


@dataclass(frozen=True, slots=True)
class RemoteVoice:
    """A voice of an upstream's, and who speaks with it."""

    synthesiser: RemoteSynthesiser
    voice: Voice


class RemoteSpeech:
    """All of them. A voice that several engines have is the first one's, unless a model is named."""

    def __init__(self, engines: Iterable[RemoteEngineSettings]) -> None:
        self._recognisers: dict[str, tuple[RemoteRecogniser, str]] = {}
        self._voices: dict[str, RemoteVoice] = {}
        self._voices_of_models: dict[str, dict[str, RemoteVoice]] = {}
        for settings in engines:
            if settings.recognises:
                self._add_recogniser(settings)
            if settings.speaks:
                self._add_voices(settings)

    def recogniser(self, model: str) -> tuple[RemoteRecogniser, str] | None:
        """Return who recognises as `model`, and the upstream's name for it."""
        return self._recognisers.get(model)

    def speaks(self, model: str) -> bool:
        """Whether `model` is an upstream's speech model."""
        return model in self._voices_of_models

    def voice(self, model: str, name: str) -> RemoteVoice | None:
        """Return a voice of an upstream's speech model; for the name of any other model, of any upstream."""
        return self._voices_of_models.get(model, self._voices).get(name)

    def voices(self, model: str | None = None) -> Sequence[Voice]:
        """List the voices of one speech model, or all."""
        known = self._voices if model is None else self._voices_of_models[model]
        return [one.voice for one in known.values()]

    async def close(self) -> None:
        """Close all connections."""
        engines = {engine for engine, _ in self._recognisers.values()} | {
            one.synthesiser for voices in self._voices_of_models.values() for one in voices.values()
        }
        await asyncio.gather(*(engine.close() for engine in engines))

    def _add_recogniser(self, settings: RemoteEngineSettings) -> None:
        recogniser = RemoteRecogniser(settings)
        self._recognisers |= {ours: (recogniser, theirs) for ours, theirs in settings.models.items()}

    def _add_voices(self, settings: RemoteEngineSettings) -> None:
        synthesiser = RemoteSynthesiser(settings)
        for ours, theirs in settings.models.items():
            # Which languages an upstream's voice speaks nobody tells us.
            self._voices_of_models[ours] = {
                name: RemoteVoice(synthesiser, Voice(name, theirs, speaker, languages=()))
                for name, speaker in settings.voices.items()
            }
            self._voices = self._voices_of_models[ours] | self._voices
