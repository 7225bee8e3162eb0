"""Ephemeral keys: how long they hold, and what they hold."""

from typing import Any

import pytest
from tests.unit.features.voice.fakes import FakeEngines

from antiphon.callers import Caller, EphemeralSecret
from antiphon.errors import InvalidRequest
from antiphon.features.realtime_sessions import MAX_SESSION_BYTES, RealtimeSessions
from antiphon.realtime.config import SessionKind
from antiphon.testing.ids import CountingIds
from antiphon.wire.realtime.secrets import ClientSecretRequest

CALLER = Caller("acme", "radio", "key_1")
NOW = 1000
HOUR = {"anchor": "created_at", "seconds": 3600}


class Drawer:
    """Keeps secrets."""

    def __init__(self) -> None:
        self.records: dict[str, EphemeralSecret] = {}

    async def add(self, record: EphemeralSecret, secret: str) -> None:
        self.records[secret] = record

    async def find(self, secret: str) -> EphemeralSecret | None:
        return self.records.get(secret)


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def sessions(drawer: Drawer) -> RealtimeSessions:
    return RealtimeSessions(FakeEngines(), drawer, CountingIds(), lambda: float(NOW))  # type: ignore[arg-type]


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


async def test_a_session_that_is_too_large_gets_no_key(sessions: RealtimeSessions, drawer: Drawer):
    """Nothing of it is kept."""
    session = {"type": "realtime", "model": "talker", "instructions": "x" * MAX_SESSION_BYTES}
    with pytest.raises(InvalidRequest) as refusal:
        await sessions.client_secret(CALLER, ClientSecretRequest(session=session))
    assert (refusal.value.code, drawer.records) == ("session_too_large", {})
    session["instructions"] = "x" * (MAX_SESSION_BYTES // 2)
    made = await sessions.client_secret(CALLER, ClientSecretRequest(session=session))
    assert sessions.config_of(drawer.records[made.value]).instructions == session["instructions"]
