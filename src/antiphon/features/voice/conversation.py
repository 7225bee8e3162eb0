"""The actor of one session: it alone steps the machine, with one happening after the other."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import structlog

from antiphon.features.voice.engagement import Engagement
from antiphon.features.voice.faults import BUG
from antiphon.features.voice.inbox import Happening, Inbox
from antiphon.features.voice.outbox import ClientStalled, Ending, Frame, Outbox
from antiphon.features.voice.performing import Performer
from antiphon.realtime.client_events import AppendAudio, ClientEvent
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.effects import Effect, Send
from antiphon.realtime.facts import Fact, LimitsRead, Tick
from antiphon.realtime.server_events import (
    ErrorTold,
    Fault,
    ResponseDone,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
    TurnTimed,
)

_log = structlog.get_logger("antiphon.realtime")

# More audio than this in one event is taken in pieces, between which other sessions run.
_PIECE_BYTES = 64 * 1024

_STALLED = Ending(1008, "The client does not read what it is sent.")
_BROKEN = Ending(1011, "The server had an error.")


class Machine(Protocol):
    """A session's machine (`realtime.session.Session`)."""

    def open(self) -> list[Effect]:
        """Begin."""
        ...

    def step(self, happening: ClientEvent | Fact) -> list[Effect]:
        """Take one happening."""
        ...


class Meter(Protocol):
    """Counts what sessions do."""

    def session_began(self) -> None:
        """One more is open."""
        ...

    def session_ended(self, duration_s: float) -> None:
        """One less is open."""
        ...

    def response_done(self, status: str) -> None:
        """A response ended."""
        ...

    def turn_timed(self, event: TurnTimed) -> None:
        """A spoken turn was answered."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """What a session needs of its surroundings.

    `decode` reads what a client sends to a session of some set-up, and never raises; `encode` writes an event as the
    frames that the client is sent; `clock` tells seconds and never goes back.
    """

    decode: Callable[[str, SessionConfig], ClientEvent]
    encode: Callable[[ServerEvent], Sequence[Frame]]
    meter: Meter
    clock: Callable[[], float]


class Conversation:
    """One session, which begins as `config` says. `run` is its whole life."""

    def __init__(
        self, engagement: Engagement, config: SessionConfig, machine: Machine, outbox: Outbox, stage: Stage
    ) -> None:
        self.id = engagement.session_id
        self.outbox = outbox
        self.greeting: tuple[ServerEvent, ...] = ()  # follows what the machine says at first
        self._engagement = engagement
        self._config = config
        self._machine = machine
        self._stage = stage
        self._inbox = Inbox()
        self._num_responses = 0

    async def hear(self, text: str) -> None:
        """Take a frame of the client's; waits while there is too much to hear already."""
        await self._inbox.put(text, len(text))

    async def tell(self, event: ClientEvent) -> None:
        """Take a client event that came in no frame of its own; waits as `hear` does."""
        await self._inbox.put(event)

    def announce(self, event: ServerEvent, *, first: bool = False) -> None:
        """Send an event that is none of the machine's, ahead of all that waits where it is to be `first`."""
        self.outbox.add(self._stage.encode(event), first=first)

    def dismiss(self, fault: Fault, ending: Ending) -> None:
        """Say why, and let nothing follow; whoever runs the session then cancels it."""
        self.announce(ErrorTold(fault=fault))
        self.outbox.end(ending)

    async def run(self) -> None:
        """Live until the machine ends the session, its client stalls, or somebody cancels this."""
        began_at = self._stage.clock()
        self._stage.meter.session_began()
        try:
            await self._live()
        except ClientStalled:
            self.outbox.end(_STALLED, at_once=True)
        except Exception:  # noqa: BLE001 - the supervisor point: a bug is the end of one session
            _log.exception("bug", session=self.id)
            self.dismiss(BUG, _BROKEN)
        finally:
            self.outbox.end(Ending(1000, ""))
            self._finish(self._stage.clock() - began_at)

    async def _live(self) -> None:
        stalled = False
        async with asyncio.TaskGroup() as group:
            performer = Performer(self._engagement, self._inbox, group, self._say, self._stage.clock)
            try:
                await self._follow([*self._machine.open(), *self._machine.step(self._tick())], performer)
                for event in self.greeting:
                    self.announce(event)
                while performer.ending is None:
                    await self._take_in(await self._inbox.take(), performer)
                self.outbox.end(performer.ending)
            except ClientStalled:
                stalled = True
            finally:
                performer.close()
        if stalled:
            raise ClientStalled

    async def _take_in(self, happening: Happening | None, performer: Performer) -> None:
        """Tell the machine the time and a happening; a long piece of audio in several, as far as they are taken."""
        if isinstance(happening, str):
            happening = self._stage.decode(happening, self._config)
        if happening is None:
            await self._follow(self._machine.step(self._tick()), performer)
        elif isinstance(happening, AppendAudio) and len(happening.audio) > _PIECE_BYTES:
            for piece in _pieces(happening):
                if await self._step(piece, performer):
                    return
                await asyncio.sleep(0)
        else:
            await self._step(happening, performer)

    async def _step(self, happening: ClientEvent | Fact, performer: Performer) -> bool:
        """Tell the machine the time and a happening; return whether it was refused."""
        await self._follow(self._machine.step(self._tick()), performer)
        effects = self._machine.step(happening)
        await self._follow(effects, performer)
        return any(isinstance(effect, Send) and isinstance(effect.event, ErrorTold) for effect in effects)

    async def _follow(self, effects: list[Effect], performer: Performer) -> None:
        """Perform effects, and those of the facts that they give at once.

        A fact is told when all effects are performed that were wanted before it, but for what is left of the limits:
        that belongs to the response that ended, and not behind what follows it.
        """
        wanted, known = deque(effects), deque[Fact]()
        while performer.ending is None:
            if wanted:
                for fact in await performer.perform(wanted.popleft()):
                    if isinstance(fact, LimitsRead):
                        told, others = _told_apart(self._machine.step(fact))
                        wanted.extendleft(reversed(told))
                        wanted.extend(others)
                    else:
                        known.append(fact)
            elif known:
                wanted.extend((*self._machine.step(self._tick()), *self._machine.step(known.popleft())))
            else:
                return

    async def _say(self, event: ServerEvent) -> None:
        if isinstance(event, ResponseDone):
            self._num_responses += 1
            self._stage.meter.response_done(event.response.status)
        elif isinstance(event, TurnTimed):
            self._stage.meter.turn_timed(event)
        elif isinstance(event, SessionCreated | SessionUpdated):
            self._config = event.config
        self.outbox.add(self._stage.encode(event))
        await self.outbox.room()

    def _tick(self) -> Tick:
        return Tick(self._stage.clock() * 1000)

    def _finish(self, duration_s: float) -> None:
        self._stage.meter.session_ended(duration_s)
        ending = self.outbox.ending or _BROKEN
        _log.info(
            "session",
            session=self.id,
            model=self._engagement.model,
            organization=self._engagement.organization,
            seconds=round(duration_s, 1),
            responses=self._num_responses,
            code=ending.code,
            reason=ending.reason or None,
        )


def _told_apart(effects: list[Effect]) -> tuple[list[Effect], list[Effect]]:
    """Return what the client is told, and all other effects, each in its order."""
    told: list[Effect] = [effect for effect in effects if isinstance(effect, Send)]
    return told, [effect for effect in effects if not isinstance(effect, Send)]


def _pieces(event: AppendAudio) -> Iterator[AppendAudio]:
    for start in range(0, len(event.audio), _PIECE_BYTES):
        yield msgspec.structs.replace(event, audio=event.audio[start : start + _PIECE_BYTES])
