"""Ephemeral keys: how long they hold, and what they hold."""

from typing import Any

import pytest
from tests.unit.features.voice.fakes import FakeEngines, FakeSpeech

from antiphon.callers import Caller, EphemeralSecret
from antiphon.errors import InvalidRequest, RateLimited
from antiphon.features.realtime_sessions import MOST_SECRETS, RealtimeSessions
from antiphon.realtime.config import SessionKind
from antiphon.realtime.limits import MOST_SETUP_BYTES
from antiphon.testing.ids import CountingIds
from antiphon.wire.realtime.secrets import ClientSecretRequest

CALLER = Caller("acme", "radio", "key_1")
NOW = 1000
HOUR = {"anchor": "created_at", "seconds": 3600}


class Drawer:
    """Keeps secrets, unless it is full: `full_until` is when the first expires."""

    def __init__(self) -> None:
        self.records: dict[str, EphemeralSecret] = {}
        self.full_until: int | None = None

    async def add(self, record: EphemeralSecret, secret: str, most: int) -> int | None:
        assert most == MOST_SECRETS
        if self.full_until is None:
            self.records[secret] = record
        return self.full_until

    async def find(self, secret: str) -> EphemeralSecret | None:
        return self.records.get(secret)


class OneVoice(FakeSpeech):
    """Knows `alloy` alone."""

    def __init__(self) -> None:
        super().__init__()
        self.known.add("whisper-1")

    def synthesiser(self, model: str, voice: str):
        if voice != "alloy":
            raise InvalidRequest(f"There is no voice '{voice}': there is alloy.", param="voice")
        return super().synthesiser(model, voice)


async def test_a_key_is_made_for_no_voice_that_is_not_there(sessions: RealtimeSessions, drawer: Drawer):
    """Its sessions could not speak; those that write alone have no need of one."""
    session = {"type": "realtime", "model": "talker", "audio": {"output": {"voice": "nobody"}}}
    with pytest.raises(InvalidRequest, match="no voice 'nobody'"):
        await sessions.client_secret(CALLER, ClientSecretRequest(session=session))
    assert drawer.records == {}
    await sessions.client_secret(CALLER, ClientSecretRequest(session={**session, "output_modalities": ["text"]}))
    assert len(drawer.records) == 1


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def sessions(drawer: Drawer) -> RealtimeSessions:
    speech = OneVoice()
    return RealtimeSessions(FakeEngines(), speech, drawer, CountingIds(), lambda: float(NOW))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "options", "holds_s"),
    [
        ("realtime", None, 60),
        ("realtime", {"expires_after": HOUR}, 3600),
        ("transcription", {"expires_at": HOUR}, 3600),
        ("transcription", {"expires_after": {"seconds": 30}, "expires_at": HOUR}, 30),
        ("transcription", {"expires_at": 5}, 60),
    ],
)
async def test_a_key_holds_as_long_as_was_asked_for(
    sessions: RealtimeSessions, drawer: Drawer, kind: SessionKind, options: Any, holds_s: int
):
    """By either name that clients have for it; what was told of an older key asks for nothing."""
    body = {} if options is None else {"client_secret": options}
    if kind == "realtime":
        body["model"] = "talker"
    made = (await sessions.session(CALLER, body, kind))["client_secret"]
    assert made["expires_at"] == drawer.records[made["value"]].expires_at == NOW + holds_s


@pytest.mark.parametrize("kind", ["realtime", "transcription"])
async def test_a_key_is_made_for_no_transcription_model_that_is_none(
    sessions: RealtimeSessions, drawer: Drawer, kind: SessionKind
):
    """Its sessions would be heard by another; both dialects say where the name stands."""
    transcription = {"model": "talker"}
    session = {"type": kind, "audio": {"input": {"transcription": transcription}}}
    if kind == "realtime":
        session["model"] = "talker"
    with pytest.raises(InvalidRequest, match="'talker' is no transcription model") as refusal:
        await sessions.client_secret(CALLER, ClientSecretRequest(session=session))
    assert refusal.value.param == "session.audio.input.transcription.model"
    body = {"model": "talker"} if kind == "realtime" else {}
    with pytest.raises(InvalidRequest) as refusal:
        await sessions.session(CALLER, {**body, "input_audio_transcription": transcription}, kind)
    assert refusal.value.param == "input_audio_transcription.model"
    assert drawer.records == {}
    transcription["model"] = "whisper-1"
    await sessions.client_secret(CALLER, ClientSecretRequest(session=session))


async def test_who_has_too_many_keys_gets_no_more(sessions: RealtimeSessions, drawer: Drawer):
    """In words, with the time at which there is room."""
    drawer.full_until = NOW + 90
    with pytest.raises(RateLimited, match=r"1000 ephemeral keys.*`expires_after`.*try again in 1m30s") as refusal:
        await sessions.client_secret(CALLER, ClientSecretRequest(session={"type": "realtime", "model": "talker"}))
    assert refusal.value.retry_after_s == 90
    with pytest.raises(RateLimited):
        await sessions.session(CALLER, {"model": "talker"}, "realtime")


async def test_a_session_that_is_too_large_gets_no_key(sessions: RealtimeSessions, drawer: Drawer):
    """Nothing of it is kept."""
    session = {"type": "realtime", "model": "talker", "instructions": "x" * MOST_SETUP_BYTES}
    with pytest.raises(InvalidRequest) as refusal:
        await sessions.client_secret(CALLER, ClientSecretRequest(session=session))
    assert (refusal.value.code, drawer.records) == ("session_too_large", {})
    session["instructions"] = "x" * (MOST_SETUP_BYTES // 2)
    made = await sessions.client_secret(CALLER, ClientSecretRequest(session=session))
    assert sessions.config_of(drawer.records[made.value]).instructions == session["instructions"]
