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
    """Spoken words. `words` are there for what we spoke; `transcript` is None until the audio was recognised."""

    audio: bytes
    format: AudioFormat
    transcript: str | None = None
    words: tuple[TimedWord, ...] = ()

    @property
    def duration_ms(self) -> float:
        """How long the audio is."""
        return self.format.ms(len(self.audio))


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
