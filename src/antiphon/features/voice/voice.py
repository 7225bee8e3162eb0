"""Every session of the server: opened, resumed after a dropped connection, and told when the server stops."""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from antiphon.callers import Caller
from antiphon.errors import EngineUnavailable, InvalidRequest, NotFound, RateLimited
from antiphon.features.voice.checking import Checks
from antiphon.features.voice.conversation import Conversation, Machine, Stage
from antiphon.features.voice.engagement import Allowance, Engagement
from antiphon.features.voice.faults import fault_of
from antiphon.features.voice.outbox import Ending, Outbox
from antiphon.ids import Ids
from antiphon.ports import Engines, Images, SpeechEngines
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.limits import Abilities, SessionLimits
from antiphon.realtime.server_events import OwnEvent

_TOKEN_BYTES = 24
_RETRY_AFTER_S = 5.0  # nobody knows when a session will end
_GOING_AWAY = Ending(1001, "The server is shutting down.")
_NOT_RESUMED = Ending(1000, "Nobody came back for the session.")


@dataclass(frozen=True, slots=True)
class Crew:
    """Who carries out the work of sessions."""

    engines: Engines
    speech: SpeechEngines
    images: Images


@dataclass(frozen=True, slots=True)
class Rules:
    """How many sessions there may be, dropped ones that wait for their clients included, and how long each.

    `session_ms` of None is without end; `ahead_ms` is how far audio may run ahead, `resume_s` how long a dropped
    session waits. All of one key's sessions together may be half of `max_sessions`.
    """

    recogniser: str
    max_sessions: int
    session_ms: float | None
    ahead_ms: float | None
    resume_s: float


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opens a session and how; `stage` writes, in a `dialect`, and counts what it says."""

    caller: Caller
    config: SessionConfig
    allowance: Allowance
    stage: Stage
    dialect: str
    is_resumable: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    """A client that wants its session back. `last_event_id` is the last event that it has."""

    caller: Caller
    token: str
    last_event_id: str | None
    dialect: str


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All that a machine is made from."""

    id: str
    conversation_id: str
    config: SessionConfig
    abilities: Abilities
    limits: SessionLimits
    make_id: Ids


class _Held:
    """A session with its task, its owner, its dialect and its token."""

    def __init__(self, opening: Opening, conversation: Conversation) -> None:
        self.caller = opening.caller
        self.dialect = opening.dialect
        self.conversation = conversation
        self.token = token_urlsafe(_TOKEN_BYTES) if opening.is_resumable else None
        self.task = asyncio.create_task(conversation.run(), name=conversation.id)
        self.expiry: asyncio.TimerHandle | None = None


class Voice:
    """Opens sessions. `make_machine` builds a session's machine, `now` tells the seconds since 1970."""

    def __init__(
        self,
        crew: Crew,
        rules: Rules,
        make_machine: Callable[[Blueprint], Machine],
        make_id: Ids,
        now: Callable[[], float],
    ) -> None:
        self._crew = crew
        self._rules = rules
        self._make_machine = make_machine
        self._make_id = make_id
        self._now = now
        self._held: dict[str, _Held] = {}
        self._is_closing = False

    def open(self, opening: Opening) -> Conversation:
        """Begin a session.

        Raises `NotFound` or `InvalidRequest` where its model cannot hold it, `RateLimited` where there are as many
        sessions as there may be, or `EngineError`.
        """
        if self._is_closing:
            raise _stopping()
        _check_room(opening.caller, [held.caller for held in self._held.values()], self._rules.max_sessions)
        config = opening.config
        abilities = self._abilities(config)
        engagement = self._engagement(opening)
        blueprint = Blueprint(
            id=engagement.session_id,
            conversation_id=self._make_id("conv_"),
            config=config,
            abilities=abilities,
            limits=self._limits(),
            make_id=self._make_id,
        )
        outbox = Outbox(is_resumable=opening.is_resumable)
        conversation = Conversation(engagement, config, self._make_machine(blueprint), outbox, opening.stage)
        held = self._held[conversation.id] = _Held(opening, conversation)
        held.task.add_done_callback(lambda _: self._forget(conversation.id))
        if held.token is not None:
            conversation.greeting = (OwnEvent(name="antiphon.session.resumable", fields=self._terms(held)),)
        return conversation

    def _engagement(self, opening: Opening) -> Engagement:
        crew, model = self._crew, opening.config.model or self._rules.recogniser
        return Engagement(
            session_id=self._make_id("sess_"),
            organization=opening.caller.organization,
            model=model,
            recogniser=self._rules.recogniser,
            engines=crew.engines,
            speech=crew.speech,
            ears=crew.speech.voice_activity(model),
            checks=Checks(crew.images),
            allowance=opening.allowance,
        )

    def resume(self, client: Return) -> Conversation:
        """Return the session of a token to the caller that opened it; its next frame tells what follows it.

        That are the frames after the last event that the client has. Raises `NotFound`, and `InvalidRequest` for a
        client that would not understand them.
        """
        held = self._meant(client)
        if client.dialect != held.dialect:
            raise InvalidRequest(
                f"The session speaks the {held.dialect} dialect of the protocol, and this socket asks for "
                f"{client.dialect}: a session keeps the dialect that it began with. Resume it with the headers and "
                "subprotocols of its first socket.",
                param="resume_token",
                code="invalid_value",
            )
        self._stop_expiry(held)
        rewound = held.conversation.outbox.rewind(client.last_event_id)
        told = {"num_events": rewound.num_frames, "is_complete": rewound.is_whole}
        event = OwnEvent(name="antiphon.session.resumed", fields={**self._terms(held), **told})
        held.conversation.announce(event, first=True)
        return held.conversation

    def _meant(self, client: Return) -> _Held:
        token = client.token.encode("utf-8", "replace")
        for held in self._held.values():
            is_token = held.token is not None and hmac.compare_digest(held.token.encode(), token)
            is_owner = _owner(held.caller) == _owner(client.caller)
            if is_token and is_owner and held.conversation.outbox.ending is None:
                return held
        raise NotFound(
            "There is no session to resume with this token: it ended, or waited too long. Open a new one.",
            param="resume_token",
            code="session_not_found",
        )

    def drop(self, conversation: Conversation) -> None:
        """The session's connection is gone: let it wait for its client if it can be resumed, and end it otherwise."""
        held = self._held.get(conversation.id)
        if held is None:
            return
        if held.token is None or self._is_closing:
            held.task.cancel()
        else:
            self._stop_expiry(held)
            loop = asyncio.get_running_loop()
            held.expiry = loop.call_later(self._rules.resume_s, self._expire, held)

    async def stop(self) -> None:
        """Open no more sessions, tell those that are open that the server stops, and end them."""
        self._is_closing = True
        fault = fault_of(_stopping())
        for held in self._held.values():
            held.conversation.dismiss(fault, _GOING_AWAY)
        await self.close()

    async def close(self) -> None:
        """End all sessions; nothing of them runs afterwards."""
        self._is_closing = True
        tasks = [held.task for held in self._held.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _terms(self, held: _Held) -> dict[str, Any]:
        return {"session_id": held.conversation.id, "token": held.token, "expires_in": self._rules.resume_s}

    def _abilities(self, config: SessionConfig) -> Abilities:
        voices = frozenset(voice.name for voice in self._crew.speech.voices())
        if config.kind == "transcription":
            self._crew.speech.recogniser(self._rules.recogniser)  # whatever the client names, this one must be there
            return Abilities(voices=voices, recognises=self._crew.speech.recognises)
        engine, _ = self._crew.engines.chat(config.model, urgency="spoken")
        profile = engine.profile
        return Abilities(
            takes_images=profile.takes_images,
            takes_audio=profile.takes_audio,
            calls_tools=profile.calls_tools,
            voices=voices,
            recognises=self._crew.speech.recognises,
        )

    def _limits(self) -> SessionLimits:
        session_ms = self._rules.session_ms
        return SessionLimits(
            expires_at=None if session_ms is None else int(self._now() + session_ms / 1000),
            max_session_ms=session_ms,
            max_ahead_ms=self._rules.ahead_ms,
        )

    def _expire(self, held: _Held) -> None:
        held.conversation.outbox.end(_NOT_RESUMED, at_once=True)
        held.task.cancel()

    def _stop_expiry(self, held: _Held) -> None:
        if held.expiry is not None:
            held.expiry.cancel()
            held.expiry = None

    def _forget(self, session_id: str) -> None:
        held = self._held.pop(session_id, None)
        if held is not None:
            self._stop_expiry(held)


def _owner(caller: Caller) -> tuple[str, str, str | None]:
    return caller.organization, caller.project, caller.key_id


def _check_room(caller: Caller, holders: Sequence[Caller], most: int) -> None:
    """Raise `RateLimited` where the `holders` of sessions, one for each, leave no room for one more of the caller's."""
    num_own = sum(_owner(holder) == _owner(caller) for holder in holders)
    # Whoever has a key shares the server with those who have other keys.
    most_own = most if caller.key_id is None else max(1, most // 2)
    if num_own >= most_own:
        raise _crowded(f"You have {num_own} sessions", most_own)
    if len(holders) >= most:
        raise _crowded(f"{len(holders)} sessions are open", most)


def _crowded(what: str, most: int) -> RateLimited:
    return RateLimited(
        f"{what}, dropped ones that may be resumed included, and there may be {most}: the server's option "
        "`realtime_max_sessions` bounds them. Close one, resume one with its token, or connect again in a moment.",
        retry_after_s=_RETRY_AFTER_S,
    )


def _stopping() -> EngineUnavailable:
    return EngineUnavailable("The server is shutting down: connect again in a moment.", code="server_shutting_down")
