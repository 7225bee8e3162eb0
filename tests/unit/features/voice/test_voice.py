"""All sessions of a server: how they begin, wait for a client that was cut off, and end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from tests.unit.features.voice.fakes import (
    CONFIG,
    FakeAllowance,
    FakeEngines,
    FakeImages,
    FakeMachine,
    FakeMeter,
    FakeSpeech,
    effects_for,
)

from antiphon.callers import Caller
from antiphon.errors import EngineUnavailable, InvalidRequest, ModelNotFound, NotFound, RateLimited
from antiphon.features.voice.conversation import Conversation, Stage
from antiphon.features.voice.outbox import Ending, Frame
from antiphon.features.voice.voice import Blueprint, Crew, Opening, Return, Rules, Voice
from antiphon.realtime.client_events import CommitAudio
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.effects import Send
from antiphon.realtime.server_events import AudioCleared, OwnEvent, ServerEvent
from antiphon.testing.ids import CountingIds

OWNER = Caller("acme", "radio", "key_1")


class House:
    """A `Voice` and the plans of the machines that it built."""

    def __init__(self, *, resume_s: float = 60, session_ms: float | None = 60_000, max_sessions: int = 8) -> None:
        self.engines, self.speech, self.meter = FakeEngines(), FakeSpeech(), FakeMeter()
        self.plans: list[Blueprint] = []
        rules = Rules(
            recogniser="whisper", max_sessions=max_sessions, session_ms=session_ms, ahead_ms=500, resume_s=resume_s
        )
        crew = Crew(self.engines, self.speech, FakeImages())  # type: ignore[arg-type]
        self.voice = Voice(crew, rules, self._build, CountingIds(), lambda: 1000.0)

    def open(
        self, config: SessionConfig = CONFIG, *, caller: Caller = OWNER, is_resumable: bool = False
    ) -> Conversation:
        loop = asyncio.get_running_loop()
        stage = Stage(lambda text, config: CommitAudio(), _encode, self.meter, loop.time)  # noqa: ARG005 - as it is called
        return self.voice.open(
            Opening(
                caller=caller,
                config=config,
                allowance=FakeAllowance(),
                stage=stage,
                dialect="ga",
                is_resumable=is_resumable,
            )
        )

    def _build(self, plan: Blueprint) -> FakeMachine:
        self.plans.append(plan)
        return FakeMachine(effects_for(Send(AudioCleared())))


def returned(token: str, caller: Caller = OWNER, *, last_event_id: str | None = None, dialect: str = "ga") -> Return:
    return Return(caller, token, last_event_id, dialect)


def _encode(event: ServerEvent) -> list[Frame]:
    name = event.name if isinstance(event, OwnEvent) else type(event).__name__
    fields = dict(event.fields) if isinstance(event, OwnEvent) else {}
    return [Frame(name, json.dumps(fields).encode())]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.voice.close()
    assert house.meter.num_open == 0


async def frame_of(conversation: Conversation, holder: object) -> tuple[str, dict[str, Any]]:
    async with asyncio.timeout(5):
        frame = await conversation.outbox.take(holder)
    assert isinstance(frame, Frame)
    return frame.event_id, json.loads(frame.data)


async def test_a_machine_knows_what_the_model_and_the_server_can_do(house: House):
    """Voices, abilities, and until when the session lasts."""
    house.open()
    (plan,) = house.plans
    assert (plan.id, plan.conversation_id, plan.config) == ("sess_1", "conv_1", CONFIG)
    assert (plan.abilities.voices, plan.abilities.takes_images) == (frozenset({"alloy"}), False)
    assert (plan.limits.expires_at, plan.limits.max_session_ms, plan.limits.max_ahead_ms) == (1060, 60_000, 500)


async def test_a_session_without_end_expires_never():
    """Where the operator sets none."""
    house = House(session_ms=None)
    house.open()
    assert (house.plans[0].limits.expires_at, house.plans[0].limits.max_session_ms) == (None, None)
    await house.voice.close()


async def test_a_model_that_is_not_there_holds_no_session(house: House):
    """Nothing was begun."""
    with pytest.raises(ModelNotFound):
        house.open(SessionConfig(model="nobody"))
    assert house.plans == []


async def test_a_transcription_needs_no_model(house: House):
    """It needs ears."""
    transcribing = SessionConfig(model="", kind="transcription")
    house.open(transcribing)
    house.speech.known.clear()
    with pytest.raises(ModelNotFound):
        house.open(transcribing)


async def test_a_dropped_session_ends(house: House):
    """Unless it can be resumed."""
    conversation = house.open()
    await asyncio.sleep(0)
    house.voice.drop(conversation)
    async with asyncio.timeout(5):
        await conversation.outbox.ended.wait()
    assert conversation.outbox.ending == Ending(1000, "")


async def test_a_session_that_may_be_resumed_says_how(house: House):
    """After what the machine says first."""
    conversation = house.open(is_resumable=True)
    name, fields = await frame_of(conversation, conversation.outbox.attach())
    assert name == "antiphon.session.resumable"
    assert (fields["session_id"], fields["expires_in"]) == ("sess_1", 60)
    assert len(fields["token"]) >= 32


async def test_a_dropped_session_is_resumed_with_what_was_missed(house: House):
    """The terms come first, then the events after the one that the client has."""
    conversation = house.open(is_resumable=True)
    holder = conversation.outbox.attach()
    _, terms = await frame_of(conversation, holder)
    await conversation.tell(CommitAudio())
    await frame_of(conversation, holder)
    conversation.outbox.detach(holder)
    house.voice.drop(conversation)
    await conversation.tell(CommitAudio())
    again = house.voice.resume(returned(terms["token"], last_event_id="antiphon.session.resumable"))
    assert again is conversation
    holder = conversation.outbox.attach()
    name, told = await frame_of(conversation, holder)
    assert (name, told["token"], told["is_complete"]) == ("antiphon.session.resumed", terms["token"], True)
    assert [(await frame_of(conversation, holder))[0] for _ in range(2)] == ["AudioCleared", "AudioCleared"]


@pytest.mark.parametrize("caller", [Caller("globex", "radio", "key_1"), Caller("acme", "radio", "key_2")])
async def test_a_session_is_resumed_by_its_owner_alone(house: House, caller: Caller):
    """Whoever else has the token learns nothing."""
    conversation = house.open(is_resumable=True)
    _, terms = await frame_of(conversation, conversation.outbox.attach())
    with pytest.raises(NotFound):
        house.voice.resume(returned(terms["token"], caller))
    with pytest.raises(NotFound):
        house.voice.resume(returned("another"))


async def test_a_session_is_resumed_in_its_own_dialect(house: House):
    """Whoever asks for the other one is told which it is, and the session goes on waiting."""
    conversation = house.open(is_resumable=True)
    _, terms = await frame_of(conversation, conversation.outbox.attach())
    with pytest.raises(InvalidRequest, match="speaks the ga dialect"):
        house.voice.resume(returned(terms["token"], dialect="beta"))
    assert house.voice.resume(returned(terms["token"])) is conversation


async def test_a_session_waits_for_its_client_and_no_longer():
    """Then it ends, and its token with it."""
    house = House(resume_s=0.01)
    conversation = house.open(is_resumable=True)
    holder = conversation.outbox.attach()
    _, terms = await frame_of(conversation, holder)
    conversation.outbox.detach(holder)
    house.voice.drop(conversation)
    async with asyncio.timeout(5):
        await conversation.outbox.ended.wait()
    with pytest.raises(NotFound):
        house.voice.resume(returned(terms["token"]))
    await house.voice.close()


async def test_a_server_that_stops_opens_nothing_more(house: House):
    """Those that are open are told."""
    conversation = house.open()
    holder = conversation.outbox.attach()
    await asyncio.sleep(0)
    await house.voice.stop()
    assert (await frame_of(conversation, holder))[0] == "ErrorTold"
    assert await conversation.outbox.take(holder) == Ending(1001, "The server is shutting down.")
    with pytest.raises(EngineUnavailable):
        house.open()


async def ended(conversation: Conversation) -> None:
    async with asyncio.timeout(5):
        await conversation.outbox.ended.wait()
    await asyncio.sleep(0)  # its task is over


async def test_one_key_may_not_take_all_sessions(house: House):
    """Half of them; another key has its own half, and a session that ended makes room."""
    own = [house.open() for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited, match=r"You have 4 sessions.*there may be 4.*`realtime_max_sessions`.*Close one"):
        house.open()
    house.open(caller=Caller("acme", "radio", "key_2"))
    house.voice.drop(own[0])
    await ended(own[0])
    house.open()


async def test_all_keys_together_may_not_have_more_sessions_than_there_may_be():
    """Whoever is on the same machine has no key, and shares with nobody unless there are keys."""
    house, nobody = House(max_sessions=3), Caller("default", "default")
    for caller in (nobody, nobody, OWNER):
        house.open(caller=caller)
    with pytest.raises(RateLimited, match="3 sessions are open"):
        house.open(caller=Caller("globex", "radio", "key_2"))
    await house.voice.close()


async def test_a_dropped_session_that_may_be_resumed_takes_its_place():
    """It is resumed though all places are taken, and no new one is opened beside it."""
    house = House(max_sessions=1)
    conversation = house.open(is_resumable=True)
    holder = conversation.outbox.attach()
    _, terms = await frame_of(conversation, holder)
    conversation.outbox.detach(holder)
    house.voice.drop(conversation)
    with pytest.raises(RateLimited, match="resume one with its token"):
        house.open()
    assert house.voice.resume(returned(terms["token"])) is conversation
    await house.voice.close()


async def test_each_session_has_ears_of_its_own_model(house: House):
    """The name that the caller gave finds them."""
    config = msgspec.structs.replace(CONFIG, model="talker")
    asked: list[str] = []
    ears = house.speech.voice_activity

    def noting(model: str) -> object:
        asked.append(model)
        return ears(model)

    house.speech.voice_activity = noting  # type: ignore[method-assign, assignment]
    house.open(config)
    house.open(SessionConfig(model="", kind="transcription"))
    assert asked == ["talker", "whisper"]
