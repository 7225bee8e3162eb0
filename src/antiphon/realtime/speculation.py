"""What is done for a turn before it is certainly over: its words are learned, and an answer to them is begun.

The client sees no trace of it where the user goes on speaking.
"""

from antiphon.realtime.hearing import AudioPlace, Recording
from antiphon.realtime.items import AudioContent, MessageItem
from antiphon.realtime.parts import Parts
from antiphon.realtime.replies import Replies, unread_audio
from antiphon.realtime.timing import TurnTiming
from antiphon.realtime.turn import Turn

# Of a longer turn nothing is made before its end: each of its many pauses would have all of it recognised again.
_MOST_MS = 60_000


class Speculation:
    """Begins at each pause of the user, and is dropped where the voice comes back."""

    def __init__(self, parts: Parts, replies: Replies) -> None:
        self._parts = parts
        self._replies = replies

    def begin(self, turn: Turn, last_voiced_frame: int) -> None:
        """The turn may be over since this frame."""
        parts = self._parts
        since_voice_ms = parts.ears.input.end_ms - parts.ears.frame_ms(last_voiced_frame + 1)
        turn.timing = TurnTiming(parts.now_ms - since_voice_ms)
        turn.stamp("end_suspected", parts.now_ms)
        if parts.answers_turns:
            parts.hush(is_wanted=True)
        if parts.ears.heard_until_ms - turn.start_ms > _MOST_MS:
            return
        if parts.abilities.takes_audio:
            self._begin_answer(turn)
        elif parts.config.kind == "realtime" or parts.config.transcription is not None:
            said = self._said_so_far(turn)
            recording = Recording(said.audio, said.format, parts.config.transcription, parts.config.noise_reduction)
            parts.hearing.listen(AudioPlace(turn.item_id), recording, lambda _: self._words_are_there(turn))

    def drop(self, turn: Turn) -> None:
        """The user goes on, or the turn is forgotten."""
        self._replies.drop_draft()
        self._parts.hearing.forget(AudioPlace(turn.item_id))
        self._parts.hush(is_wanted=False)
        turn.timing = None

    def _words_are_there(self, turn: Turn) -> None:
        turn.stamp("recognised", self._parts.now_ms)
        if turn.item_id == self._parts.turn_item_id and self._parts.hearing.words(AudioPlace(turn.item_id)):
            self._begin_answer(turn)

    def _begin_answer(self, turn: Turn) -> None:
        """Begin to answer, where an answer is wanted and nothing else is still to be known."""
        known = self._parts.conversation.known()
        is_unclear = any(self._parts.hearing.is_pending(place) for item in known for place, _ in unread_audio(item))
        is_wanted = self._parts.answers_turns and self._replies.current is None
        if is_wanted and not is_unclear and turn.timing is not None:
            item = MessageItem(id=turn.item_id, role="user", content=(self._said_so_far(turn),))
            self._replies.draft(item, turn.timing)

    def _said_so_far(self, turn: Turn) -> AudioContent:
        ears = self._parts.ears
        audio = ears.input.between(turn.start_ms, ears.heard_until_ms)
        return AudioContent(audio=audio, format=ears.input.format)
