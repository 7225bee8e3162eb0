"""Keeps one child process running and tells where it listens."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

import structlog

from antiphon.engines.supervisor.child import Child, ChildDied, ChildSpec, Endpoint
from antiphon.engines.supervisor.log import LogRing
from antiphon.engines.supervisor.memory import memory_of
from antiphon.engines.supervisor.restarts import RestartPolicy, Restarts
from antiphon.engines.supervisor.slots import Slots
from antiphon.errors import EngineUnavailable
from antiphon.wire.engines import EngineState, ProcessStatus

_log = structlog.get_logger("antiphon.engines")

# What an operator should see even where only trouble is logged.
_LEVELS = {EngineState.RESTARTING: logging.WARNING, EngineState.FAILED: logging.ERROR}

HEALTH_EVERY_S = 10.0
HEALTH_TIMEOUT_S = 10.0
# A process that is stopped or stuck answers nothing; a loaded one may be late twice.
MAX_HEALTH_MISSES = 3

Probe = Callable[[Endpoint], Awaitable[bool]]


class Supervisor:
    """One engine's process through all its runs.

    `slots` bounds the work on it; `probe` asks a run whether it is well. The process starts with `start`, or by the
    first `ready`.
    """

    def __init__(
        self,
        name: str,
        spec: ChildSpec,
        slots: Slots,
        *,
        probe: Probe | None = None,
        policy: RestartPolicy | None = None,
        ready_timeout_s: float = 10.0,
    ) -> None:
        self.name = name
        self.slots = slots
        self._spec = spec
        self._probe = probe
        self._ready_timeout_s = ready_timeout_s
        self._restarts = Restarts(policy or RestartPolicy())
        self._log = LogRing()
        self._state = EngineState.STOPPED
        self._changed = asyncio.Condition()
        self._child: Child | None = None
        self._since = monotonic()
        self._last_words = ""
        self._is_closed = False
        self._life: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the process unless it runs; return at once."""
        self._is_closed = False
        if self._life is None or self._life.done():
            self._state = EngineState.STARTING
            self._life = asyncio.create_task(self._live(), name=f"supervisor of {self.name}")

    async def ready(self, *, other_than: Endpoint | None = None) -> Endpoint:
        """Return where the process listens, starting it if need be and waiting for it if it starts.

        `other_than` is a run that the caller found dead. Raises `EngineUnavailable` where it takes too long, where it
        was given up or where it is being stopped.
        """
        self._wake()
        try:
            async with asyncio.timeout(self._ready_timeout_s), self._changed:
                await self._changed.wait_for(lambda: self._is_settled(other_than))
        except TimeoutError:
            raise EngineUnavailable(f"The engine '{self.name}' is {self._state}: try again in a moment.") from None
        if self._state is EngineState.READY and self._child is not None:
            return self._child.endpoint
        raise EngineUnavailable(self._why_not())

    @property
    def is_ready(self) -> bool:
        """Whether work would begin at once."""
        return self._state is EngineState.READY

    def pause(self) -> None:
        """Let the process stand still until `resume`; one that is not ready is left alone."""
        if self._child is not None and self._state is EngineState.READY:
            self._child.pause()

    def resume(self) -> None:
        """Let the process go on."""
        if self._child is not None:
            self._child.resume()

    async def drain(self, grace_s: float) -> None:
        """Refuse new work, let the work in flight finish for at most `grace_s`, then stop."""
        if self._state is EngineState.READY:
            self.resume()
            await self._enter(EngineState.DRAINING)
            with suppress(TimeoutError):
                async with asyncio.timeout(grace_s):
                    await self.slots.idle()
        await self.stop()

    async def stop(self) -> None:
        """End the process; only `start` brings it back."""
        self._is_closed = True
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait({self._life})
            self._life = None
        await self._enter(EngineState.STOPPED)

    def status(self) -> ProcessStatus:
        """Tell how the process is at this moment."""
        memory = memory_of(self._child.pid) if self._child is not None else None
        is_ready = self._state is EngineState.READY
        return ProcessStatus(
            name=self.name,
            state=self._state,
            pid=self._child.pid if self._child is not None else None,
            ready_for_s=round(monotonic() - self._since, 3) if is_ready else None,
            num_restarts=self._restarts.num_total,
            rss_bytes=memory.rss_bytes if memory is not None else None,
            pss_bytes=memory.pss_bytes if memory is not None else None,
            num_slots=self.slots.num_slots,
            num_slots_busy=self.slots.num_busy,
            num_waiting=self.slots.num_waiting,
            logs=self._log.lines(),
        )

    async def _live(self) -> None:
        """Run the process, again and again, until it is given up or we are cancelled."""
        pause_s: float | None = 0.0
        while pause_s is not None:
            await asyncio.sleep(pause_s)
            ready_for_s = await self._run_once()
            if self._state is EngineState.DRAINING:
                return
            self._restarts, pause_s = self._restarts.after_exit(ready_for_s)
            await self._enter(EngineState.FAILED if pause_s is None else EngineState.RESTARTING)

    async def _run_once(self) -> float | None:
        """Run the process until it ends and return for how many seconds it was ready, `None` if it never was."""
        num_lines_before = self._log.num_lines
        try:
            child = await Child.start(self._spec, self._log)
        except ChildDied as death:
            self._last_words = self._log.last_words(num_lines_before) or str(death)
            self._log.add(f"[supervisor] {death}")
            return None
        self._child = child
        await self._enter(EngineState.READY)
        checks = asyncio.create_task(_end_if_ill(child, self._probe, self._log))
        try:
            status = await child.ended()
            self._log.add(f"[supervisor] the process ended with status {status}")
            return monotonic() - self._since
        finally:
            self._child = None
            checks.cancel()
            await asyncio.wait({checks})
            await child.stop()

    async def _enter(self, state: EngineState) -> None:
        _log.log(_LEVELS.get(state, logging.INFO), "engine", engine=self.name, state=state.value)
        async with self._changed:
            self._state = state
            self._since = monotonic()
            self._changed.notify_all()

    def _wake(self) -> None:
        """Start the process where a request may: it never ran, or it was given up long enough ago."""
        has_rested = monotonic() - self._since >= self._restarts.policy.rest_s
        may_try_again = self._state is EngineState.FAILED and has_rested
        if not self._is_closed and (self._state is EngineState.STOPPED or may_try_again):
            self.start()

    def _is_settled(self, other_than: Endpoint | None) -> bool:
        if self._state is EngineState.READY:
            return self._child is not None and self._child.endpoint != other_than
        return self._state in {EngineState.FAILED, EngineState.DRAINING, EngineState.STOPPED}

    def _why_not(self) -> str:
        if self._state is EngineState.FAILED:
            return f"The engine '{self.name}' does not start: {self._last_words}"
        return f"The engine '{self.name}' is {self._state}: the server is shutting down."


async def _end_if_ill(child: Child, probe: Probe | None, log: LogRing) -> None:
    """End a run that does not answer any more."""
    misses = 0
    while probe is not None and misses < MAX_HEALTH_MISSES:
        await asyncio.sleep(HEALTH_EVERY_S)
        is_well = False
        with suppress(TimeoutError):
            async with asyncio.timeout(HEALTH_TIMEOUT_S):
                is_well = await probe(child.endpoint)
        if not child.is_paused:  # what stands still answers nobody, and is not ill
            misses = 0 if is_well else misses + 1
    if misses:
        log.add(f"[supervisor] no answer to {misses} checks of health: ending the process")
        child.kill()
