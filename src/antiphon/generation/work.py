"""What an engine is asked to do. An id names its work in logs; closing the iterator of its facts ends it."""

from array import array
from dataclasses import dataclass
from typing import Literal

from antiphon.generation.caching import UNSAID, CacheWishes
from antiphon.schemas import Schema
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

# Spoken: somebody waits for the first sound of an answer. Bulk: nobody waits.
Urgency = Literal["spoken", "interactive", "bulk"]


@dataclass(frozen=True, slots=True)
class ChatWork:
    """One chat completion.

    `model` is the engine's own name for the model. In `request` the older `functions` have become `tools`, and each
    image is a data URL: an engine fetches nothing. `response_schema` is there if the answer must fit one.

    `conversation` names a spoken conversation: an engine with slots keeps its prompt computed between its turns.
    `measures_prompt` asks for a `PromptCounted`. `caching` says how the prompt may be cached.
    """

    id: str
    organization: str
    model: str
    request: ChatRequest
    response_schema: Schema | None = None
    conversation: str | None = None
    measures_prompt: bool = False
    caching: CacheWishes = UNSAID


@dataclass(frozen=True, slots=True)
class CompletionWork:
    """One prompt to continue, `n` times; `prompt` is text or the model's own tokens.

    `caching` says how it may be cached: nothing in a request says so, since OpenAI's older form has no words for it.
    """

    id: str
    organization: str
    model: str
    prompt: str | tuple[int, ...]
    request: CompletionRequest
    caching: CacheWishes = UNSAID


@dataclass(frozen=True, slots=True)
class EmbeddingWork:
    """Texts, or lists of the model's own tokens, each to become one vector."""

    id: str
    organization: str
    model: str
    inputs: tuple[str | tuple[int, ...], ...]
    dimensions: int | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors (float32, unit length) in the order of the inputs, and the tokens that they took."""

    vectors: "tuple[array[float], ...]"  # in Python 3.11 an array cannot be subscripted at run time
    prompt_tokens: int
