"""The work that is under way. Facts of closed work are dropped here and nowhere else."""

from collections.abc import Callable

from antiphon.ids import Ids
from antiphon.realtime.effects import CloseWork
from antiphon.realtime.facts import (
    Generated,
    GenerationDone,
    PromptMeasured,
    RecognitionDone,
    Spoken,
    SynthesisDone,
    TurnJudged,
    WordsHeard,
    WorkFailed,
)
from antiphon.realtime.outbox import Outbox

WorkFact = (
    TurnJudged
    | WordsHeard
    | RecognitionDone
    | Generated
    | PromptMeasured
    | GenerationDone
    | Spoken
    | SynthesisDone
    | WorkFailed
)
Receiver = Callable[[WorkFact], None]

# After these nothing of the work follows.
_LAST_FACTS = (TurnJudged, RecognitionDone, GenerationDone, SynthesisDone, WorkFailed)


class Works:
    """Every open work by its id, and who waits for its facts."""

    def __init__(self, ids: Ids, outbox: Outbox) -> None:
        self._ids = ids
        self._outbox = outbox
        self._receivers: dict[str, Receiver] = {}

    def open(self, receive: Receiver) -> str:
        """Return the id of new work, whose facts go to `receive`."""
        work_id = self._ids("work_")
        self._receivers[work_id] = receive
        return work_id

    def close(self, work_id: str | None) -> None:
        """End work that nobody wants any more; nothing happens where it is over, or never was."""
        if work_id is not None and self._receivers.pop(work_id, None) is not None:
            self._outbox.do(CloseWork(work_id))

    def close_all(self) -> None:
        """End all work."""
        for work_id in tuple(self._receivers):
            self.close(work_id)

    def deliver(self, fact: WorkFact) -> None:
        """Hand a fact to whoever waits for it; what closed work tells is dropped."""
        receive = self._receivers.get(fact.work_id)
        if receive is None:
            return
        if isinstance(fact, _LAST_FACTS):
            del self._receivers[fact.work_id]
        receive(fact)
