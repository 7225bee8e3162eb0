"""What the machine wants done. The shell performs effects in their order and tells the outcome as facts."""

import msgspec

from antiphon.audio.formats import AudioFormat
from antiphon.realtime.config import NoiseReduction, Tool, ToolChoice
from antiphon.realtime.items import Item
from antiphon.realtime.server_events import ServerEvent


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """All that a model is to know. Of a spoken item it gets the audio if it can hear, or else the transcript."""

    instructions: str
    items: tuple[Item, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool | None = None
    temperature: float | None = None
    max_output_tokens: int | None = None


class Send(msgspec.Struct, frozen=True, gc=False):
    """Tell the client."""

    event: ServerEvent


class JudgeVoice(msgspec.Struct, frozen=True, gc=False):
    """Judge frames of 512 samples (signed 16-bit little-endian at 16 kHz), each of them once, in order."""

    first_frame: int
    samples: bytes


class ForgetVoice(msgspec.Struct, frozen=True, gc=False):
    """The audio that follows is not continued from what was judged: begin anew."""


class JudgeTurn(msgspec.Struct, frozen=True, gc=False):
    """Judge whether the speaker of these samples (16-bit, 16 kHz, the last 8 s at most) is done."""

    work_id: str
    samples: bytes


class Recognise(msgspec.Struct, frozen=True, kw_only=True):
    """Tell the words in this audio, which engines hear as `realtime.input.heard_samples` says."""

    work_id: str
    audio: bytes
    format: AudioFormat
    noise_reduction: NoiseReduction | None = None
    model: str | None = None
    language: str | None = None
    prompt: str | None = None
    is_urgent: bool = True


class Generate(msgspec.Struct, frozen=True, kw_only=True):
    """Let the model answer. `keeps_slot` is for the conversation itself, whose beginning stays computed."""

    work_id: str
    prompt: Prompt
    keeps_slot: bool = True


class Warm(msgspec.Struct, frozen=True, gc=False):
    """Compute a prompt's beginning before it is needed; nothing is told of it, and the next `Generate` ends it."""

    prompt: Prompt


class Synthesise(msgspec.Struct, frozen=True, kw_only=True):
    """Speak a text. The works of one response are performed in their order."""

    work_id: str
    text: str
    voice: str
    speed: float = 1.0
    is_urgent: bool = False


class CloseWork(msgspec.Struct, frozen=True, gc=False):
    """Nobody wants this work any more."""

    work_id: str


class ReadLimits(msgspec.Struct, frozen=True, gc=False):
    """A response took so many tokens: count them, and tell what is left."""

    num_tokens: int


class WakeAt(msgspec.Struct, frozen=True, gc=False):
    """Tell the time once it is `at_ms`; an earlier `WakeAt` is forgotten. None: no need."""

    at_ms: float | None


class HushOthers(msgspec.Struct, frozen=True, gc=False):
    """A spoken turn waits for this session's first sound (or not any more): other work may pause meanwhile."""

    is_wanted: bool


class EndSession(msgspec.Struct, frozen=True, gc=False):
    """Close the connection with this WebSocket code and reason."""

    code: int
    reason: str


Effect = (
    Send
    | JudgeVoice
    | ForgetVoice
    | JudgeTurn
    | Recognise
    | Generate
    | Warm
    | Synthesise
    | CloseWork
    | ReadLimits
    | WakeAt
    | HushOthers
    | EndSession
)
