"""Ears that run in the server's own process: their models are loaded once, and shared by all conversations."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from antiphon.engines.hearing.sessions import OnnxSession, open_session
from antiphon.engines.hearing.silero import SileroVoiceActivity, silero_path
from antiphon.engines.hearing.smart_turn import SmartTurnJudge


class Ears:
    """Voice activity and the judgement of turns. `turns_path` tells where that model is, None where it is not here."""

    def __init__(self, turns_path: Callable[[], Path | None]) -> None:
        self._turns_path = turns_path
        self._sessions: dict[Path, OnnxSession] = {}
        self._loading = Lock()

    def voice_activity(self) -> SileroVoiceActivity:
        """Return new ears for one stream. Raises `EngineUnavailable` where there is no model."""
        return SileroVoiceActivity(self._session(silero_path()))

    def turn_judge(self) -> SmartTurnJudge | None:
        """Return who judges turns, None where the model is not here."""
        path = self._turns_path()
        return SmartTurnJudge(self._session(path)) if path is not None else None

    async def prepare(self) -> None:
        """Load what is here in a thread beside, so that the first conversation does not wait for it."""
        await asyncio.to_thread(self._prepare)

    def _prepare(self) -> None:
        for path in (silero_path(), self._turns_path()):
            if path is not None:
                self._session(path)

    def _session(self, path: Path) -> OnnxSession:
        with self._loading:
            if path not in self._sessions:
                self._sessions[path] = open_session(path)
            return self._sessions[path]
