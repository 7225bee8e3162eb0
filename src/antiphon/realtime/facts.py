"""What the world tells the machine. A fact of work carries the work's id; facts of closed work mean nothing."""

import msgspec

from antiphon.generation.facts import ChatFact
from antiphon.realtime.server_events import Fault, RateLimit
from antiphon.speech.words import TimedWord


class Tick(msgspec.Struct, frozen=True, gc=False):
    """The time, in ms of a clock that never goes back. The shell tells it ahead of anything else it tells."""

    at_ms: float


class VoiceJudged(msgspec.Struct, frozen=True, gc=False):
    """How likely each frame of a `JudgeVoice` is a voice, in order."""

    first_frame: int
    probabilities: tuple[float, ...]


class TurnJudged(msgspec.Struct, frozen=True, gc=False):
    """How likely the speaker is done, 0 to 1."""

    work_id: str
    probability: float


class WordsHeard(msgspec.Struct, frozen=True, gc=False):
    """More words of a `Recognise`."""

    work_id: str
    text: str


class RecognitionDone(msgspec.Struct, frozen=True, gc=False):
    """All words of a `Recognise` were told."""

    work_id: str


class Generated(msgspec.Struct, frozen=True, gc=False):
    """One fact of a `Generate`."""

    work_id: str
    fact: ChatFact


class PromptMeasured(msgspec.Struct, frozen=True, gc=False):
    """The engine's tokens of a `Generate`'s prompt: of its instructions and tools, and of each item in order.

    It comes before the `UsageCounted` of the work, from engines that can tell.
    """

    work_id: str
    instructions_tokens: int
    item_tokens: tuple[int, ...]


class GenerationDone(msgspec.Struct, frozen=True, gc=False):
    """A `Generate` is over, and told all that it had to."""

    work_id: str


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """Audio of a `Synthesise` (signed 16-bit little-endian at `rate_hz`), with the words that end in it.

    Times of words count from the beginning of the work.
    """

    work_id: str
    samples: bytes
    rate_hz: int
    words: tuple[TimedWord, ...] = ()


class SynthesisDone(msgspec.Struct, frozen=True, gc=False):
    """A `Synthesise` is over."""

    work_id: str


class WorkFailed(msgspec.Struct, frozen=True, kw_only=True):
    """Work ended in an error. `overflow_tokens` is by how much a prompt was too long, where that was the error."""

    work_id: str
    fault: Fault
    overflow_tokens: int | None = None


class LimitsRead(msgspec.Struct, frozen=True, gc=False):
    """The answer to `ReadLimits`."""

    limits: tuple[RateLimit, ...]


Fact = (
    Tick
    | VoiceJudged
    | TurnJudged
    | WordsHeard
    | RecognitionDone
    | Generated
    | PromptMeasured
    | GenerationDone
    | Spoken
    | SynthesisDone
    | WorkFailed
    | LimitsRead
)
