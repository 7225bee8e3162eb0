"""Session objects over REST: ephemeral keys, each with the set-up in which the sessions that it opens begin."""

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any, NamedTuple

import msgspec

from antiphon.callers import Caller, EphemeralSecret
from antiphon.errors import InvalidRequest, RateLimited
from antiphon.ids import Ids
from antiphon.limits.bucket import written_duration
from antiphon.ports import Engines, EphemeralSecrets, SpeechEngines
from antiphon.realtime.config import SessionConfig, SessionKind
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.dialect import Dialect, DialectName
from antiphon.realtime.dialects.ga import Ga
from antiphon.realtime.limits import MOST_SETUP_BYTES
from antiphon.realtime.requests import check_transcriber
from antiphon.wire.reading import read_value
from antiphon.wire.realtime.beta import SecretOptions
from antiphon.wire.realtime.fields import ExpiresAfter
from antiphon.wire.realtime.secrets import ClientSecret, ClientSecretRequest

_GA_HOLDS_S = 600
_BETA_HOLDS_S = 60
_SECRET_BYTES = 24
# Each keeps its session until it expires: many more than a key may have sessions, and no way to fill a disk.
MOST_SECRETS = 1000

_DIALECTS: dict[DialectName, Dialect] = {"ga": Ga(), "beta": Beta()}
_TRANSCRIBER_PARAMS: dict[DialectName, str] = {
    "ga": "session.audio.input.transcription.model",
    "beta": "input_audio_transcription.model",
}


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

        Raises `InvalidRequest`, also for a session that is too large and for an unknown voice or transcription model,
        `NotFound` for a model that is not there, or `RateLimited` where the caller has as many keys as it may have.
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
        if config.transcription is not None:
            check_transcriber(config.transcription, self._speech.recognises, _TRANSCRIBER_PARAMS[start.dialect])
        if config.kind == "realtime":
            self._engines.chat(config.model, urgency="spoken")
            if "audio" in config.output_modalities:
                self._speech.synthesiser(config.model, config.voice)
        value = "ek_" + token_urlsafe(_SECRET_BYTES)
        expires_at = int(self._now()) + held_for_s
        first_expires_at = await self._secrets.add(
            EphemeralSecret(caller, session.decode(), expires_at), value, MOST_SECRETS
        )
        if first_expires_at is not None:
            raise _too_many(first_expires_at - self._now())
        view = _DIALECTS[start.dialect].session_view(self._make_id("sess_"), config, None)
        return _Minted(value, expires_at, dict(view))


def _too_many(wait_s: float) -> RateLimited:
    return RateLimited(
        f"You have {MOST_SECRETS} ephemeral keys that have not expired, which is as many as there may be. Give keys "
        "out again until they expire, ask for ones that expire sooner (`expires_after`), or try again in "
        f"{written_duration(wait_s)}, when the first of them expires.",
        retry_after_s=wait_s,
    )


def _wanted(options: SecretOptions) -> ExpiresAfter | None:
    """Return how long a key is to hold; bodies of transcription sessions name that `expires_at`."""
    if options.expires_after is not None:
        return options.expires_after
    return options.expires_at if isinstance(options.expires_at, ExpiresAfter) else None


def _held_for(wanted: ExpiresAfter | None, default_s: int) -> int:
    return wanted.seconds if wanted is not None and wanted.seconds is not None else default_s
