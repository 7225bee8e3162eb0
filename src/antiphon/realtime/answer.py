"""An answer in the making: what the model writes, cut into clauses and spoken. It needs no response to begin.

A response that adopts an answer takes its pieces, those included that were ready before.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from antiphon.generation.facts import (
    ArgumentsProduced,
    ChatFact,
    ChoiceFinished,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.realtime.clause import Clause
from antiphon.realtime.effects import Generate, Synthesise
from antiphon.realtime.facts import Generated, GenerationDone, PromptMeasured, Spoken, SynthesisDone, WorkFailed
from antiphon.realtime.limits import MOST_SPOKEN_CHARS
from antiphon.realtime.outbox import Outbox
from antiphon.realtime.prompts import Plan
from antiphon.realtime.server_events import Fault
from antiphon.realtime.works import WorkFact, Works
from antiphon.speech.clauses import ClauseSplitter
from antiphon.speech.metering import num_bytes
from antiphon.wire.chat.answer import FinishReason


@dataclass(frozen=True, slots=True)
class Written:
    """More of a text that is to be read."""

    text: str


@dataclass(frozen=True, slots=True)
class CallBegun:
    """The model calls a function."""

    call_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CallArguments:
    """More of the arguments of the call begun last."""

    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is over, for a reason of the model's or by a fault."""

    reason: FinishReason = "stop"
    fault: Fault | None = None


Piece = Written | Clause | CallBegun | CallArguments | Ended


class Answer:
    """Generates, and speaks a clause ahead of what is sent; before it is adopted, the first clause alone."""

    # A prompt that is still too long after so many cuts will not become short enough.
    _MAX_CUTS = 6

    def __init__(self, plan: Plan, works: Works, outbox: Outbox) -> None:
        self.plan = plan
        self.pieces = deque[Piece]()
        self.measured: PromptMeasured | None = None
        self.counted: UsageCounted | None = None
        self.num_bytes = 0  # of what the model wrote
        # Whoever wants to know: that there is something new, that a stage is reached, what to do with an overflow.
        self.changed: Callable[[], None] = lambda: None
        self.reached: Callable[[str], None] = _ignore_stage
        self.overflowed: Callable[[Plan, int], Plan | None] = _give_up
        self._works = works
        self._outbox = outbox
        self._splitter = ClauseSplitter()
        self._work_id: str | None = None
        self._finish: FinishReason = "stop"
        self._max_spoken = 1
        self._has_text = False
        self._num_clauses = 0
        self._num_spoken_chars = 0
        self._num_cuts = 0

    def open(self) -> None:
        """Let the model begin."""
        self._work_id = self._works.open(self._generation)
        self._outbox.do(Generate(work_id=self._work_id, prompt=self.plan.prompt, keeps_slot=self.plan.keeps_slot))

    def adopt(self, changed: Callable[[], None]) -> None:
        """The answer is wanted: go on to the clause after the one that is being sent."""
        self.changed = changed
        self._max_spoken = 2
        self._speak_ahead()

    def took(self) -> None:
        """The first piece was used up."""
        self.pieces.popleft()
        self._speak_ahead()

    def close(self) -> None:
        """Nobody wants the rest."""
        self._works.close(self._work_id)
        for piece in self.pieces:
            if isinstance(piece, Clause):
                self._works.close(piece.work_id)
        self.pieces.clear()

    def _generation(self, fact: WorkFact) -> None:
        match fact:
            case Generated():
                self._produced(fact.fact)
            case PromptMeasured():
                self.measured = fact
            case GenerationDone():
                self._flush_clauses()
                self.pieces.append(Ended(self._finish))
            case WorkFailed():
                if fact.overflow_tokens is not None and self._began_anew(fact.overflow_tokens):
                    return
                self._flush_clauses()
                self.pieces.append(Ended(fault=fact.fault))
            case _:
                return
        self.changed()

    def _produced(self, fact: ChatFact) -> None:
        match fact:
            case TextProduced() | RefusalProduced():
                self._add_text(fact.text)
            case ToolCallStarted():
                self.reached("first_token")
                self._flush_clauses()
                self._has_text = False
                self.num_bytes += num_bytes(fact.name)
                self.pieces.append(CallBegun(fact.id, fact.name))
            case ArgumentsProduced():
                self.num_bytes += num_bytes(fact.text)
                self.pieces.append(CallArguments(fact.text))
            case ChoiceFinished():
                self._finish = fact.reason
            case UsageCounted():
                self.counted = fact
            case _:
                pass

    def _add_text(self, text: str) -> None:
        self.num_bytes += num_bytes(text)
        # White space before the first word, which some models write before a call as well, is no message.
        text = text if self._has_text else text.lstrip()
        if not text:
            return
        self._has_text = True
        self.reached("first_token")
        if self.plan.is_spoken:
            self._num_spoken_chars += len(text)
            self._add_clauses(self._splitter.feed(text))
            if self._num_spoken_chars >= MOST_SPOKEN_CHARS:
                self._works.close(self._work_id)
                self._flush_clauses()
                self.pieces.append(Ended("length"))
        else:
            self.pieces.append(Written(text))

    def _flush_clauses(self) -> None:
        self._add_clauses(self._splitter.finish())

    def _add_clauses(self, texts: list[str]) -> None:
        self.pieces.extend(Clause(text, self.plan.config.output_format) for text in texts)
        self._speak_ahead()

    def _speak_ahead(self) -> None:
        clauses = (piece for piece in self.pieces if isinstance(piece, Clause))
        for clause in islice(clauses, self._max_spoken):
            if clause.work_id is None and not clause.is_whole:
                self._speak(clause)

    def _speak(self, clause: Clause) -> None:
        def receive(fact: WorkFact) -> None:
            match fact:
                case Spoken():
                    clause.add(fact)
                case SynthesisDone():
                    clause.finish()
                case WorkFailed():
                    self._break_off(clause, fact.fault)
                case _:
                    return
            self.changed()

        if not clause.text.strip():
            clause.finish()
            return
        self.reached("first_clause")
        clause.work_id = self._works.open(receive)
        config = self.plan.config
        self._outbox.do(
            Synthesise(
                work_id=clause.work_id,
                text=clause.text,
                voice=config.voice,
                speed=config.speed,
                is_urgent=self._num_clauses == 0,
            )
        )
        self._num_clauses += 1

    def _break_off(self, clause: Clause, fault: Fault) -> None:
        """Let the answer end where a clause could not be spoken."""
        kept = list(self.pieces)[: self.pieces.index(clause)]
        self.pieces = deque(list(self.pieces)[len(kept) :])
        self.close()
        self.pieces.extend((*kept, Ended(fault=fault)))

    def _began_anew(self, overflow_tokens: int) -> bool:
        """Whether the prompt could be made shorter, and the model begins again."""
        if self.num_bytes or self._num_cuts == self._MAX_CUTS:
            return False
        # Letters only tell about how many tokens there are: each cut that did not help makes the next one larger.
        plan = self.overflowed(self.plan, overflow_tokens * 2**self._num_cuts)
        if plan is None:
            return False
        self._num_cuts += 1
        self.plan = plan
        self.open()
        return True


def _ignore_stage(stage: str) -> None:
    """Nobody times this answer."""


def _give_up(plan: Plan, excess_tokens: int) -> Plan | None:
    """Nobody can make the prompt shorter."""
