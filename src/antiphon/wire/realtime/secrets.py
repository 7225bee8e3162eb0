"""The bodies of the REST endpoints around Realtime sessions, as far as they are not sessions themselves."""

from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict

from antiphon.wire.realtime.fields import ExpiresAfter
from antiphon.wire.request import WireRequest


class ClientSecretRequest(WireRequest):
    """The body of `POST /v1/realtime/client_secrets`; the dialect reads its `session`."""

    expires_after: ExpiresAfter | None = None
    session: dict[str, Any] | None = None


class RealtimeSessionRequest(BaseModel):
    """The body of `POST /v1/realtime/sessions` and `/v1/realtime/transcription_sessions`, a session in beta's words."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class ClientSecret(msgspec.Struct, frozen=True):
    """An ephemeral key, and the session that it opens."""

    value: str
    expires_at: int
    session: dict[str, Any]


class SecretOfSession(msgspec.Struct, frozen=True):
    """An ephemeral key inside of a beta session."""

    value: str
    expires_at: int


class RealtimeSessionCreated(msgspec.Struct, frozen=True):
    """A beta session, of which these fields are always there."""

    id: str
    object: str
    client_secret: SecretOfSession
