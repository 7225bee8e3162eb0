"""One Realtime session: what happens goes in, one at a time, and what is wanted comes out."""

from collections.abc import Callable
from typing import Any

from antiphon.errors import RequestError
from antiphon.ids import Ids
from antiphon.realtime.answering import AnswerRules
from antiphon.realtime.client_events import (
    AppendAudio,
    CancelResponse,
    ClearAudio,
    ClearOutput,
    ClientEvent,
    CommitAudio,
    CreateItem,
    CreateResponse,
    DeleteItem,
    MalformedEvent,
    RetrieveItem,
    TruncateItem,
    UpdateSession,
)
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.conversation import Conversation
from antiphon.realtime.effects import Effect, EndSession, WakeAt
from antiphon.realtime.facts import Fact, LimitsRead, Tick, VoiceJudged
from antiphon.realtime.hearing import Hearing
from antiphon.realtime.item_requests import ItemRequests
from antiphon.realtime.lifetime import Lifetime
from antiphon.realtime.limits import Abilities, SessionLimits
from antiphon.realtime.listening import Ears
from antiphon.realtime.outbox import Outbox
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies
from antiphon.realtime.requests import AudioRequests, SessionRequests
from antiphon.realtime.server_events import ErrorTold, Fault, RateLimitsUpdated, SessionCreated
from antiphon.realtime.turntaking import TurnRules
from antiphon.realtime.works import Works

_GOING_AWAY = 1001
# An alarm may ring a little before its time, by the rounding of clocks; it is set again then.
_EARLY_MS = 1.0


class Session:
    """The machine. `step` never raises for what a client or an engine says, and does nothing once the session is over.

    Work is named by ids that `ids` makes, as items and responses are: the same happenings give the same effects.
    """

    def __init__(
        self,
        session_id: str,
        conversation_id: str,
        config: SessionConfig,
        abilities: Abilities,
        limits: SessionLimits,
        ids: Ids,
    ) -> None:
        outbox = Outbox()
        works = Works(ids, outbox)
        conversation = Conversation(conversation_id, limits.max_audio_bytes)
        self._parts = Parts(
            session_id=session_id,
            ids=ids,
            config=config,
            abilities=abilities,
            limits=limits,
            outbox=outbox,
            works=works,
            conversation=conversation,
            hearing=Hearing(works, outbox, conversation),
            ears=Ears(config, outbox),
        )
        self._replies = Replies(self._parts)
        self._answers = AnswerRules(self._parts, self._replies)
        self._turns = TurnRules(self._parts, self._replies, self._answers)
        self._items = ItemRequests(self._parts, self._replies, self._answers)
        self._lifetime = Lifetime(limits.max_session_ms)
        self._wakes_at_ms: float | None = None
        self._does = self._doers()

    @property
    def config(self) -> SessionConfig:
        """The set-up as it is now."""
        return self._parts.config

    def open(self) -> list[Effect]:
        """Begin: the client is told what there is."""
        parts = self._parts
        parts.outbox.say(SessionCreated(id=parts.session_id, config=parts.config, expires_at=parts.limits.expires_at))
        self._replies.warm()
        return parts.outbox.take()

    def step(self, happening: ClientEvent | Fact) -> list[Effect]:
        """Take what happened; return what is wanted, in order."""
        if self._lifetime.is_over:
            return []
        self._take(happening)
        self._take_waiting()
        if self._lifetime.is_due(self._parts.now_ms):
            self._expire()
        else:
            self._wake_in_time()
        return self._parts.outbox.take()

    def _take(self, happening: ClientEvent | Fact) -> None:
        does = self._does.get(type(happening), self._parts.works.deliver)
        try:
            does(happening)
        except RequestError as refusal:
            fault = Fault(message=refusal.message, type=refusal.type, code=refusal.code, param=refusal.param)
            self._tell_error(fault, getattr(happening, "event_id", None))

    def _take_waiting(self) -> None:
        """Let go on what waited: items that waited for the end of a response first, since the next is to know them."""
        self._replies.advance()
        while self._items.waiting and self._replies.current is None:
            self._take(self._items.waiting.take())
        self._answers.settle()

    def _tick(self, fact: Tick) -> None:
        self._parts.now_ms = fact.at_ms
        self._lifetime.begin(fact.at_ms)
        if self._wakes_at_ms is not None and fact.at_ms >= self._wakes_at_ms - _EARLY_MS:
            self._wakes_at_ms = None

    def _tell_error(self, fault: Fault, cause: str | None) -> None:
        self._parts.outbox.say(ErrorTold(fault=fault, cause=cause))

    def _tell_malformed(self, event: MalformedEvent) -> None:
        fault = Fault(message=event.message, type=event.type, code=event.code, param=event.param)
        self._tell_error(fault, event.event_id)

    def _tell_limits(self, fact: LimitsRead) -> None:
        self._parts.outbox.say(RateLimitsUpdated(fact.limits))

    def _expire(self) -> None:
        text = self._lifetime.farewell
        fault = Fault(message=text, code="session_expired")
        self._lifetime.end()
        for response in tuple(self._replies.active.values()):
            response.fail(fault)
        self._parts.works.close_all()
        self._parts.hush(is_wanted=False)
        self._tell_error(fault, None)
        self._parts.outbox.do(EndSession(_GOING_AWAY, text))

    def _wake_in_time(self) -> None:
        wishes = [self._lifetime.ends_at_ms, self._answers.idleness.ends_at_ms]
        wishes += [response.wakes_at_ms() for response in self._replies.active.values()]
        earliest = min((wish for wish in wishes if wish is not None), default=None)
        if earliest != self._wakes_at_ms:
            self._wakes_at_ms = earliest
            self._parts.outbox.do(WakeAt(earliest))

    def _doers(self) -> dict[type, Callable[[Any], None]]:
        audio = AudioRequests(self._parts, self._turns, self._answers)
        asked = SessionRequests(self._parts, self._replies, self._turns, self._answers)
        return {
            UpdateSession: asked.update,
            AppendAudio: audio.append,
            CommitAudio: lambda _: audio.commit(),
            ClearAudio: lambda _: audio.clear(),
            ClearOutput: lambda _: audio.clear_output(),
            CreateItem: self._items.create,
            RetrieveItem: self._items.retrieve,
            TruncateItem: self._items.truncate,
            DeleteItem: self._items.delete,
            CreateResponse: asked.respond,
            CancelResponse: asked.cancel,
            MalformedEvent: self._tell_malformed,
            Tick: self._tick,
            VoiceJudged: self._turns.hear,
            LimitsRead: self._tell_limits,
        }
