"""What a conversation consists of. Values: a change makes a new item."""

from typing import Literal

import msgspec

from antiphon.audio.formats import AudioFormat
from antiphon.speech.words import TimedWord

Role = Literal["system", "user", "assistant"]
ItemStatus = Literal["in_progress", "completed", "incomplete"]


class TextContent(msgspec.Struct, frozen=True, gc=False):
    """Written words: `input_text` of system and user, `output_text` (`text` in beta) of the assistant."""

    text: str


class AudioContent(msgspec.Struct, frozen=True, kw_only=True):
    """Spoken words. `words` are there for what we spoke; `transcript` is None until the audio was recognised.

    Audio that is not kept any more is counted in `num_dropped_bytes`: it sounded all the same.
    """

    audio: bytes
    format: AudioFormat
    transcript: str | None = None
    words: tuple[TimedWord, ...] = ()
    num_dropped_bytes: int = 0

    @property
    def num_samples(self) -> int:
        """How many samples the audio has, or had."""
        return (len(self.audio) + self.num_dropped_bytes) // self.format.sample_bytes

    @property
    def duration_ms(self) -> float:
        """How long the audio is."""
        return self.num_samples * 1000 / self.format.rate_hz

    def without_audio(self) -> "AudioContent":
        """Return the same words without the bytes."""
        dropped = len(self.audio) + self.num_dropped_bytes
        return msgspec.structs.replace(self, audio=b"", num_dropped_bytes=dropped)

    def until(self, end_ms: float) -> "AudioContent":
        """Return what was heard by `end_ms`: the audio before it, and the words that ended by then."""
        words = tuple(word for word in self.words if word.end_ms <= end_ms)
        num_bytes = min(self.format.num_bytes(end_ms), self.num_samples * self.format.sample_bytes)
        audio = self.audio[:num_bytes]
        transcript = "".join(word.text for word in words)
        return AudioContent(
            audio=audio,
            format=self.format,
            transcript=transcript,
            words=words,
            num_dropped_bytes=num_bytes - len(audio),
        )


class ImageContent(msgspec.Struct, frozen=True, gc=False):
    """A picture as a data URL."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


Content = TextContent | AudioContent | ImageContent


class MessageItem(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody said something."""

    id: str
    role: Role
    content: tuple[Content, ...] = ()
    status: ItemStatus = "completed"


class FunctionCallItem(msgspec.Struct, frozen=True, kw_only=True):
    """The model calls a function; `arguments` is JSON text."""

    id: str
    call_id: str
    name: str
    arguments: str = ""
    status: ItemStatus = "completed"


class FunctionOutputItem(msgspec.Struct, frozen=True, kw_only=True):
    """What the client's function gave."""

    id: str
    call_id: str
    output: str
    status: ItemStatus = "completed"


class ItemReference(msgspec.Struct, frozen=True, gc=False):
    """An item of the conversation, by its id, in the `input` of a response."""

    id: str


Item = MessageItem | FunctionCallItem | FunctionOutputItem


def num_audio_bytes(item: Item) -> int:
    """Return how many bytes of audio an item holds."""
    if not isinstance(item, MessageItem):
        return 0
    return sum(len(part.audio) for part in item.content if isinstance(part, AudioContent))


def num_chars(item: Item) -> int:
    """Return how many letters a model reads of an item."""
    return sum(map(len, texts_of(item)))


def texts_of(item: Item) -> tuple[str, ...]:
    """Return all that a model reads of an item."""
    if isinstance(item, MessageItem):
        return tuple(map(text_of, item.content))
    return (item.name, item.arguments) if isinstance(item, FunctionCallItem) else (item.output,)


def num_kept_chars(item: Item) -> int:
    """Return how many letters an item holds, those of its pictures' URLs included."""
    pictures = item.content if isinstance(item, MessageItem) else ()
    return num_chars(item) + sum(len(part.url) for part in pictures if isinstance(part, ImageContent))


def num_told_bytes(item: Item) -> int:
    """Return how many bytes the words of an item take as JSON."""
    return sum(len(msgspec.json.encode(text)) for text in texts_of(item))


def text_of(part: Content) -> str:
    """Return the words of a content, written or spoken."""
    if isinstance(part, TextContent):
        return part.text
    return part.transcript or "" if isinstance(part, AudioContent) else ""
