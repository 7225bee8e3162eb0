"""What all work of one session shares: whose it is, with which model, and who carries it out."""

from collections.abc import Awaitable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from antiphon.errors import InvalidRequest, NotFound
from antiphon.features.voice.checking import Checks
from antiphon.ports import Engines, Recogniser, SpeechEngines, VoiceActivity
from antiphon.realtime.facts import Fact
from antiphon.realtime.server_events import RateLimit


class Tell(Protocol):
    """Tells the session a fact that carries `num_bytes` of audio; waits while it is busy."""

    def __call__(self, fact: Fact, num_bytes: int = 0, /) -> Awaitable[None]:
        """Tell it."""
        ...


class Allowance(Protocol):
    """How much the caller may still ask of the session's model."""

    def room_for_answer(self) -> AbstractContextManager[None]:
        """Hold room while an answer is made, wanted or not yet. Entering raises `RateLimited` where there is none."""
        ...

    def spend(self, num_tokens: int) -> tuple[RateLimit, ...]:
        """Count a response and the tokens that it took, and return what is left."""
        ...


@dataclass(frozen=True, slots=True)
class Engagement:
    """The particulars of a session. `model` and `recogniser` (the default one) are names that a caller may use.

    `ears` hear the voices in its audio, and are its own.
    """

    session_id: str
    organization: str
    model: str
    recogniser: str
    engines: Engines
    speech: SpeechEngines
    ears: VoiceActivity
    checks: Checks
    allowance: Allowance

    def find_recogniser(self, wanted: str | None, language: str | None) -> tuple[Recogniser, str]:
        """Return who hears this session's words, and its own name for the model.

        A model that hears for itself comes first, then the one that the client named, then the default: clients name
        transcription models by habit, and a conversation without its words would be of no use. Raises `NotFound` or
        `InvalidRequest` where there is not even the default.
        """
        own = self.model if self.model != self.recogniser else None
        for model in (own, wanted):
            if model is not None:
                try:
                    return self.speech.recogniser(model, language)
                except (InvalidRequest, NotFound):
                    continue
        return self.speech.recogniser(self.recogniser, language)
