"""The embedded models that run, each in processes of its own: one for each urgency of work."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel
from antiphon.engines.llama.asking import Asking
from antiphon.engines.llama.cache.cache import LlamaPromptCache
from antiphon.engines.llama.cache.keeper import PromptKeeper
from antiphon.engines.llama.cached_model import CachedModel
from antiphon.engines.llama.embedding import LlamaEmbedding
from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.server import BATCH_TOKENS, LlamaServer, ProcessConfig
from antiphon.engines.supervisor.hush import Hush
from antiphon.engines.supervisor.supervisor import Supervisor
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import Urgency
from antiphon.prefix.key import PrefixKey

# The memory that a slot's context takes is held from the start: a quarter of a gigabyte for 16k tokens of the default
# model. What a model could read beyond that takes this kind of machine minutes.
# A conversation keeps its slot between its turns: half of that is an hour of talk, and takes half the memory.
MAX_CONTEXT_TOKENS: dict[Urgency, int] = {"spoken": 8_192, "interactive": 16_384, "bulk": 16_384}
# So many conversations go on at once before one's prompt is computed anew; two cores speak for fewer.
NUM_SPOKEN_SLOTS = 4
# Bulk work waits for slots rather than for memory.
NUM_BULK_SLOTS = 2
NUM_EMBEDDING_SLOTS = 2
# Work that somebody waits for: its processes run before the first request.
AWAITED: tuple[Urgency, ...] = ("interactive", "spoken")
# How long work goes on with weights that were replaced by others.
LEAVING_GRACE_S = 30


@dataclass(frozen=True, slots=True)
class FleetLimits:
    """What each process may use: `num_waiting` requests may wait for its slots."""

    num_threads: int
    num_slots: int
    num_waiting: int


@dataclass(frozen=True, slots=True)
class _Running:
    """A process, the weights that it runs, and what is asked of it."""

    server: LlamaServer
    weights: StoredModel
    modified_at_ns: int
    engine: LlamaEngine | None = None
    keeper: PromptKeeper | None = None
    embedding: LlamaEmbedding | None = None


class LlamaFleet:
    """Starts a process for a model when it is first wanted, and keeps it.

    `stored` tells where a model's weights are, `None` where they are not here. With a `cache`, prompts are kept for
    later requests; those of spoken conversations stay in slots of their own.
    """

    def __init__(
        self,
        stored: Callable[[Entry], StoredModel | None],
        limits: FleetLimits,
        cache: LlamaPromptCache | None = None,
    ) -> None:
        self._stored = stored
        self._limits = limits
        self._cache = cache
        self._running: dict[tuple[str, Urgency], _Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._hush = Hush(self._less_urgent)

    def has(self, entry: Entry) -> bool:
        """Whether the model's weights are here."""
        return self._stored(entry) is not None

    def text_engine(self, entry: Entry, urgency: Urgency) -> LlamaEngine | None:
        """Return the engine of a chat model, `None` where its weights are not here.

        Its process starts when it is used, that for spoken work at once.
        """
        running = self._of(entry, urgency)
        return running.engine if running is not None else None

    def embedding_engine(self, entry: Entry) -> LlamaEmbedding | None:
        """Return the engine of an embedding model, `None` where its weights are not here."""
        running = self._of(entry, "interactive")
        return running.embedding if running is not None else None

    def servers(self) -> "list[tuple[str, Urgency, LlamaServer]]":
        """Return every process with its model's name and the urgency of its work."""
        return [(name, urgency, running.server) for (name, urgency), running in self._running.items()]

    def hush(self) -> AbstractContextManager[None]:
        """Let all processes of less than spoken work pause while the block lasts, as long as they can bear."""
        return self._hush.hush()

    def start(self, entry: Entry) -> None:
        """Start a model's processes for those who wait before anybody asks; does nothing where it is not here."""
        for urgency in AWAITED:
            running = self._of(entry, urgency)
            if running is not None:
                self._begin(running)

    def is_ready(self, entry: Entry) -> bool:
        """Whether a model's processes for those who wait would begin at once."""
        awaited = [self._running.get((entry.name, urgency)) for urgency in AWAITED]
        return all(running is not None and running.server.supervisor.is_ready for running in awaited)

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s`, and end all processes."""
        servers = [running.server for running in self._running.values()]
        await asyncio.gather(*(server.drain(grace_s) for server in servers))
        await asyncio.gather(*self._tasks, return_exceptions=True)  # each was told where it failed

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _less_urgent(self) -> "list[Supervisor]":
        return [running.server.supervisor for (_, urgency), running in self._running.items() if urgency != "spoken"]

    def _of(self, entry: Entry, urgency: Urgency) -> _Running | None:
        """Return what runs, after a look at whether its weights still are the file that it was started with."""
        key = (entry.name, urgency)
        running = self._running.get(key)
        if running is not None and _modified_at_ns(running.weights) == running.modified_at_ns:
            return running
        if running is not None:
            del self._running[key]
            if running.keeper is not None and self._cache is not None:
                self._cache.forget_keeper(running.keeper)
            self._keep(running.server.drain(grace_s=LEAVING_GRACE_S))
        weights = self._stored(entry)
        if weights is None:
            return None
        found = self._running[key] = self._prepared(entry, weights, urgency)
        if urgency == "spoken":
            # Somebody is about to speak: the process is there by the time the first words are.
            self._begin(found)
        return found

    def _begin(self, running: _Running) -> None:
        running.server.supervisor.start()
        if running.engine is not None:
            self._keep(running.engine.prepare())

    def _prepared(self, entry: Entry, weights: StoredModel, urgency: Urgency) -> _Running:
        is_embedding = entry.kind == "embedding"
        context_tokens = min(entry.context_tokens, MAX_CONTEXT_TOKENS[urgency])
        config = ProcessConfig(
            model_path=str(weights.path),
            context_tokens=context_tokens,
            num_slots=NUM_EMBEDDING_SLOTS if is_embedding else self._num_slots(urgency),
            num_threads=self._limits.num_threads,
            # An input to embed is computed whole.
            batch_tokens=context_tokens if is_embedding else BATCH_TOKENS,
            urgency=urgency,
            is_embedding=is_embedding,
            state_folder=str(self._cache.folder) if self._cache is not None else None,
        )
        server = LlamaServer(_name(entry, urgency), config, max_waiting=self._limits.num_waiting)
        modified_at_ns = _modified_at_ns(weights)
        if is_embedding:
            return _Running(server, weights, modified_at_ns, embedding=LlamaEmbedding(server, entry))
        keeper = self._cache.keeper(server) if self._cache is not None and urgency != "spoken" else None
        cached = CachedModel(Asking(server, entry.name, _key(weights, config)), keeper) if keeper is not None else None
        engine = LlamaEngine(server, entry, _profile(weights, context_tokens), cached)
        return _Running(server, weights, modified_at_ns, engine=engine, keeper=keeper)

    def _num_slots(self, urgency: Urgency) -> int:
        match urgency:
            case "spoken":
                return NUM_SPOKEN_SLOTS
            case "interactive":
                return self._limits.num_slots
            case "bulk":
                return NUM_BULK_SLOTS


def _name(entry: Entry, urgency: Urgency) -> str:
    return entry.name if urgency == "interactive" else f"{entry.name} ({urgency})"


def _modified_at_ns(weights: StoredModel) -> int:
    """Return when the file changed last, 0 where it is gone."""
    try:
        return weights.path.stat().st_mtime_ns
    except OSError:
        return 0


def _key(weights: StoredModel, config: ProcessConfig) -> PrefixKey:
    """Return all that changes what a process computes for the same tokens, for no organisation yet."""
    build = f"xllamacpp {version('xllamacpp')} batch {config.batch_tokens} threads {config.num_threads}"
    return PrefixKey(
        organization="",
        weights_digest=weights.sha256,
        quantization="as in the weights",
        kv_type="f16",
        engine_build=build,
        template_digest="",
    )


def _profile(weights: StoredModel, context_tokens: int) -> EngineProfile:
    build = version("xllamacpp").replace(".", "")
    return EngineProfile(
        fingerprint=f"fp_{weights.sha256[:10]}{build}",
        context_tokens=context_tokens,
        max_top_logprobs=20,
    )
