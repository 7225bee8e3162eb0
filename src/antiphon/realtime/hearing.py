"""What the user's audio says: recognition of each piece of it, told to the client in the order of the pieces.

Words that the client did not ask to read are kept here, for the model's prompt, and nowhere in the items.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.config import NoiseReduction, Transcription
from antiphon.realtime.conversation import Conversation
from antiphon.realtime.effects import Recognise
from antiphon.realtime.facts import RecognitionDone, WordsHeard, WorkFailed
from antiphon.realtime.items import AudioContent, MessageItem
from antiphon.realtime.outbox import Outbox
from antiphon.realtime.server_events import Fault, TranscriptionCompleted, TranscriptionDelta, TranscriptionFailed
from antiphon.realtime.works import WorkFact, Works
from antiphon.speech.transcript import GrowingText


class AudioPlace(NamedTuple):
    """A piece of audio: the item and which of its contents."""

    item_id: str
    content_index: int = 0


class Recording(NamedTuple):
    """Audio whose words are wanted, and how."""

    audio: bytes
    format: AudioFormat
    transcription: Transcription | None
    noise_reduction: NoiseReduction | None = None
    is_urgent: bool = True


@dataclass(slots=True)
class _Heard:
    """The words of one piece so far. `untold` are those that the client has not read yet, of the text that it reads."""

    work_id: str | None = None
    num_bytes: int = 0
    text: str = ""
    untold: str = ""
    read: GrowingText = field(default_factory=GrowingText)
    fault: Fault | None = None
    is_settled: bool = False

    def add(self, text: str) -> None:
        """Hear more."""
        self.text += text
        self.untold += text

    def take_untold(self) -> str:
        """Return the words that the client does not have yet."""
        untold, self.untold = self.untold, ""
        return self.read.feed(untold) if self.fault is None else ""


@dataclass(frozen=True, slots=True)
class _Untold:
    """A piece whose words the client wants to read."""

    place: AudioPlace
    seconds: float


# Half an hour and more, at the rate of most formats. Who is that far ahead of the recogniser has to wait.
MAX_PENDING_BYTES = 96 * 1024 * 1024
_TOO_MUCH = Fault(
    message="Too much audio waits to be recognised. Send more of it once what was sent before is transcribed.",
    type="server_error",
    code="recognition_overloaded",
)


class Hearing:
    """Knows the words of every piece of the user's audio, or that they are still to come."""

    def __init__(self, works: Works, outbox: Outbox, conversation: Conversation) -> None:
        self._works = works
        self._outbox = outbox
        self._conversation = conversation
        self._heard: dict[AudioPlace, _Heard] = {}
        self._untold = deque[_Untold]()
        self._num_pending_bytes = 0

    def listen(self, place: AudioPlace, recording: Recording, settled: Callable[[AudioPlace], None]) -> None:
        """Begin to recognise a piece, unless too much waits; `settled` is called when its words come, or never will."""

        def receive(fact: WorkFact) -> None:
            self._receive(place, fact)
            if heard.is_settled:
                settled(place)

        self.forget(place)
        num_bytes = len(recording.audio)
        if self._num_pending_bytes + num_bytes > MAX_PENDING_BYTES:
            self._heard[place] = _Heard(is_settled=True, fault=_TOO_MUCH)
            settled(place)
            return
        heard = self._heard[place] = _Heard(work_id=self._works.open(receive), num_bytes=num_bytes)
        self._num_pending_bytes += num_bytes
        wish = recording.transcription
        self._outbox.do(
            Recognise(
                work_id=heard.work_id or "",
                audio=recording.audio,
                format=recording.format,
                noise_reduction=recording.noise_reduction,
                model=wish.model if wish else None,
                language=wish.language if wish else None,
                prompt=wish.prompt if wish else None,
                is_urgent=recording.is_urgent,
            )
        )

    def note_silence(self, place: AudioPlace) -> None:
        """Know without listening that nothing is said."""
        self._heard[place] = _Heard(is_settled=True)

    def tell(self, place: AudioPlace, seconds: float) -> None:
        """Let the client read the words, after those of the pieces before."""
        self._untold.append(_Untold(place, seconds))
        self._tell_what_is_known()

    def forget(self, place: AudioPlace) -> None:
        """Drop a piece: nobody will ask for its words, and the client is told no more of them."""
        heard = self._heard.pop(place, None)
        if heard is not None:
            self._works.close(heard.work_id)
            self._num_pending_bytes -= heard.num_bytes
        self._untold = deque(untold for untold in self._untold if untold.place != place)
        self._tell_what_is_known()

    def forget_item(self, item_id: str) -> None:
        """Drop all pieces of an item."""
        for place in [place for place in self._heard if place.item_id == item_id]:
            self.forget(place)

    def knows(self, place: AudioPlace) -> bool:
        """Whether the piece is, or was, listened to."""
        return place in self._heard

    def is_pending(self, place: AudioPlace) -> bool:
        """Whether the words are still to come."""
        return place in self._heard and not self._heard[place].is_settled

    def fault(self, place: AudioPlace) -> Fault | None:
        """Return why the words will never come, None where nothing went wrong."""
        return self._heard[place].fault if place in self._heard else None

    def words(self, place: AudioPlace) -> str | None:
        """Return what is said, None as long as it is unknown."""
        heard = self._heard.get(place)
        return heard.text.strip() if heard is not None and heard.is_settled and heard.fault is None else None

    def _receive(self, place: AudioPlace, fact: WorkFact) -> None:
        heard = self._heard[place]
        match fact:
            case WordsHeard():
                heard.add(fact.text)
            case RecognitionDone():
                self._settle(heard, None)
            case WorkFailed():
                self._settle(heard, fact.fault)
            case _:
                return
        self._tell_what_is_known()

    def _settle(self, heard: _Heard, fault: Fault | None) -> None:
        heard.is_settled, heard.fault = True, fault
        self._num_pending_bytes -= heard.num_bytes
        heard.num_bytes = 0

    def _tell_what_is_known(self) -> None:
        while self._untold:
            untold = self._untold[0]
            heard = self._heard[untold.place]
            delta = heard.take_untold()
            if delta:
                item_id, index = untold.place
                self._outbox.say(TranscriptionDelta(item_id=item_id, content_index=index, delta=delta))
            if not heard.is_settled:
                return
            self._untold.popleft()
            self._tell_end(untold, heard)

    def _tell_end(self, untold: _Untold, heard: _Heard) -> None:
        item_id, index = untold.place
        if heard.fault is not None:
            self._outbox.say(TranscriptionFailed(item_id=item_id, content_index=index, fault=heard.fault))
            return
        transcript = heard.text.strip()
        self._show(untold.place, transcript)
        self._outbox.say(
            TranscriptionCompleted(item_id=item_id, content_index=index, transcript=transcript, seconds=untold.seconds)
        )

    def _show(self, place: AudioPlace, transcript: str) -> None:
        item = self._conversation.get(place.item_id)
        if not isinstance(item, MessageItem):
            return
        content = list(item.content)
        part = content[place.content_index]
        if isinstance(part, AudioContent):
            content[place.content_index] = msgspec.structs.replace(part, transcript=transcript)
            self._conversation.replace(msgspec.structs.replace(item, content=tuple(content)))
