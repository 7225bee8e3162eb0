"""What is said becomes an item, and what is said or asked is answered: joins the conversation and the responses."""

from antiphon.realtime.config import ResponseOptions
from antiphon.realtime.hearing import AudioPlace, Recording
from antiphon.realtime.idleness import Idleness
from antiphon.realtime.items import AudioContent, Item, ItemReference, MessageItem
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies, unread_audio
from antiphon.realtime.response import Response
from antiphon.realtime.server_events import AudioCommitted, IdleTimedOut, ItemAdded, ItemDone
from antiphon.realtime.timing import TurnTiming
from antiphon.realtime.turn import Turn


class AnswerRules:
    """What is said becomes an item; what was asked, in a turn or outright, is answered once its words are known."""

    def __init__(self, parts: Parts, replies: Replies) -> None:
        self.idleness = Idleness(parts.ears)
        self._parts = parts
        self._replies = replies
        self._unanswered: Turn | None = None
        self._answered: Turn | None = None
        self._broken_off: Turn | None = None
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
        """The user goes on speaking: what nobody has heard an answer to yet will be answered with the rest."""
        current = self._replies.current
        if self._unanswered is not None:
            self._broken_off = self._unanswered
        elif current is not None and current.timing is not None and not current.outputs.num_begun:
            self._broken_off = self._answered
        self._unanswered = None

    def respond(self, options: ResponseOptions, timing: TurnTiming | None = None) -> None:
        """Begin a response; one that is in the conversation answers all that was said in it."""
        if not options.is_out_of_band:
            self._unanswered = self._broken_off = None
            self.idleness.end()
        for item in options.input or ():
            self._listen_for_model(item)
        self._replies.respond(options, timing)

    def settle(self) -> None:
        """Do what waited for words, for the end of a response, or for time to pass."""
        self._replies.advance()
        if self._parts.config.kind == "transcription":
            self._answer_nothing()
            return
        if self._replies.current is None:
            self._answer_turn()
        if self._replies.current is None and self._unanswered is None and self._parts.turn_item_id is None:
            self._follow_silence()

    def _answer_nothing(self) -> None:
        self.idleness.end()
        if self._unanswered is not None:
            self._unanswered = None
            self._replies.drop_draft()
            self._parts.hush(is_wanted=False)

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
            config = self._parts.config
            recording = Recording(
                content.audio, content.format, config.transcription, config.noise_reduction, is_urgent=is_urgent
            )
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
            if hearing.words(place) == "":
                self._pass_over_noise()
                return
        self._answered = turn
        self.respond(ResponseOptions(), turn.timing)

    def _pass_over_noise(self) -> None:
        """Nothing was said in the turn: it is an item, but nobody waits for an answer, unless to what it broke off."""
        self._replies.drop_draft()
        self._parts.hush(is_wanted=False)
        self._followed = None
        self._unanswered, self._broken_off = self._broken_off, None
        self._answer_turn()

    def _follow_silence(self) -> None:
        """Once a response was played, the user has so long to say something."""
        parts, last = self._parts, self._replies.last
        if last is not None and last is not self._followed:
            self._followed = last
            self.idleness.begin(max(parts.now_ms, last.pacer.played_by_ms))
        ends_at_ms = self.idleness.ends_at_ms
        if ends_at_ms is not None and parts.now_ms >= ends_at_ms:
            self._go_on_alone()

    def _go_on_alone(self) -> None:
        """The user said nothing: the model is to say something to that."""
        parts, item_id = self._parts, self._parts.ids("item_")
        start_ms, end_ms = int(self.idleness.began_ms), int(parts.ears.input.end_ms)
        parts.outbox.say(IdleTimedOut(audio_start_ms=start_ms, audio_end_ms=end_ms, item_id=item_id))
        parts.hearing.note_silence(AudioPlace(item_id))
        self.commit(item_id, b"")
        self.respond(ResponseOptions())
