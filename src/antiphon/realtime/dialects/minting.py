"""The three ways to make an ephemeral key over REST: what is asked, and what is answered.

GA has `POST /v1/realtime/client_secrets`; beta has `/v1/realtime/sessions` and `/v1/realtime/transcription_sessions`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from antiphon.realtime.config import SessionConfig, SessionKind
from antiphon.realtime.dialects.beta import Beta
from antiphon.realtime.dialects.beta_out import session_view
from antiphon.realtime.dialects.ga import Ga
from antiphon.wire.reading import read
from antiphon.wire.realtime.beta import ListenedSession, Session, TranscriptionSession
from antiphon.wire.realtime.beta_objects import ClientSecret
from antiphon.wire.realtime.fields import ExpiresAfter
from antiphon.wire.realtime.ga import SecretRequest

GA_LIFETIME_S = 600
BETA_LIFETIME_S = 60


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A key is wanted that holds for `lifetime_s` and opens sessions of this set-up."""

    config: SessionConfig
    lifetime_s: int


class Minted(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was made, `expires_at` in seconds since 1970, and the session that it opens."""

    value: str
    expires_at: int
    session_id: str
    config: SessionConfig


def read_client_secret(body: bytes) -> Order:
    """Read the body of `POST /v1/realtime/client_secrets`; it may be empty. Raises `InvalidRequest`."""
    request = read(SecretRequest, body or b"{}")
    seconds = request.expires_after.seconds if request.expires_after is not None else None
    return Order(config=Ga().config_from_session(request.session or {}), lifetime_s=seconds or GA_LIFETIME_S)


def read_session(body: bytes) -> Order:
    """Read the body of `POST /v1/realtime/sessions`; it may be empty. Raises `InvalidRequest`."""
    return _beta_order(read(Session, body or b"{}"), "realtime")


def read_transcription_session(body: bytes) -> Order:
    """Read the body of `POST /v1/realtime/transcription_sessions`; it may be empty. Raises `InvalidRequest`."""
    return _beta_order(read(TranscriptionSession, body or b"{}"), "transcription")


def client_secret_view(minted: Minted) -> Mapping[str, Any]:
    """Return the answer of `POST /v1/realtime/client_secrets` as JSON values."""
    session = Ga().session_view(minted.session_id, minted.config, None)
    return {"value": minted.value, "expires_at": minted.expires_at, "session": session}


def session_with_secret_view(minted: Minted) -> Mapping[str, Any]:
    """Return the answer of both beta paths as JSON values: the session with the key inside."""
    secret = ClientSecret(value=minted.value, expires_at=minted.expires_at)
    return msgspec.to_builtins(session_view(minted.session_id, minted.config, None, secret))


def _beta_order(session: ListenedSession, kind: SessionKind) -> Order:
    secret = session.client_secret
    # The type of one path calls the field `expires_after`, that of the other `expires_at`.
    wishes = (secret.expires_after, secret.expires_at) if secret is not None else ()
    seconds = next((wish.seconds for wish in wishes if isinstance(wish, ExpiresAfter)), None)
    config = Beta().config_from_session(session.model_dump(exclude_unset=True), kind)
    return Order(config=config, lifetime_s=seconds or BETA_LIFETIME_S)
