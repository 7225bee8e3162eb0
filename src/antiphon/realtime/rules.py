"""The rules that join the machines of a session: what follows for one from what another has come to.

`AnswerRules` joins the conversation, what is heard in it, and the responses; `TurnRules` joins the user's voice to
them.
"""

from dataclasses import dataclass

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.config import ResponseOptions, ServerVad, TurnDetection
from antiphon.realtime.effects import JudgeTurn
from antiphon.realtime.facts import TurnJudged, VoiceJudged
from antiphon.realtime.hearing import AudioPlace, Recording
from antiphon.realtime.input import resampled
from antiphon.realtime.items import AudioContent, Item, ItemReference, MessageItem
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies, unread_audio
from antiphon.realtime.response import Response
from antiphon.realtime.server_events import (
    AudioCommitted,
    IdleTimedOut,
    ItemAdded,
    ItemDone,
    SpeechStarted,
    SpeechStopped,
    StatusDetails,
)
from antiphon.realtime.timing import TurnTiming
from antiphon.realtime.turns.signs import EndSuspected, Sign, TurnEnded, TurnQuestioned, VoiceBegan, VoiceResumed
from antiphon.realtime.works import WorkFact

# The judge of turns listens to no more than this.
_JUDGED_MS = 8_000


@dataclass(slots=True)
class Turn:
    """What the user is saying: it will be this item, and began at this position."""

    item_id: str
    start_ms: float
    timing: TurnTiming | None = None
    question_id: str | None = None

    def stamp(self, stage: str, now_ms: float) -> None:
        """Note a stage of the turn's end."""
        if self.timing is not None:
            self.timing.stamp(stage, now_ms)


class AnswerRules:
    """What is said becomes an item; what was asked, in a turn or outright, is answered once its words are known."""

    def __init__(self, parts: Parts, replies: Replies) -> None:
        self.idle_at_ms: float | None = None
        self._parts = parts
        self._replies = replies
        self._unanswered: Turn | None = None
        self._idle_from_ms = 0.0
        self._followed: Response | None = None

    def commit(self, item_id: str, audio: bytes) -> None:
        """Let audio of the buffer become an item."""
        content = AudioContent(audio=audio, format=self._parts.ears.input.format)
        previous_id = self._parts.conversation.last_id
        self._parts.outbox.say(AudioCommitted(item_id=item_id, previous_item_id=previous_id))
        self.add(MessageItem(id=item_id, role="user", content=(content,)), previous_id)

    def add(self, item: Item, previous_id: str | None) -> None:
        """Put a whole item into the conversation, and listen to its audio."""
        parts = self._parts
        parts.conversation.insert(item, previous_id)
        parts.outbox.say(ItemAdded(item=item, previous_item_id=previous_id))
        parts.outbox.say(ItemDone(item=item, previous_item_id=previous_id))
        self._listen_for_model(item)
        self._listen_for_client(item)

    def answer(self, turn: Turn) -> None:
        """Let a turn that is an item now be answered, unless nothing was said in it."""
        self._unanswered = turn

    def leave_unanswered(self) -> None:
        """The user goes on speaking: what was not answered yet will be answered with the rest."""
        self._unanswered = self.idle_at_ms = None

    def respond(self, options: ResponseOptions, timing: TurnTiming | None = None) -> None:
        """Begin a response; one that is in the conversation answers all that was said in it."""
        if not options.is_out_of_band:
            self._unanswered = self.idle_at_ms = None
        for item in options.input or ():
            self._listen_for_model(item)
        self._replies.respond(options, timing)

    def settle(self) -> None:
        """Do what waited for words, for the end of a response, or for time to pass."""
        self._replies.advance()
        if self._replies.current is None:
            self._await_idleness()
            self._answer_turn()
        if self.idle_at_ms is not None and self._parts.now_ms >= self.idle_at_ms:
            self._go_on_alone()

    def _listen_for_model(self, item: Item | ItemReference) -> None:
        """Learn the words of audio that the model cannot hear."""
        if self._parts.config.kind == "realtime" and not self._parts.abilities.takes_audio:
            for place, content in unread_audio(item):
                self._listen_to(place, content, is_urgent=True)

    def _listen_for_client(self, item: Item) -> None:
        """Let the client read what is said in an item."""
        if self._parts.config.transcription is not None:
            for place, content in unread_audio(item):
                self._listen_to(place, content, is_urgent=False)
                self._parts.hearing.tell(place, content.duration_ms / 1000)

    def _listen_to(self, place: AudioPlace, content: AudioContent, *, is_urgent: bool) -> None:
        if not self._parts.hearing.knows(place):
            recording = Recording(content.audio, content.format, self._parts.config.transcription, is_urgent=is_urgent)
            self._parts.hearing.listen(place, recording, lambda _: None)

    def _answer_turn(self) -> None:
        turn, hearing = self._unanswered, self._parts.hearing
        if turn is None:
            return
        place = AudioPlace(turn.item_id)
        if not self._parts.abilities.takes_audio:
            if hearing.is_pending(place):
                return
            turn.stamp("recognised", self._parts.now_ms)
            # A turn in which nothing was said was a noise. It is an item all the same, but nobody waits for an answer.
            if hearing.words(place) == "":
                self._unanswered = None
                self._replies.drop_draft()
                self._parts.hush(is_wanted=False)
                return
        self.respond(ResponseOptions(), turn.timing)

    def _await_idleness(self) -> None:
        """Once a response was played, the user has so long to say something."""
        last, detection = self._replies.last, self._parts.ears.detection
        if last is None or last is self._followed:
            return
        self._followed = last
        if isinstance(detection, ServerVad) and detection.idle_timeout_ms is not None:
            self._idle_from_ms = self._parts.ears.input.end_ms
            self.idle_at_ms = max(self._parts.now_ms, last.pacer.played_by_ms) + detection.idle_timeout_ms

    def _go_on_alone(self) -> None:
        """The user said nothing: the model is to say something to that."""
        parts, item_id = self._parts, self._parts.ids("item_")
        self.idle_at_ms = None
        start_ms, end_ms = int(self._idle_from_ms), int(parts.ears.input.end_ms)
        parts.outbox.say(IdleTimedOut(audio_start_ms=start_ms, audio_end_ms=end_ms, item_id=item_id))
        parts.hearing.note_silence(AudioPlace(item_id))
        self.commit(item_id, b"")
        self.respond(ResponseOptions())


class TurnRules:
    """Follows the user's turn: it interrupts, it is answered before it is certainly over, and it becomes an item."""

    def __init__(self, parts: Parts, replies: Replies, answers: AnswerRules) -> None:
        self.turn: Turn | None = None
        self._parts = parts
        self._replies = replies
        self._answers = answers

    def hear(self, fact: VoiceJudged) -> None:
        """Follow the signs of what was judged."""
        for sign in self._parts.ears.judged(fact):
            self._follow(sign)
        if self.turn is None:
            self._parts.ears.forget_silence()

    def restart(self, detection: TurnDetection | None) -> None:
        """Forget what the user was about to say, and detect turns in this way from here on."""
        if self.turn is not None:
            self._resumed(self.turn)
        self.turn = None
        self._parts.ears.restart(detection)

    def end(self, turn: Turn, end_ms: float) -> None:
        """The user is done: the turn becomes an item, and is answered if the set-up says so."""
        parts, buffer = self._parts, self._parts.ears.input
        parts.outbox.say(SpeechStopped(audio_end_ms=int(end_ms), item_id=turn.item_id))
        turn.stamp("turn_ended", parts.now_ms)
        parts.works.close(turn.question_id)
        audio = buffer.between(turn.start_ms, end_ms)
        buffer.drop_until(end_ms)
        self.turn = None
        self._answers.commit(turn.item_id, audio)
        if self._answers_turns():
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
                    self._end_suspected(turn, sign)
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
        turn = self.turn = Turn(parts.ids("item_"), parts.ears.turn_start_ms(sign.first_frame))
        parts.outbox.say(SpeechStarted(audio_start_ms=int(turn.start_ms), item_id=turn.item_id))
        if parts.ears.detection is not None and parts.ears.detection.interrupt_response:
            self._answers.leave_unanswered()
            self._replies.drop_draft()
            parts.hush(is_wanted=False)
            parts.ears.playback.cut(parts.ears.input.end_ms)
            if self._replies.current is not None:
                self._replies.current.end("cancelled", StatusDetails(reason="turn_detected"))
        self._replies.warm()

    def _end_suspected(self, turn: Turn, sign: EndSuspected) -> None:
        parts = self._parts
        since_voice_ms = parts.ears.input.end_ms - parts.ears.frame_ms(sign.last_voiced_frame + 1)
        turn.timing = TurnTiming(parts.now_ms - since_voice_ms)
        turn.stamp("end_suspected", parts.now_ms)
        if self._answers_turns():
            parts.hush(is_wanted=True)
        place, transcription = AudioPlace(turn.item_id), parts.config.transcription
        if parts.abilities.takes_audio:
            self._speculate(turn)
        elif parts.config.kind == "realtime" or transcription is not None:
            item = self._supposed_item(turn)
            recording = Recording(item.audio, item.format, transcription)
            parts.hearing.listen(place, recording, lambda _: self._words_are_there(turn))

    def _words_are_there(self, turn: Turn) -> None:
        turn.stamp("recognised", self._parts.now_ms)
        if turn is self.turn and self._parts.hearing.words(AudioPlace(turn.item_id)):
            self._speculate(turn)

    def _speculate(self, turn: Turn) -> None:
        """Begin to answer, where an answer is wanted and nothing else is still to be known."""
        known = self._parts.conversation.known()
        is_unclear = any(self._parts.hearing.is_pending(place) for item in known for place, _ in unread_audio(item))
        if self._answers_turns() and self._replies.current is None and not is_unclear and turn.timing is not None:
            item = MessageItem(id=turn.item_id, role="user", content=(self._supposed_item(turn),))
            self._replies.draft(item, turn.timing)

    def _resumed(self, turn: Turn) -> None:
        self._parts.works.close(turn.question_id)
        self._replies.drop_draft()
        self._parts.hearing.forget(AudioPlace(turn.item_id))
        self._parts.hush(is_wanted=False)
        turn.timing = None

    def _question(self, turn: Turn) -> None:
        parts, until_ms = self._parts, self._parts.ears.heard_until_ms

        def answered(fact: WorkFact) -> None:
            if isinstance(fact, TurnJudged):
                for sign in parts.ears.turn_judged(fact.probability):
                    self._follow(sign)

        parts.works.close(turn.question_id)
        turn.question_id = parts.works.open(answered)
        audio = parts.ears.input.between(max(turn.start_ms, until_ms - _JUDGED_MS), until_ms)
        samples = AudioFormat.PCM16.encode(resampled(audio, parts.ears.input.format))
        parts.outbox.do(JudgeTurn(turn.question_id, samples))

    def _supposed_item(self, turn: Turn) -> AudioContent:
        ears = self._parts.ears
        audio = ears.input.between(turn.start_ms, ears.heard_until_ms)
        return AudioContent(audio=audio, format=ears.input.format)

    def _answers_turns(self) -> bool:
        detection = self._parts.ears.detection
        return self._parts.config.kind == "realtime" and detection is not None and detection.create_response
