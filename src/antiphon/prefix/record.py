"""What is remembered of one request: its prompt, what the cache did for it, and which of its tokens say what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from antiphon.prefix.entry import Tier
from antiphon.prefix.placement import Prompt
from antiphon.prefix.sequence import Media

# About what a record, its prompt and its place in the indices take beside the tokens.
_RECORD_BYTES = 1024


class Kind(StrEnum):
    """What a stretch of a prompt is made of. `TEMPLATE` is what the model's template puts between."""

    TOOLS = "tools"
    SCHEMA = "schema"
    SYSTEM = "system"
    MESSAGE = "message"
    IMAGE = "image"
    AUDIO = "audio"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a prompt, from the token `start` up to before `end`, and where in the request it comes from.

    `path` is of the body's JSON, such as `messages[2].content[0].text`. `media` are what an image or audio shows.
    """

    start: int
    end: int
    kind: Kind
    message_index: int | None = None
    path: str | None = None
    media: Media | None = None


Segments: TypeAlias = Sequence[Segment]


def no_segments() -> Segments:
    """Tell nothing of where a prompt comes from."""
    return ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the cache did for a request.

    The engine did not compute `reused_tokens` of its prompt. `held_tokens` is how many of its first tokens were held
    anywhere as it was placed, in a slot that works too. `wanted_tokens` is the most that it allows to be reused: None
    is all, 0 is none. `not_cacheable` says in words why the cache cannot hold it; None where it can. `source_id` is the
    entry that gave what was reused, out of `source_tier`; both are None where nothing was.
    """

    reused_tokens: int
    held_tokens: int = 0
    wanted_tokens: int | None = None
    not_cacheable: str | None = None
    source_id: str | None = None
    source_tier: Tier | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One request that was placed, at an instant of the clock that the tree is told of.

    `opening` is a digest of how the request begins that does not depend on the model, by which requests to two models
    are found to be alike; empty where there is none. `segments` is called only if somebody asks for an explanation, in
    the order of the tokens and without gaps; what it keeps alive takes `extra_bytes`.
    """

    id: str
    prompt: Prompt
    outcome: Outcome
    at: float
    opening: str = ""
    segments: Callable[[], Segments] = no_segments
    extra_bytes: int = 0

    @property
    def num_tokens(self) -> int:
        """How many tokens the prompt has."""
        return self.prompt.sequence.num_tokens

    @property
    def num_bytes(self) -> int:
        """About how much memory the record takes."""
        return self.prompt.sequence.num_bytes + self.extra_bytes + _RECORD_BYTES

    def reusable_tokens(self, shared_tokens: int) -> int:
        """Return how many of the tokens that something shares the request would have let be reused."""
        wanted_tokens = self.outcome.wanted_tokens
        return self.prompt.reusable_tokens(
            shared_tokens if wanted_tokens is None else min(shared_tokens, wanted_tokens)
        )
