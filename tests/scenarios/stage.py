"""A stage for sessions: it steps a machine, plays the engines by hand, and checks what holds for every session.

Voices are judged at once, by their loudness; all other work waits until a test says what came of it.
"""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from antiphon.audio.formats import AudioFormat
from antiphon.audio.levels import rms_dbfs
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChatFact,
    ChoiceFinished,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.realtime.client_events import AppendAudio, ClientEvent
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.effects import (
    CloseWork,
    Effect,
    EndSession,
    Generate,
    HushOthers,
    JudgeTurn,
    JudgeVoice,
    ReadLimits,
    Recognise,
    Send,
    Synthesise,
    WakeAt,
)
from antiphon.realtime.facts import (
    Fact,
    Generated,
    GenerationDone,
    LimitsRead,
    RecognitionDone,
    Spoken,
    SynthesisDone,
    Tick,
    TurnJudged,
    VoiceJudged,
    WordsHeard,
    WorkFailed,
)
from antiphon.realtime.limits import Abilities, SessionLimits
from antiphon.realtime.server_events import ErrorTold, Fault, RateLimit, ServerEvent
from antiphon.realtime.session import Session
from antiphon.speech.words import TimedWord
from antiphon.testing.ids import CountingIds

RATE_HZ = 22_050
WORD_MS = 200
FAULT = Fault(message="The engine broke.", type="server_error", code="engine_failed")

_Kind = TypeVar("_Kind")
_Work = Recognise | Generate | Synthesise | JudgeTurn


def sound(ms: float, audio_format: AudioFormat = AudioFormat.PCM16, level: float = 0.3) -> bytes:
    """Return a tone, which counts as a voice here, and as no hum; of level 0 it is silence."""
    num_samples = round(ms * audio_format.rate_hz / 1000)
    wave = np.sin(np.arange(num_samples) * 2 * np.pi * 1_000 / audio_format.rate_hz) * level * 32767
    return audio_format.encode(wave.astype(np.int16))


@dataclass
class Stage:
    """One session and its engines; `sent` is all that the client was told, `wanted` all effects."""

    config: SessionConfig = field(default_factory=lambda: SessionConfig(model="gpt-4o-realtime-preview"))
    abilities: Abilities = field(default_factory=Abilities)
    limits: SessionLimits = field(default_factory=SessionLimits)
    sent: list[ServerEvent] = field(default_factory=list[ServerEvent])
    wanted: list[Effect] = field(default_factory=list[Effect])
    now_ms: float = 0.0
    answers_limits: bool = True

    def __post_init__(self) -> None:
        self.open: dict[str, _Work] = {}
        self.closed = set[str]()
        self.sounded = set[str]()
        self.is_hushing = False
        self.wakes_at_ms: float | None = None
        self.ended: EndSession | None = None
        self.session = Session("sess_1", "conv_1", self.config, self.abilities, self.limits, CountingIds())
        self._perform(self.session.open())
        self._perform(self.session.step(Tick(self.now_ms)))

    def step(self, happening: ClientEvent | Fact) -> list[ServerEvent]:
        """Let something happen; return what the client was told of it."""
        num_sent = len(self.sent)
        self._perform(self.session.step(happening))
        return self.sent[num_sent:]

    def append(self, audio: bytes, *, real_time: bool = True) -> list[ServerEvent]:
        """Send audio of the user's, in the time that it takes to say it."""
        num_sent = len(self.sent)
        if real_time:
            self.wait(self.config.input_format.ms(len(audio)))
        self.step(AppendAudio(audio=audio))
        return self.sent[num_sent:]

    def wait(self, ms: float) -> list[ServerEvent]:
        """Let time pass; the session is woken when it wanted to be."""
        num_sent, until_ms = len(self.sent), self.now_ms + ms
        while self.wakes_at_ms is not None and self.now_ms < self.wakes_at_ms <= until_ms:
            self.now_ms = self.wakes_at_ms
            self.step(Tick(self.now_ms))
        self.now_ms = until_ms
        self.step(Tick(self.now_ms))
        return self.sent[num_sent:]

    def find(self, kind: type[_Work]) -> _Work:
        """Return the oldest open work of a kind."""
        return next(work for work in self.open.values() if isinstance(work, kind))

    def has(self, kind: type[_Work]) -> bool:
        """Whether work of a kind is open."""
        return any(isinstance(work, kind) for work in self.open.values())

    def hears(self, text: str) -> list[ServerEvent]:
        """The recogniser heard this, and is done."""
        work = self.find(Recognise)
        heard = self.step(WordsHeard(work.work_id, text)) if text else []
        return heard + self.step(self._last(RecognitionDone(work.work_id)))

    def generates(self, *facts: ChatFact) -> list[ServerEvent]:
        """The model tells facts, and goes on."""
        work_id = self.find(Generate).work_id
        return [event for fact in facts for event in self.step(Generated(work_id, fact))]

    def writes(self, text: str) -> list[ServerEvent]:
        """The model writes, word by word, and goes on."""
        words = text.replace(" ", " \0").split("\0")
        return self.generates(*(TextProduced(0, word) for word in words))

    def calls(self, name: str, arguments: str, call: int = 0) -> list[ServerEvent]:
        """The model calls a function."""
        half = len(arguments) // 2
        return self.generates(
            ToolCallStarted(0, call, f"call_{call + 1}", name),
            ArgumentsProduced(0, call, arguments[:half]),
            ArgumentsProduced(0, call, arguments[half:]),
        )

    def finishes(self, reason: str = "stop", usage: UsageCounted | None = None) -> list[ServerEvent]:
        """The model is done."""
        work_id = self.find(Generate).work_id
        told = self.generates(ChoiceFinished(0, reason), *([usage] if usage else []))  # type: ignore[arg-type]
        return told + self.step(self._last(GenerationDone(work_id)))

    def speaks(self, *, is_all: bool = True) -> list[ServerEvent]:
        """The synthesiser makes the oldest clause: each word takes `WORD_MS`."""
        work = self.find(Synthesise)
        assert isinstance(work, Synthesise)
        told = self.step(spoken(work.work_id, work.text)) if work.work_id not in self.sounded else []
        self.sounded.add(work.work_id)
        return told + (self.step(self._last(SynthesisDone(work.work_id))) if is_all else [])

    def speaks_everything(self) -> list[ServerEvent]:
        """The synthesiser makes all clauses that there are and will be."""
        told = list[ServerEvent]()
        while self.has(Synthesise):
            told += self.speaks()
        return told

    def judges_turn(self, probability: float) -> list[ServerEvent]:
        """The judge of turns says how likely the user is done."""
        return self.step(self._last(TurnJudged(self.find(JudgeTurn).work_id, probability)))

    def fails(self, kind: type[_Work], fault: Fault = FAULT, overflow_tokens: int | None = None) -> list[ServerEvent]:
        """The oldest work of a kind ends in an error."""
        work_id = self.find(kind).work_id
        return self.step(self._last(WorkFailed(work_id=work_id, fault=fault, overflow_tokens=overflow_tokens)))

    def events(self, kind: type[_Kind]) -> list[_Kind]:
        """Return all events of a kind that the client was told."""
        return [event for event in self.sent if isinstance(event, kind)]

    def errors(self) -> list[ErrorTold]:
        """Return all errors that the client was told."""
        return self.events(ErrorTold)

    def effects(self, kind: type[_Kind]) -> list[_Kind]:
        """Return all effects of a kind that were wanted."""
        return [effect for effect in self.wanted if isinstance(effect, kind)]

    def _last(self, fact: Fact) -> Fact:
        work_id = getattr(fact, "work_id", "")
        self.open.pop(work_id, None)
        self.closed.add(work_id)
        return fact

    def _perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            self.wanted.append(effect)
            self._note(effect)
        for effect in effects:
            if isinstance(effect, JudgeVoice):
                self._perform(self.session.step(judged(effect)))
            elif isinstance(effect, ReadLimits) and self.answers_limits:
                self._perform(self.session.step(LimitsRead((RateLimit("tokens", 1000, 900, 0.0),))))

    def _note(self, effect: Effect) -> None:
        match effect:
            case Send():
                self.sent.append(effect.event)
            case Recognise() | Generate() | Synthesise() | JudgeTurn():
                assert effect.work_id not in {*self.open, *self.closed}, f"{effect.work_id} is not new"
                self.open[effect.work_id] = effect
            case CloseWork():
                assert effect.work_id in self.open, f"{effect.work_id} is not open"
                del self.open[effect.work_id]
                self.closed.add(effect.work_id)
            case HushOthers():
                assert effect.is_wanted != self.is_hushing
                self.is_hushing = effect.is_wanted
            case WakeAt():
                self.wakes_at_ms = effect.at_ms
            case EndSession():
                self.ended = effect
            case _:
                pass


def judged(effect: JudgeVoice) -> VoiceJudged:
    """Return which frames are loud."""
    frames = AudioFormat.PCM16.decode(effect.samples).reshape(-1, 512)
    return VoiceJudged(effect.first_frame, tuple(0.95 if rms_dbfs(frame) > -30 else 0.02 for frame in frames))


def spoken(work_id: str, text: str) -> Spoken:
    """Return the sound of a text: `WORD_MS` of hum a word."""
    words = text.replace(" ", " \0").split("\0")
    words = [word for word in words if word]
    timed = tuple(TimedWord(word, place * WORD_MS, (place + 1) * WORD_MS) for place, word in enumerate(words))
    num_samples = len(words) * WORD_MS * RATE_HZ // 1000
    wave = (np.sin(np.arange(num_samples) * 2 * np.pi * 180 / RATE_HZ) * 9000).astype("<i2")
    return Spoken(work_id=work_id, samples=wave.tobytes(), rate_hz=RATE_HZ, words=timed)
