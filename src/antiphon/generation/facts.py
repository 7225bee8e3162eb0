"""What an engine tells while it works, in the order in which it happens.

Every fact of a choice carries the choice's `index`. A choice ends with one `ChoiceFinished` and nothing of it follows;
`UsageCounted` comes once, last. An engine that fails raises an `EngineError` in place of the rest.
"""

import msgspec

from antiphon.wire.chat.answer import FinishReason, TokenLogprob


class TextProduced(msgspec.Struct, frozen=True, gc=False):
    """More of the answer's text; `logprobs` has an entry for each token of it when they were asked for."""

    index: int
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


class RefusalProduced(msgspec.Struct, frozen=True, gc=False):
    """More of what the model says instead of an answer."""

    index: int
    text: str


class ToolCallStarted(msgspec.Struct, frozen=True, gc=False):
    """The model calls the function `name`; `call` counts the calls of the choice from 0."""

    index: int
    call: int
    id: str
    name: str


class ArgumentsProduced(msgspec.Struct, frozen=True, gc=False):
    """More of a call's arguments, as JSON text."""

    index: int
    call: int
    text: str


class ChoiceFinished(msgspec.Struct, frozen=True, gc=False):
    """The choice is whole, and why it ended there."""

    index: int
    reason: FinishReason


class PromptCounted(msgspec.Struct, frozen=True, gc=False):
    """The engine's tokens of the prompt, message by message; they and `rest_tokens` (tools, the frame) add up to it.

    It comes before `UsageCounted`, where the work asks for it and the engine can tell.
    """

    message_tokens: tuple[int, ...]
    rest_tokens: int


class UsageCounted(msgspec.Struct, frozen=True, gc=False):
    """The engine's own count, over all choices; the prompt counts once.

    `cached_tokens` of the prompt were not computed again, `cache_write_tokens` of it are newly kept for later requests.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    prompt_audio_tokens: int = 0
    completion_audio_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0
    cache_write_tokens: int = 0


ChatFact = (
    TextProduced | RefusalProduced | ToolCallStarted | ArgumentsProduced | ChoiceFinished | PromptCounted | UsageCounted
)
CompletionFact = TextProduced | ChoiceFinished | UsageCounted
