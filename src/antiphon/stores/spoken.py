"""The port `SpokenAnswers`, in memory: an answer is named in the turns that follow it, or never."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from antiphon.callers import Caller

_MAX_CHARS = 16 * 1024 * 1024

_Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Answer:
    transcript: str
    expires_at: int


class SpokenAnswersInMemory:
    """Keeps transcripts until they expire; the oldest go first where all of them are more than `max_chars`."""

    def __init__(self, now: Callable[[], float], *, max_chars: int = _MAX_CHARS) -> None:
        self._now = now
        self._max_chars = max_chars
        self._num_chars = 0
        self._answers: OrderedDict[_Place, _Answer] = OrderedDict()

    async def keep(self, caller: Caller, answer_id: str, transcript: str, expires_at: int) -> None:
        """Remember an answer until `expires_at`, in seconds since 1970."""
        place = _place(caller, answer_id)
        self._forget(place)
        self._answers[place] = _Answer(transcript, expires_at)
        self._num_chars += len(transcript)
        while self._answers and (self._num_chars > self._max_chars or self._is_first_expired()):
            self._forget(next(iter(self._answers)))

    async def find(self, caller: Caller, answer_id: str) -> str | None:
        """Return what an answer said, None where there is none or it has expired."""
        answer = self._answers.get(_place(caller, answer_id))
        return answer.transcript if answer is not None and answer.expires_at > self._now() else None

    def _is_first_expired(self) -> bool:
        return next(iter(self._answers.values())).expires_at <= self._now()

    def _forget(self, place: _Place) -> None:
        forgotten = self._answers.pop(place, None)
        if forgotten is not None:
            self._num_chars -= len(forgotten.transcript)


def _place(caller: Caller, answer_id: str) -> _Place:
    return caller.organization, caller.project, answer_id
