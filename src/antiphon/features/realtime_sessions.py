"""Session objects over REST: ephemeral keys, each with the set-up in which the sessions that it opens begin."""

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any, NamedTuple

import msgspec

from antiphon.callers import Caller, EphemeralSecret
from antiphon.errors import InvalidRequest
from antiphon.ids import Ids
from antiphon.ports import Engines, EphemeralSecrets, SpeechEngines
from antiphon.realtime.config import SessionConfig, SessionKind
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.dialect import Dialect, DialectName
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.limits import MOST_SETUP_BYTES
from antiphon.wire.reading import read_value
from antiphon.wire.realtime.beta import SecretOptions
from antiphon.wire.realtime.fields import ExpiresAfter
from antiphon.wire.realtime.secrets import ClientSecret, ClientSecretRequest

_GA_HOLDS_S = 600
_BETA_HOLDS_S = 60
_SECRET_BYTES = 24

_DIALECTS: dict[DialectName, Dialect] = {"ga": Ga(), "beta": Beta()}


class _Start(msgspec.Struct, frozen=True):
    """A session as it was asked for, in the words of its dialect."""

    dialect: DialectName
    kind: SessionKind
    session: dict[str, Any]

    def config(self) -> SessionConfig:
        """Return the set-up. Raises `InvalidRequest`."""
        return _DIALECTS[self.dialect].config_from_session(self.session, self.kind)


class _Minted(NamedTuple):
    value: str
    expires_at: int
    view: dict[str, Any]


class RealtimeSessions:
    """Answers `/v1/realtime/client_secrets`, `/v1/realtime/sessions` and `/v1/realtime/transcription_sessions`.

    `now` tells the seconds since 1970.
    """

    def __init__(
        self,
        engines: Engines,
        speech: SpeechEngines,
        secrets: EphemeralSecrets,
        make_id: Ids,
        now: Callable[[], float],
    ) -> None:
        self._engines = engines
        self._speech = speech
        self._secrets = secrets
        self._make_id = make_id
        self._now = now

    async def client_secret(self, caller: Caller, request: ClientSecretRequest) -> ClientSecret:
        """Make a key, in the words of GA.

        Raises `InvalidRequest`, also for a session that is too large, or `NotFound` for a model that is not there; an
        unknown voice is refused too.
        """
        start = _Start("ga", "realtime", request.session or {})
        minted = await self._mint(caller, start, _held_for(request.expires_after, _GA_HOLDS_S))
        return ClientSecret(minted.value, minted.expires_at, minted.view)

    async def session(self, caller: Caller, session: dict[str, Any], kind: SessionKind) -> dict[str, Any]:
        """Make a key, in the words of beta, and return the session that holds it. Raises as `client_secret` does."""
        start = _Start("beta", kind, session)
        options = session.get("client_secret")
        wanted = _wanted(read_value(SecretOptions, options)) if options is not None else None
        minted = await self._mint(caller, start, _held_for(wanted, _BETA_HOLDS_S))
        return {**minted.view, "client_secret": {"value": minted.value, "expires_at": minted.expires_at}}

    def config_of(self, secret: EphemeralSecret) -> SessionConfig:
        """Return the set-up in which a session begins that is opened with a key."""
        return msgspec.json.decode(secret.session, type=_Start).config()

    async def _mint(self, caller: Caller, start: _Start, held_for_s: int) -> _Minted:
        session = msgspec.json.encode(start)
        if len(session) > MOST_SETUP_BYTES:
            raise InvalidRequest(
                f"A session's set-up takes {MOST_SETUP_BYTES} bytes of JSON at most, instructions and tools included. "
                "Create items on the socket with what is longer.",
                code="session_too_large",
            )
        config = start.config()
        if config.kind == "realtime":
            self._engines.chat(config.model, urgency="spoken")
            if "audio" in config.output_modalities:
                self._speech.synthesiser(config.model, config.voice)
        value = "ek_" + token_urlsafe(_SECRET_BYTES)
        expires_at = int(self._now()) + held_for_s
        record = EphemeralSecret(caller, session.decode(), expires_at)
        await self._secrets.add(record, value)
        view = _DIALECTS[start.dialect].session_view(self._make_id("sess_"), config, None)
        return _Minted(value, expires_at, dict(view))


def _wanted(options: SecretOptions) -> ExpiresAfter | None:
    """Return how long a key is to hold; bodies of transcription sessions name that `expires_at`."""
    if options.expires_after is not None:
        return options.expires_after
    return options.expires_at if isinstance(options.expires_at, ExpiresAfter) else None


def _held_for(wanted: ExpiresAfter | None, default_s: int) -> int:
    return wanted.seconds if wanted is not None and wanted.seconds is not None else default_s
