"""The user's turn as the signs tell it: it interrupts, it is answered, and it becomes an item."""

from antiphon.realtime.answering import AnswerRules
from antiphon.realtime.config import SessionConfig
from antiphon.realtime.effects import JudgeTurn
from antiphon.realtime.facts import TurnJudged, VoiceJudged
from antiphon.realtime.input import heard_samples
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies
from antiphon.realtime.server_events import SpeechStarted, SpeechStopped, StatusDetails
from antiphon.realtime.speculation import Speculation
from antiphon.realtime.turn import Turn
from antiphon.realtime.turns.signs import EndSuspected, Sign, TurnEnded, TurnQuestioned, VoiceBegan, VoiceResumed
from antiphon.realtime.works import WorkFact

# The judge of turns listens to no more than this.
_JUDGED_MS = 8_000


class TurnRules:
    """Follows the user's voice from sign to sign."""

    def __init__(self, parts: Parts, replies: Replies, answers: AnswerRules) -> None:
        self.turn: Turn | None = None
        self._parts = parts
        self._replies = replies
        self._answers = answers
        self._speculation = Speculation(parts, replies)

    def hear(self, fact: VoiceJudged) -> None:
        """Follow the signs of what was judged."""
        for sign in self._parts.ears.judged(fact):
            self._follow(sign)
        if self.turn is None:
            self._parts.ears.forget_silence()

    def take_up(self, config: SessionConfig) -> None:
        """Detect turns as this set-up says; where they are not the same, forget what the user was about to say."""
        if not self._parts.ears.hears_as(config):
            self._forget()
        self._parts.ears.take_up(config)

    def restart(self) -> None:
        """Forget what the user was about to say, and detect turns anew from here on."""
        self._forget()
        self._parts.ears.restart()

    def end(self, turn: Turn, end_ms: float) -> None:
        """The user is done: the turn becomes an item, and is answered if the set-up says so."""
        parts, buffer = self._parts, self._parts.ears.input
        parts.outbox.say(SpeechStopped(audio_end_ms=int(end_ms), item_id=turn.item_id))
        turn.stamp("turn_ended", parts.now_ms)
        parts.works.close(turn.question_id)
        audio = buffer.between(turn.start_ms, end_ms)
        buffer.drop_until(end_ms)
        self._take(None)
        self._answers.commit(turn.item_id, audio)
        if parts.answers_turns:
            self._answers.answer(turn)
            self._answers.settle()
        else:
            self._replies.drop_draft()
            parts.hush(is_wanted=False)

    def _follow(self, sign: Sign) -> None:
        turn = self.turn
        if isinstance(sign, VoiceBegan):
            self._began(sign)
        elif turn is not None:
            match sign:
                case EndSuspected():
                    self._speculation.begin(turn, sign.last_voiced_frame)
                case VoiceResumed():
                    self._resumed(turn)
                case TurnQuestioned():
                    self._question(turn)
                case TurnEnded():
                    self.end(turn, self._parts.ears.heard_until_ms)
                case _:
                    pass

    def _began(self, sign: VoiceBegan) -> None:
        parts = self._parts
        turn = Turn(parts.ids("item_"), parts.ears.turn_start_ms(sign.first_frame))
        self._take(turn)
        self._answers.idleness.end()
        parts.outbox.say(SpeechStarted(audio_start_ms=int(turn.start_ms), item_id=turn.item_id))
        if parts.ears.detection is not None and parts.ears.detection.interrupt_response:
            self._answers.leave_unanswered()
            self._replies.drop_draft()
            parts.hush(is_wanted=False)
            parts.ears.interrupted()
            if self._replies.current is not None:
                self._replies.current.end("cancelled", StatusDetails(reason="turn_detected"))
        self._replies.warm()

    def _forget(self) -> None:
        if self.turn is not None:
            self._resumed(self.turn)
        self._take(None)

    def _resumed(self, turn: Turn) -> None:
        self._parts.works.close(turn.question_id)
        self._speculation.drop(turn)

    def _take(self, turn: Turn | None) -> None:
        self.turn, self._parts.turn_item_id = turn, turn.item_id if turn is not None else None

    def _question(self, turn: Turn) -> None:
        parts, until_ms = self._parts, self._parts.ears.heard_until_ms

        def answered(fact: WorkFact) -> None:
            if isinstance(fact, TurnJudged):
                for sign in parts.ears.turn_judged(fact.probability):
                    self._follow(sign)

        parts.works.close(turn.question_id)
        turn.question_id = parts.works.open(answered)
        audio = parts.ears.input.between(max(turn.start_ms, until_ms - _JUDGED_MS), until_ms)
        samples = heard_samples(audio, parts.ears.input.format, parts.config.noise_reduction)
        parts.outbox.do(JudgeTurn(turn.question_id, b"".join(samples)))
