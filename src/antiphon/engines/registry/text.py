"""Which engine answers in text for which name: the embedded models, those of remote servers, and the scripted one."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import msgspec

from antiphon.catalogue.entry import Entry, Kind
from antiphon.catalogue.pulling import StoredModel
from antiphon.catalogue.reading import SCRIPTED_MODEL, Catalogue
from antiphon.engines.llama.cache.cache import LlamaPromptCache
from antiphon.engines.llama.embedding import LlamaEmbedding
from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.fleet import FleetLimits, LlamaFleet
from antiphon.engines.registry.names import meant_by, not_here, wrong_kind
from antiphon.engines.remote.engine import RemoteEngine
from antiphon.engines.scripted.engine import ScriptedEngine
from antiphon.errors import StartRefused
from antiphon.generation.work import Urgency
from antiphon.ports import ChatEngine, CompletionEngine, EmbeddingEngine
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.settings import Settings
from antiphon.wire.engines import Engine
from antiphon.wire.models import Model

OWNER = "antiphon"


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model of a remote engine: our name for it is the key it stands under, `their_name` is the upstream's.

    One of the kind `chat` may embed too.
    """

    engine: RemoteEngine
    engine_name: str
    their_name: str
    embeds: bool
    kind: Kind = "chat"


class EngineRegistry:
    """Implements the port `Engines`. `created_at`, in seconds since 1970, is told of every model."""

    def __init__(
        self, catalogue: Catalogue, fleet: LlamaFleet | None, remotes: dict[str, RemoteModel], *, created_at: int
    ) -> None:
        self._catalogue = catalogue
        self._fleet = fleet
        self._remotes = remotes
        self._scripted = ScriptedEngine()
        self._created_at = created_at

    def chat(self, model: str, *, urgency: Urgency = "interactive") -> tuple[ChatEngine, str]:
        """Find who answers chats as `model`; see `Engines.chat`."""
        return self._text(model, urgency)

    def hush(self) -> AbstractContextManager[None]:
        """Let the embedded engines' less than spoken work pause while the block lasts; see `Engines.hush`."""
        return self._fleet.hush() if self._fleet is not None else nullcontext()

    def completion(self, model: str) -> tuple[CompletionEngine, str]:
        """Find who continues text as `model`; see `Engines.completion`."""
        return self._text(model, "interactive")

    def embedding(self, model: str) -> tuple[EmbeddingEngine, str]:
        """Find who embeds as `model`; see `Engines.embedding`."""
        name = meant_by(self._catalogue, model)
        if name == SCRIPTED_MODEL:
            return self._scripted, name
        if name in self._remotes:
            remote = self._remotes[name]
            if not remote.embeds:
                raise wrong_kind(model, "makes no embeddings", remote.kind)
            return remote.engine, remote.their_name
        entry = self._catalogue.entry(name)
        if entry.kind != "embedding":
            raise wrong_kind(model, "makes no embeddings", entry.kind)
        engine: LlamaEmbedding | None = self._fleet.embedding_engine(entry) if self._fleet is not None else None
        if engine is None:
            raise not_here(model, name)
        return engine, name

    def models(self) -> Sequence[Model]:
        """List the models that are here, then the aliases that mean one of them; see `Engines.models`."""
        models = {name: self._described(name) for name in self._names()}
        aliases = self._catalogue.aliases().items()
        return [
            *models.values(),
            *(msgspec.structs.replace(models[meant], id=alias) for alias, meant in aliases if meant in models),
        ]

    def model(self, name: str) -> Model:
        """Describe a model or an alias; see `Engines.model`."""
        meant = meant_by(self._catalogue, name)
        if meant not in self._names():
            raise not_here(name, meant)
        return msgspec.structs.replace(self._described(meant), id=name)

    def start(self) -> None:
        """Start the default chat model's processes, so that the first request and the first turn find them ready."""
        default = self._default()
        if default is not None and self._fleet is not None:
            self._fleet.start(default)

    def waiting_for(self) -> tuple[str, ...]:
        """Return the names of the models that were started with the server and are not ready yet."""
        default = self._default()
        if default is None or self._fleet is None:
            return ()
        return () if self._fleet.is_ready(default) else (default.name,)

    def statuses(self) -> Sequence[Engine]:
        """Tell how every process is at this moment."""
        servers = self._fleet.servers() if self._fleet is not None else []
        return [
            Engine(
                **msgspec.structs.asdict(server.supervisor.status()),
                model=model,
                aliases=self._catalogue.aliases_of(model),
                urgency=urgency,
            )
            for model, urgency, server in servers
        ]

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s`, and end all processes and connections."""
        if self._fleet is not None:
            await self._fleet.drain(grace_s)
        await asyncio.gather(*(engine.close() for engine in {remote.engine for remote in self._remotes.values()}))

    def _text(self, model: str, urgency: Urgency) -> tuple[LlamaEngine | RemoteEngine | ScriptedEngine, str]:
        name = meant_by(self._catalogue, model)
        if name == SCRIPTED_MODEL:
            return self._scripted, name
        if name in self._remotes:
            remote = self._remotes[name]
            if remote.kind != "chat":
                raise wrong_kind(model, "does not write text", remote.kind)
            return remote.engine, remote.their_name
        entry = self._catalogue.entry(name)
        if entry.kind != "chat":
            raise wrong_kind(model, "does not write text", entry.kind)
        engine = self._fleet.text_engine(entry, urgency) if self._fleet is not None else None
        if engine is None:
            raise not_here(model, name)
        return engine, name

    def _default(self) -> Entry | None:
        if self._fleet is None:
            return None
        fleet = self._fleet
        return next((one for one in self._catalogue.defaults() if one.kind == "chat" and fleet.has(one)), None)

    def _names(self) -> list[str]:
        fleet = self._fleet
        here = [] if fleet is None else [name for name, entry in self._catalogue.entries.items() if fleet.has(entry)]
        return [*here, *self._remotes, SCRIPTED_MODEL]

    def _described(self, name: str) -> Model:
        owner = self._remotes[name].engine_name if name in self._remotes else OWNER
        return Model(id=name, created=self._created_at, owned_by=owner)


def open_engines(
    settings: Settings,
    catalogue: Catalogue,
    stored: Callable[[Entry], StoredModel | None],
    *,
    created_at: int,
    cache: LlamaPromptCache | None = None,
) -> EngineRegistry:
    """Return the engines that the settings name, none of them started.

    `catalogue` has the operator's aliases and the remote engines' models; `stored` tells where a model's weights are;
    `cache` keeps the embedded models' prompts. Raises `StartRefused` for a key that is not set, and for a model that
    two engines name.
    """
    remotes: dict[str, RemoteModel] = {}
    for options in settings.engines:
        engine = RemoteEngine(options)
        for ours, theirs in options.models.items():
            if ours in remotes:
                raise StartRefused(
                    f"The engines '{remotes[ours].engine_name}' and '{options.name}' both name a model '{ours}': "
                    "call one of them otherwise."
                )
            remotes[ours] = RemoteModel(engine, options.name, theirs, options.embeds, _kind(options))
    limits = FleetLimits(settings.engine_threads, settings.engine_slots, settings.engine_queue)
    return EngineRegistry(
        catalogue,
        LlamaFleet(stored, limits, cache) if settings.embedded_engines else None,
        remotes,
        created_at=created_at,
    )


def _kind(options: RemoteEngineSettings) -> Kind:
    if options.chats:
        return "chat"
    return "speech" if options.speaks else "recognition"
