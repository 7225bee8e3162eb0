"""Performs the effects of one session's machine."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial

import structlog

from antiphon.errors import AntiphonError
from antiphon.features.voice.answering import generate, warm
from antiphon.features.voice.engagement import Engagement
from antiphon.features.voice.faults import BUG, failure_of
from antiphon.features.voice.hearing import judge_turn, judged_frames, recognise
from antiphon.features.voice.inbox import Inbox
from antiphon.features.voice.outbox import Ending
from antiphon.features.voice.speaking import speak
from antiphon.features.voice.works import Line, Works
from antiphon.realtime.effects import (
    CloseWork,
    Effect,
    EndSession,
    ForgetVoice,
    Generate,
    HushOthers,
    JudgeTurn,
    JudgeVoice,
    ReadLimits,
    Recognise,
    Send,
    Synthesise,
    WakeAt,
    Warm,
)
from antiphon.realtime.facts import Fact, LimitsRead, WorkFailed
from antiphon.realtime.server_events import ServerEvent

_log = structlog.get_logger("antiphon.realtime")

_WARMING = "warming"
# A user who falls silent and sends no more audio leaves a turn open, and nobody is to stand still for that.
MAX_HUSH_S = 5.0


class Performer:
    """Performs one effect after the other. `say` sends an event, `clock` tells seconds and never goes back."""

    def __init__(
        self,
        engagement: Engagement,
        inbox: Inbox,
        group: asyncio.TaskGroup,
        say: Callable[[ServerEvent], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._engagement = engagement
        self._inbox = inbox
        self._works = Works(group, self._tell_lost)
        self._line = Line()
        self._say = say
        self._clock = clock
        self._hush = ExitStack()
        self._is_hushing = False
        self._hush_timer: asyncio.TimerHandle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.ending: Ending | None = None

    async def perform(self, effect: Effect) -> list[Fact]:
        """Perform an effect, or begin to; return the facts that are known at once."""
        match effect:
            case Send():
                await self._say(effect.event)
            case JudgeVoice():
                return [fact async for fact in judged_frames(self._engagement.ears, effect)]
            case ForgetVoice():
                self._engagement.ears.forget()
            case ReadLimits():
                return [LimitsRead(self._engagement.allowance.spend(effect.num_tokens))]
            case WakeAt():
                self._set_alarm(effect.at_ms)
            case HushOthers():
                self._keep_hush(is_wanted=effect.is_wanted)
            case EndSession():
                self.ending = Ending(effect.code, effect.reason)
            case CloseWork():
                self._works.close(effect.work_id)
                self._line.leave(effect.work_id)
            case _:
                self._begin(effect)
        return []

    def close(self) -> None:
        """End all work, and let the others go on."""
        self._works.close_all()
        self._set_alarm(None)
        self._keep_hush(is_wanted=False)

    def _begin(self, effect: JudgeTurn | Recognise | Generate | Synthesise | Warm) -> None:
        tell = self._inbox.put
        match effect:
            case Warm():
                self._works.begin(_WARMING, warm(self._engagement, effect, _WARMING))
                return
            case Generate():
                self._works.close(_WARMING)
                work = partial(generate, self._engagement, effect, tell)
            case Synthesise():
                work = partial(self._speak_in_turn, effect, self._line.join(effect.work_id))
            case Recognise():
                work = partial(recognise, self._engagement, effect, tell)
            case JudgeTurn():
                work = partial(judge_turn, self._engagement, effect, tell)
        self._works.begin(effect.work_id, self._telling_failure(effect.work_id, work))

    async def _telling_failure(self, work_id: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except AntiphonError as error:
            await self._inbox.put(failure_of(work_id, error))

    def _tell_lost(self, work_id: str) -> None:
        _log.error("work lost", session=self._engagement.session_id, work=work_id)
        self._inbox.add(WorkFailed(work_id=work_id, fault=BUG))

    async def _speak_in_turn(self, effect: Synthesise, turn: asyncio.Event) -> None:
        try:
            await turn.wait()
            await speak(self._engagement, effect, self._inbox.put)
        finally:
            self._line.leave(effect.work_id)

    def _set_alarm(self, at_ms: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if at_ms is not None:
            delay_s = max(0.0, at_ms / 1000 - self._clock())
            self._alarm = asyncio.get_running_loop().call_later(delay_s, self._inbox.wake)

    def _keep_hush(self, *, is_wanted: bool) -> None:
        if is_wanted and not self._is_hushing:
            self._hush.enter_context(self._engagement.engines.hush())
            self._hush_timer = asyncio.get_running_loop().call_later(MAX_HUSH_S, self._hush.close)
        elif not is_wanted:
            if self._hush_timer is not None:
                self._hush_timer.cancel()
            self._hush.close()
        self._is_hushing = is_wanted
