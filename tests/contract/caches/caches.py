"""The prompt caches that the contract holds for, each with what the suite needs to know of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.contract.engines.subjects import gathered
from tests.fixtures.weights import weights_of

from antiphon.engines.llama.cache.cache import LlamaPromptCache
from antiphon.engines.llama.fleet import FleetLimits, LlamaFleet
from antiphon.engines.registry.uncached import NothingCached
from antiphon.generation.work import ChatWork
from antiphon.ports import PromptCache
from antiphon.testing.prompt_cache import PromptCacheInMemory
from antiphon.wire.cache import CacheEntry, CacheExplanation
from antiphon.wire.chat.request import ChatRequest

# The embedded engine keeps whole chunks of 64 tokens.
WORDS_OF_MORE_THAN_A_CHUNK = 100

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


@asynccontextmanager
async def llama() -> AsyncIterator[Subject]:
    """The embedded engine's, in the slots of a small model's process, without a disk."""
    entry, weights = weights_of("smollm2-135m-instruct")
    with TemporaryDirectory() as states:
        cache = LlamaPromptCache(Path(states), None, disk_bytes=0, model_of=lambda _key: entry.name)
        fleet = LlamaFleet(lambda _entry: weights, FleetLimits(num_threads=2, num_slots=4, num_waiting=8), cache)
        await cache.open()
        num_asked = 0

        async def ask(organization: str) -> str:
            nonlocal num_asked
            num_asked += 1
            content = f"{num_asked} " * WORDS_OF_MORE_THAN_A_CHUNK
            body = {"model": entry.name, "messages": [{"role": "user", "content": content}], "max_tokens": 1}
            work = ChatWork(f"chatcmpl-{num_asked}", organization, entry.name, ChatRequest.model_validate(body))
            engine = fleet.text_engine(entry, "interactive")
            assert engine is not None
            await gathered(engine.chat(work))
            return work.id

        try:
            yield Subject(cache, ask)
        finally:
            await fleet.drain(grace_s=0)
            await cache.close()


# Those that keep something; the others are held to the first half of the contract alone.
KEEPING: dict[str, Callable[[], AbstractAsyncContextManager[Subject]]] = {"memory": in_memory, "llama": llama}


@asynccontextmanager
async def nothing_cached() -> AsyncIterator[PromptCache]:
    """The cache of a server whose engines keep no prompts."""
    yield NothingCached()


NOT_KEEPING: dict[str, Callable[[], AbstractAsyncContextManager[PromptCache]]] = {"nothing": nothing_cached}
