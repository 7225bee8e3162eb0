# ruff: noqa: ARG002, ARG005 - a fake takes all that its port is given
"""Engines, ears and machines that do as a test says, and note what was asked of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from antiphon.callers import LOOPBACK_OWNER, Caller
from antiphon.errors import AntiphonError, InvalidRequest, ModelNotFound
from antiphon.features.voice.checking import Checks
from antiphon.features.voice.conversation import Conversation, Stage
from antiphon.features.voice.engagement import Engagement
from antiphon.features.voice.outbox import Ending, Frame, Outbox
from antiphon.generation.facts import ChatFact
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork
from antiphon.realtime.client_events import ClientEvent, CommitAudio
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.effects import Effect, Prompt
from antiphon.realtime.facts import Fact, Tick
from antiphon.realtime.items import MessageItem, TextContent
from antiphon.realtime.server_events import RateLimit, ServerEvent, TurnTimed
from antiphon.speech.facts import AudioSpoken, RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.profile import RecogniserProfile, SynthesiserProfile
from antiphon.speech.voices import Voice as SpeakersVoice
from antiphon.speech.work import RecognitionWork, SpeechWork

CONFIG = SessionConfig(model="talker")
PROMPT = Prompt(instructions="x", items=(MessageItem(id="i", role="user", content=(TextContent("Hi"),)),))


class FakeChat:
    """Tells `facts`, then raises `failure` or, where it `hangs`, waits for ever."""

    def __init__(self) -> None:
        self.profile = EngineProfile(fingerprint="fp")
        self.facts: Sequence[ChatFact] = ()
        self.failure: Exception | None = None
        self.hangs = False
        self.works: list[ChatWork] = []
        self.warmed: list[ChatWork] = []
        self.began = asyncio.Event()
        self.closed = asyncio.Event()

    async def chat(self, work: ChatWork) -> AsyncGenerator[ChatFact, None]:
        self.works.append(work)
        self.began.set()
        try:
            for fact in self.facts:
                yield fact
            if self.failure is not None:
                raise self.failure
            if self.hangs:
                await asyncio.Event().wait()
        finally:
            self.closed.set()

    async def warm(self, work: ChatWork) -> None:
        self.warmed.append(work)
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.closed.set()


class FakeEngines:
    """Knows the model `talker`, and counts who hushes the others."""

    def __init__(self) -> None:
        self.engine = FakeChat()
        self.num_hushing = 0

    def chat(self, model: str, *, urgency: str = "interactive") -> tuple[FakeChat, str]:
        assert urgency == "spoken"
        if model != "talker":
            raise ModelNotFound(model)
        return self.engine, "the-talker"

    @contextmanager
    def hush(self) -> Iterator[None]:
        self.num_hushing += 1
        try:
            yield
        finally:
            self.num_hushing -= 1


class FakeEars:
    """Says of every frame that it is a voice with the probability of its first byte in percent."""

    def __init__(self) -> None:
        self.num_judged = 0
        self.num_forgotten = 0

    def judge(self, samples: bytes) -> tuple[float, ...]:
        starts = range(0, len(samples), 1024)
        self.num_judged += len(starts)
        return tuple(samples[start] / 100 for start in starts)

    def forget(self) -> None:
        self.num_forgotten += 1


class FakeSpeech:
    """Hears `heard` as one segment, and speaks each text as samples that are its letters."""

    def __init__(self) -> None:
        self.ears = FakeEars()
        self.heard = "hello"
        self.known = {"whisper", "default-ears"}
        self.recognised: list[RecognitionWork] = []
        self.spoken: list[str] = []
        self.may_speak = asyncio.Event()
        self.may_speak.set()
        self.failure: AntiphonError | None = None

    def recogniser(self, model: str, language: str | None = None) -> tuple["FakeRecogniser", str]:
        if model == "talker":
            raise InvalidRequest("It does not hear.")
        if model not in self.known:
            raise ModelNotFound(model)
        return FakeRecogniser(self), f"the-{model}"

    def recognises(self, model: str) -> bool:
        return model in self.known

    def synthesiser(self, model: str, voice: str) -> tuple["FakeSynthesiser", SpeakersVoice]:
        return FakeSynthesiser(self), SpeakersVoice(voice, "piper")

    def voice_activity(self, model: str) -> FakeEars:
        return self.ears

    def turn_judge(self, model: str) -> "FakeSpeech":
        return self

    async def judge(self, samples: bytes) -> float:
        return 0.75

    def voices(self) -> Sequence[SpeakersVoice]:
        return [SpeakersVoice("alloy", "piper")]


class FakeRecogniser:
    def __init__(self, speech: FakeSpeech) -> None:
        self.profile = RecogniserProfile("fp")
        self._speech = speech

    async def recognise(self, work: RecognitionWork) -> AsyncGenerator[RecognitionFact, None]:
        self._speech.recognised.append(work)
        yield SegmentHeard(text=self._speech.heard, start_ms=0, end_ms=1)
        yield RecognitionEnded("en")


class FakeSynthesiser:
    def __init__(self, speech: FakeSpeech) -> None:
        self.profile = SynthesiserProfile("fp", 22_050)
        self._speech = speech

    async def speak(self, work: SpeechWork) -> AsyncGenerator[AudioSpoken, None]:
        self._speech.spoken.append(work.text)
        await self._speech.may_speak.wait()
        if self._speech.failure is not None:
            raise self._speech.failure
        yield AudioSpoken(samples=work.text.encode())


class FakeImages:
    """Knows no image to be wrong, and counts those that it was shown."""

    def __init__(self) -> None:
        self.num_shown = 0

    async def data_url(self, url: str) -> str:
        self.num_shown += 1
        return f"{url}#checked"


class FakeAllowance:
    """Refuses what `refusal` says, counts the answers that it holds room for, and has 5 of 10 left."""

    def __init__(self) -> None:
        self.refusal: AntiphonError | None = None
        self.spent: list[int] = []
        self.num_held = 0

    @contextmanager
    def room_for_answer(self) -> Iterator[None]:
        if self.refusal is not None:
            raise self.refusal
        self.num_held += 1
        try:
            yield
        finally:
            self.num_held -= 1

    def spend(self, num_tokens: int) -> tuple[RateLimit, ...]:
        self.spent.append(num_tokens)
        return (RateLimit("tokens", 10, 5, 1.5),)


class FakeMeter:
    """Counts."""

    def __init__(self) -> None:
        self.num_open = 0
        self.statuses: list[str] = []
        self.timed: list[TurnTimed] = []

    def session_began(self) -> None:
        self.num_open += 1

    def session_ended(self, duration_s: float) -> None:
        self.num_open -= 1

    def response_done(self, status: str) -> None:
        self.statuses.append(status)

    def turn_timed(self, event: TurnTimed) -> None:
        self.timed.append(event)


class FakeMachine:
    """Answers each happening with the effects that `answer` gives, and notes all but the ticks."""

    def __init__(self, answer: Callable[[ClientEvent | Fact], list[Effect]], opening: Sequence[Effect] = ()) -> None:
        self._answer = answer
        self._opening = list(opening)
        self.happenings: list[ClientEvent | Fact] = []
        self.ticks_ahead: list[bool] = []
        self._ticked = False
        self._waiting: list[tuple[type, int, asyncio.Future[None]]] = []

    def open(self) -> list[Effect]:
        return self._opening

    def step(self, happening: ClientEvent | Fact) -> list[Effect]:
        if isinstance(happening, Tick):
            self._ticked = True
            return self._answer(happening)
        self.ticks_ahead.append(self._ticked)
        self._ticked = False
        self.happenings.append(happening)
        for kind, count, future in self._waiting:
            if not future.done() and self.count(kind) >= count:
                future.set_result(None)
        return self._answer(happening)

    def count(self, kind: type) -> int:
        return sum(isinstance(one, kind) for one in self.happenings)

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.happenings if isinstance(one, kind)]

    async def until(self, kind: type, count: int = 1) -> list[Any]:
        """Wait until so many happenings of a kind were told; return them."""
        if self.count(kind) < count:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append((kind, count, future))
            async with asyncio.timeout(5):
                await future
        return self.of(kind)


def effects_for(*effects: Effect) -> Callable[[ClientEvent | Fact], list[Effect]]:
    """Answer a commit, whatever it means, with these effects, and anything else with none."""
    return lambda happening: list(effects) if isinstance(happening, CommitAudio) else []


class Rig:
    """A session around a machine, and all that it touches."""

    def __init__(self, machine: FakeMachine, *, stalled_after_s: float = 5) -> None:
        self.machine = machine
        self.engines, self.speech, self.allowance, self.meter = (
            FakeEngines(),
            FakeSpeech(),
            FakeAllowance(),
            FakeMeter(),
        )
        self.said: list[ServerEvent] = []
        self.outbox = Outbox(is_resumable=False, stalled_after_s=stalled_after_s)
        engagement = Engagement(
            session_id="sess_1",
            organization="acme",
            model="talker",
            recogniser="default-ears",
            engines=self.engines,  # type: ignore[arg-type]
            speech=self.speech,  # type: ignore[arg-type]
            ears=self.speech.ears,
            checks=Checks(FakeImages()),
            allowance=self.allowance,
        )
        stage = Stage(lambda text, config: CommitAudio(event_id=text), self._encode, self.meter, _time)
        self.conversation = Conversation(engagement, CONFIG, machine, self.outbox, stage)
        self.task = asyncio.create_task(self.conversation.run())

    async def commit(self) -> None:
        """Let the machine do what the test wants of it."""
        await self.conversation.tell(CommitAudio())

    async def ended(self) -> Ending:
        async with asyncio.timeout(5):
            await self.task
        assert self.outbox.ending is not None
        return self.outbox.ending

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    def _encode(self, event: ServerEvent) -> Sequence[Frame]:
        self.said.append(event)
        return [Frame(str(len(self.said)), repr(event).encode())]


def _time() -> float:
    return asyncio.get_running_loop().time()


OWNER: Caller = LOOPBACK_OWNER
