"""What a request wishes of the prompt cache, and what a cache counts."""

from dataclasses import dataclass, field
from typing import Literal, cast

from antiphon.generation.facts import UsageCounted
from antiphon.prefix.report import cached_tokens
from antiphon.wire.chat.messages import AssistantPart, UserPart
from antiphon.wire.chat.request import ChatRequest

# A request writes this many prefixes at most; unless it says `explicit`, one of them is the whole prompt.
MAX_WRITES = 4
# Of the places that a request marks, the latest so many are looked for.
MAX_READ_PLACES = 50

_TTL_S = {"30m": 30 * 60.0, "12h": 12 * 3600.0}
_DEFAULT_TTL = "30m"

# The end of a content part: the message's index and the part's, both from 0.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CacheWishes:
    """How one request's prompt may be cached.

    `key` steers requests that share a prefix to one place. `retention` "in_memory" keeps the prompt off the disk. In
    mode "explicit" only what ends at a breakpoint is looked for and kept, and nothing where there is none. `ttl_s` is
    the least time for which what is kept should stay; None leaves it to the cache. `breakpoints` are the latest
    places at which a reusable prefix ends, in the order of the prompt. Work that is not `discounted` uses the cache,
    and its cached tokens are not told.
    """

    key: str | None = None
    retention: Literal["in_memory", "disk"] = "disk"
    mode: Literal["implicit", "explicit"] = "implicit"
    ttl_s: float | None = None
    breakpoints: tuple[Place, ...] = ()
    discounted: bool = True

    @property
    def written(self) -> tuple[Place, ...]:
        """The breakpoints whose prefixes are to be kept: the latest four, or three beside the prompt itself."""
        num_writes = MAX_WRITES if self.mode == "explicit" else MAX_WRITES - 1
        return self.breakpoints[-num_writes:]


# Of a request that says nothing.
UNSAID = CacheWishes()


def cache_wishes(request: ChatRequest, *, discounted: bool = True) -> CacheWishes:
    """Return what a request wishes, by OpenAI's rules for `prompt_cache_*` and breakpoints.

    A time to live is a minimum: of those that the request gives, the longest holds; it is 30 minutes where the request
    has options or breakpoints and no time.
    """
    options = request.prompt_cache_options
    places, ttls = _marked(request)
    if options is not None:
        ttls.append(options.ttl or _DEFAULT_TTL)
    return CacheWishes(
        key=request.prompt_cache_key,
        retention="in_memory" if request.prompt_cache_retention in {"in_memory", "in-memory"} else "disk",
        mode=(options.mode if options is not None else None) or "implicit",
        ttl_s=max((_TTL_S[ttl] for ttl in ttls), default=None),
        breakpoints=tuple(places[-MAX_READ_PLACES:]),
        discounted=discounted,
    )


def told_cached_tokens(counted: UsageCounted, wishes: CacheWishes) -> int:
    """Return the cached tokens that usage tells: by OpenAI's steps, and to the token in mode "explicit"."""
    if not wishes.discounted:
        return 0
    if wishes.mode == "explicit":
        return max(0, min(counted.cached_tokens, counted.prompt_tokens - 1))
    return cached_tokens(counted.cached_tokens, counted.prompt_tokens)


@dataclass(frozen=True, slots=True)
class TierCounts:
    """What one tier holds at this moment."""

    num_entries: int
    num_bytes: int


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """What the cache of one model did since it was opened, and what it holds.

    `asked_tokens` are those of all prompts that were looked up, `reused_tokens` those that were not computed again.
    `evictions` are by reason: `space`, `expired`, `deleted`, `replaced`. `tiers` are by name: `memory`, `disk`.
    """

    model: str
    num_lookups: int = 0
    num_hits: int = 0
    asked_tokens: int = 0
    reused_tokens: int = 0
    num_restores: int = 0
    restored_bytes: int = 0
    num_saves: int = 0
    evictions: dict[str, int] = field(default_factory=dict[str, int])
    tiers: dict[str, TierCounts] = field(default_factory=dict[str, TierCounts])


def _marked(request: ChatRequest) -> tuple[list[Place], list[str]]:
    """Return the places of all breakpoints in the order of the prompt, and their times to live."""
    places, ttls = list[Place](), list[str]()
    for message_index, message in enumerate(request.messages):
        content = getattr(message, "content", None)
        parts = cast("list[UserPart | AssistantPart]", content) if isinstance(content, list) else []
        for part_index, part in enumerate(parts):
            mark = part.prompt_cache_breakpoint
            if mark is not None:
                places.append((message_index, part_index))
                ttls.append(mark.ttl or _DEFAULT_TTL)
    return places, ttls
