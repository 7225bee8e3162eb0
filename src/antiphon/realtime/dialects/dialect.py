"""What a dialect is to the machine and to the shell."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from antiphon.realtime.client_events import ClientEvent
from antiphon.realtime.config import SessionConfig, SessionKind
from antiphon.realtime.server_events import ServerEvent

DialectName = Literal["beta", "ga"]


class Dialect(Protocol):
    """One generation of the protocol, whole; a session keeps the one that its handshake chose."""

    @property
    def name(self) -> DialectName:
        """Which generation it is."""
        ...

    def initial(self, model: str, kind: SessionKind = "realtime") -> SessionConfig:
        """Return the set-up of a session that was asked for nothing."""
        ...

    def read(self, text: str | bytes, config: SessionConfig) -> ClientEvent:
        """Return what a frame means in a session of this set-up; what cannot be read is a `MalformedEvent`."""
        ...

    def write(self, event: ServerEvent, ids: Callable[[str], str]) -> list[bytes]:
        """Return the frames that say an event, none or more, each the UTF-8 of a JSON object.

        They go out as text. `ids` makes ids that begin with what it is given: each frame has an `event_id` of its own.
        """
        ...

    def session_view(self, session_id: str, config: SessionConfig, expires_at: int | None) -> Mapping[str, Any]:
        """Return the session object as events and REST answers show it, as JSON values."""
        ...

    def config_from_session(self, session: object, kind: SessionKind = "realtime") -> SessionConfig:
        """Return the set-up that a session object of a REST body asks for, defaults filled in.

        `kind` is what the path says; in GA the object's own `type` says it. Raises `InvalidRequest` with the place of
        what is wrong.
        """
        ...
