"""One item of a response while it is made: what the client is told of it, and what it has become so far."""

from typing import Protocol

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.clause import SpokenFrame
from antiphon.realtime.items import AudioContent, FunctionCallItem, Item, ItemStatus, MessageItem, TextContent
from antiphon.realtime.outbox import Outbox
from antiphon.realtime.server_events import (
    ArgumentsDelta,
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    ContentPartAdded,
    ContentPartDone,
    Place,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
)
from antiphon.speech.words import TimedWord


class OutputItem(Protocol):
    """An item that grows."""

    def open(self) -> None:
        """Tell the client what follows the item's being added."""
        ...

    def close(self, status: ItemStatus) -> Item:
        """Tell the client all that comes before the item's being done; return what it became."""
        ...

    def item(self, status: ItemStatus) -> Item:
        """Return what the item is so far."""
        ...


class WrittenMessage:
    """A message to be read."""

    def __init__(self, place: Place, outbox: Outbox) -> None:
        self._place = place
        self._outbox = outbox
        self._texts: list[str] = []
        self._is_open = False

    def open(self) -> None:
        """Announce the one part."""
        self._is_open = True
        self._outbox.say(ContentPartAdded(place=self._place, kind="text"))

    def write(self, text: str) -> None:
        """Add words."""
        self._texts.append(text)
        self._outbox.say(TextDelta(place=self._place, delta=text))

    def close(self, status: ItemStatus) -> MessageItem:
        """Tell the whole text; one that was broken off is told as far as it went."""
        text = "".join(self._texts)
        self._outbox.say(TextDone(place=self._place, text=text))
        self._outbox.say(ContentPartDone(place=self._place, kind="text", text=text))
        return self.item(status)

    def item(self, status: ItemStatus) -> MessageItem:
        """Return the message so far."""
        content = (TextContent("".join(self._texts)),) if self._is_open else ()
        return MessageItem(id=self._place.item_id, role="assistant", content=content, status=status)


class SpokenMessage:
    """A message to be heard: its transcript runs just ahead of its audio."""

    def __init__(self, place: Place, audio_format: AudioFormat, outbox: Outbox) -> None:
        self._place = place
        self._format = audio_format
        self._outbox = outbox
        self._audio = bytearray()
        self._words: list[TimedWord] = []
        self._is_open = False

    @property
    def duration_ms(self) -> float:
        """How much audio was sent."""
        return self._format.ms(len(self._audio))

    def open(self) -> None:
        """Announce the one part."""
        self._is_open = True
        self._outbox.say(ContentPartAdded(place=self._place, kind="audio"))

    def speak(self, frame: SpokenFrame, clause_start_ms: float) -> None:
        """Send a frame of the clause that began at `clause_start_ms`, its words first."""
        for word in frame.words:
            start_ms, end_ms = clause_start_ms + word.start_ms, clause_start_ms + word.end_ms
            self._words.append(TimedWord(word.text, start_ms, end_ms))
            self._outbox.say(TranscriptDelta(place=self._place, delta=word.text, start_ms=start_ms))
        if len(frame.samples):
            audio = self._format.encode(frame.samples)
            self._audio += audio
            self._outbox.say(AudioDelta(place=self._place, audio=audio))

    def close(self, status: ItemStatus) -> MessageItem:
        """Tell that all audio was sent, and the words that were sent with it."""
        transcript = self._transcript()
        self._outbox.say(AudioDone(self._place))
        self._outbox.say(TranscriptDone(place=self._place, transcript=transcript))
        self._outbox.say(ContentPartDone(place=self._place, kind="audio", text=transcript))
        return self.item(status)

    def item(self, status: ItemStatus) -> MessageItem:
        """Return the message so far."""
        spoken = AudioContent(
            audio=bytes(self._audio),
            format=self._format,
            transcript=self._transcript(),
            words=tuple(self._words),
        )
        content = (spoken,) if self._is_open else ()
        return MessageItem(id=self._place.item_id, role="assistant", content=content, status=status)

    def _transcript(self) -> str:
        return "".join(word.text for word in self._words)


class FunctionCall:
    """A call, whose arguments are told as they are written."""

    def __init__(self, place: Place, call_id: str, name: str, outbox: Outbox) -> None:
        self._place = place
        self._call_id = call_id
        self._name = name
        self._outbox = outbox
        self._arguments: list[str] = []

    def open(self) -> None:
        """A call has no parts to announce."""

    def add(self, arguments: str) -> None:
        """Add to the arguments."""
        if arguments:
            self._arguments.append(arguments)
            self._outbox.say(ArgumentsDelta(place=self._place, call_id=self._call_id, delta=arguments))

    def close(self, status: ItemStatus) -> FunctionCallItem:
        """Tell the whole arguments, unless they were broken off: half a JSON text is nobody's to read."""
        call = self.item(status)
        if status == "completed":
            self._outbox.say(
                ArgumentsDone(place=self._place, call_id=call.call_id, name=call.name, arguments=call.arguments)
            )
        return call

    def item(self, status: ItemStatus) -> FunctionCallItem:
        """Return the call so far."""
        return FunctionCallItem(
            id=self._place.item_id,
            call_id=self._call_id,
            name=self._name,
            arguments="".join(self._arguments),
            status=status,
        )
