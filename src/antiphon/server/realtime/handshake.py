"""What a client asks for when it opens a socket: by the path's query, by headers, by subprotocols."""

from dataclasses import dataclass

from starlette.datastructures import Headers, QueryParams

from antiphon.errors import InvalidRequest, UnsupportedRequest
from antiphon.realtime.config import SessionKind
from antiphon.realtime.dialects.choosing import answered_protocol, chosen
from antiphon.realtime.dialects.dialect import Dialect

_OWN = {"events", "resume"}


@dataclass(frozen=True, slots=True)
class Resumption:
    """A session that is to go on after the last event that its client has."""

    token: str
    last_event_id: str | None


@dataclass(frozen=True, slots=True)
class Handshake:
    """`wishes` names what is wanted beyond OpenAI's protocol. `model` is None where none was named."""

    dialect: Dialect
    subprotocol: str | None
    model: str | None
    kind: SessionKind
    wishes: frozenset[str]
    resumption: Resumption | None
    call_id: str | None

    def check(self) -> None:
        """Raise `InvalidRequest` where no session can begin so."""
        if self.call_id is not None:
            raise UnsupportedRequest(
                "Sockets beside a call (`call_id`) are not supported by this server: it takes no calls. Open the "
                "socket with `?model=` instead.",
                param="call_id",
            )
        unknown = sorted(self.wishes - _OWN)
        if unknown:
            raise InvalidRequest(
                f"Invalid value: '{unknown[0][:100]}'. Supported values are: 'events' and 'resume'.",
                param="antiphon",
                code="invalid_value",
            )


def read_handshake(headers: Headers, query: QueryParams, subprotocols: list[str]) -> Handshake:
    """Return what is asked for. It raises nothing: a client is told what is wrong when the socket is open."""
    asked = ",".join([*query.getlist("antiphon"), *headers.getlist("antiphon-events")])
    wishes = frozenset(wish for name in asked.split(",") if (wish := name.strip()))
    token = query.get("resume_token")
    return Handshake(
        dialect=chosen(
            headers.get("openai-beta"), subprotocols, tells_own=bool(wishes), tells_times="events" in wishes
        ),
        subprotocol=answered_protocol(subprotocols),
        model=query.get("model") or None,
        kind="transcription" if query.get("intent") == "transcription" else "realtime",
        wishes=wishes,
        resumption=Resumption(token, query.get("last_event_id")) if token else None,
        call_id=query.get("call_id"),
    )
