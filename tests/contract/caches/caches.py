"""The prompt caches that the contract holds for, each with what the suite needs to know of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from antiphon.engines.registry.uncached import NothingCached
from antiphon.ports import PromptCache
from antiphon.testing.prompt_cache import PromptCacheInMemory
from antiphon.wire.cache import CacheEntry, CacheExplanation

Ask = Callable[[str], Awaitable[str]]


@dataclass(frozen=True)
class Subject:
    """A cache under test, empty.

    `ask` asks something new for an organisation, of which one entry is kept by the time it returns, and returns the id
    under which the request can be explained.
    """

    cache: PromptCache
    ask: Ask


@asynccontextmanager
async def in_memory() -> AsyncIterator[Subject]:
    """The fake that ships: its clock is the number of requests."""
    cache = PromptCacheInMemory()
    num_asked = 0

    async def ask(organization: str) -> str:
        nonlocal num_asked
        num_asked += 1
        name = f"chatcmpl-{num_asked}"
        cache.keep(
            CacheEntry(
                id=f"entry_{num_asked}",
                organization=organization,
                model="m",
                num_tokens=2000,
                bytes=4096,
                tiers=("memory",),
                created_at=num_asked,
                last_used_at=num_asked,
                expires_at=num_asked + 600,
            )
        )
        cache.note(
            organization,
            CacheExplanation(
                id=name, model="m", created_at=num_asked, prompt_tokens=2001, matched_tokens=0, cached_tokens=0
            ),
        )
        return name

    yield Subject(cache, ask)


# Those that keep something; the others are held to the first half of the contract alone.
KEEPING: dict[str, Callable[[], AbstractAsyncContextManager[Subject]]] = {"memory": in_memory}


@asynccontextmanager
async def nothing_cached() -> AsyncIterator[PromptCache]:
    """The cache of a server whose engines keep no prompts."""
    yield NothingCached()


NOT_KEEPING: dict[str, Callable[[], AbstractAsyncContextManager[PromptCache]]] = {"nothing": nothing_cached}
