"""Ears that run in the server's own process: their models are loaded once, and shared by all conversations."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from antiphon.catalogue.entry import Kind
from antiphon.engines.hearing.sessions import OnnxSession, open_session
from antiphon.engines.hearing.silero import SileroVoiceActivity
from antiphon.engines.hearing.smart_turn import SmartTurnJudge
from antiphon.errors import NotFound

_KINDS: tuple[Kind, ...] = ("voice_activity", "turns")


class Ears:
    """Voice activity and the judgement of turns.

    `path_of` tells where the model of a kind is, and raises `NotFound` where it is not here, which reaches the caller.
    """

    def __init__(self, path_of: Callable[[Kind], Path]) -> None:
        self._path_of = path_of
        self._sessions: dict[Path, OnnxSession] = {}
        self._loading = Lock()

    def voice_activity(self) -> SileroVoiceActivity:
        """Return new ears for one stream."""
        return SileroVoiceActivity(self._session("voice_activity"))

    def turn_judge(self) -> SmartTurnJudge:
        """Return who judges turns."""
        return SmartTurnJudge(self._session("turns"))

    async def prepare(self) -> None:
        """Load what is here in a thread beside, so that the first conversation does not wait for it."""
        await asyncio.to_thread(self._prepare)

    def _prepare(self) -> None:
        for kind in _KINDS:
            with suppress(NotFound):
                self._session(kind)

    def _session(self, kind: Kind) -> OnnxSession:
        path = self._path_of(kind)
        with self._loading:
            if path not in self._sessions:
                self._sessions[path] = open_session(path)
            return self._sessions[path]
