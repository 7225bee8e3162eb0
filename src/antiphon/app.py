"""The composition root: every adapter meets its port here, and nowhere else."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, FastAPI

from antiphon.catalogue.reading import Catalogue
from antiphon.engines.llama.cache.cache import LlamaPromptCache
from antiphon.engines.registry.speech import SpeechRegistry, open_speech
from antiphon.engines.registry.text import EngineRegistry, open_engines
from antiphon.engines.registry.uncached import NothingCached
from antiphon.errors import StartRefused
from antiphon.features.audio.speech import Speech
from antiphon.features.audio.spoken_chat import SpokenChat, SpokenChatParts
from antiphon.features.audio.transcriptions import Transcriptions
from antiphon.features.cache import CachedPrompts
from antiphon.features.catalogue import ModelCatalogue
from antiphon.features.chat import Chat
from antiphon.features.completions import Completions
from antiphon.features.embeddings import Embeddings
from antiphon.features.engines import EngineStates
from antiphon.features.keys import KeyRing
from antiphon.features.models import Models
from antiphon.features.realtime_sessions import RealtimeSessions
from antiphon.features.voice.conversation import Machine
from antiphon.features.voice.voice import Blueprint, Crew, Rules, Voice
from antiphon.ids import random_id
from antiphon.ports import PromptCache
from antiphon.prefix.key import PrefixKey
from antiphon.realtime.session import Session
from antiphon.server.application import application, on_farewell
from antiphon.server.edge import EdgeParts
from antiphon.server.keys import Authentication
from antiphon.server.metrics import Metrics
from antiphon.server.origins import Doorkeeper
from antiphon.server.rates import RateLimits
from antiphon.server.realtime.socket import RealtimeSockets, SocketParts
from antiphon.server.repeats import Repeats
from antiphon.server.routes.audio import audio_routes
from antiphon.server.routes.cache import cache_routes
from antiphon.server.routes.catalogue import catalogue_routes
from antiphon.server.routes.chat import chat_routes
from antiphon.server.routes.completions import completion_routes
from antiphon.server.routes.embeddings import embedding_routes
from antiphon.server.routes.engines import engine_routes
from antiphon.server.routes.health import Readiness, health_routes
from antiphon.server.routes.models import model_routes
from antiphon.server.routes.realtime import realtime_routes
from antiphon.server.routes.unsupported import unsupported_routes
from antiphon.settings import Settings
from antiphon.stores.completions import StoredCompletionRows
from antiphon.stores.database.database import Database
from antiphon.stores.database.engines import database_url
from antiphon.stores.ephemeral_secrets import EphemeralSecretRows
from antiphon.stores.images.images import CheckedImages
from antiphon.stores.keys import KeyRows
from antiphon.stores.media.files import MediaFiles
from antiphon.stores.models.catalogue_file import installed_catalogue
from antiphon.stores.models.folder import ModelFolder
from antiphon.stores.prefixes.memory import MemoryFolder, MemoryPlaces
from antiphon.stores.prefixes.room import Room
from antiphon.stores.prefixes.store import PrefixFolder
from antiphon.stores.repeats import RepeatedRequestRows
from antiphon.stores.spoken import SpokenAnswersInMemory

_MINUTE_MS = 60_000
# The largest states of a few slots at once.
_STATE_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class _Parts:
    """All that was opened, for those that answer with it."""

    settings: Settings
    database: Database
    engines: EngineRegistry
    speech: SpeechRegistry
    images: CheckedImages
    files: MediaFiles
    rates: RateLimits
    metrics: Metrics
    prompts: PromptCache
    keys: KeyRows
    secrets: EphemeralSecretRows


@asynccontextmanager
async def build(settings: Settings) -> AsyncGenerator[FastAPI, None]:
    """Open all that the server needs, give the application, and close everything after it.

    Raises `StartRefused` with the one sentence that says why the server cannot start.
    """
    async with AsyncExitStack() as opened:
        database = await Database.open(database_url(settings))
        opened.push_async_callback(database.close)
        keys = KeyRows(database, time.monotonic, time.time)
        await KeyRing(keys, random_id, time.time).check_start(settings)
        images, files = CheckedImages(settings), MediaFiles()
        opened.callback(images.close)
        opened.callback(files.close)
        catalogue, folder = installed_catalogue(settings), ModelFolder(settings.weights_dir)
        cache = await _prompt_cache(settings, catalogue, folder, opened) if settings.embedded_engines else None
        engines = open_engines(settings, catalogue, folder.stored, created_at=int(time.time()), cache=cache)
        opened.push_async_callback(engines.drain, settings.shutdown_grace_s)
        speech = open_speech(settings, catalogue, folder.stored)
        opened.push_async_callback(speech.drain, settings.shutdown_grace_s)
        engines.start()
        speech.start(settings.realtime_recogniser)
        parts = _Parts(
            settings=settings,
            database=database,
            engines=engines,
            speech=speech,
            images=images,
            files=files,
            rates=RateLimits(settings, time.monotonic),
            metrics=Metrics(),
            prompts=cache or NothingCached(),
            keys=keys,
            secrets=EphemeralSecretRows(database, time.time),
        )
        parts.metrics.watch_cache(parts.prompts.counts)
        voice = _voice(parts)
        opened.push_async_callback(voice.close)
        sessions = RealtimeSessions(engines, speech, parts.secrets, random_id, time.time)
        sockets = _sockets(parts, voice, sessions)
        catalogued = ModelCatalogue(catalogue, folder, _uses(engines, speech))
        routes = [*_routes(parts), catalogue_routes(catalogued), realtime_routes(sockets, sessions)]
        app = application(_edge(parts), [*routes, unsupported_routes()])
        on_farewell(app, sockets.stop)
        yield app


async def _prompt_cache(
    settings: Settings, catalogue: Catalogue, models: ModelFolder, opened: AsyncExitStack
) -> LlamaPromptCache:
    """Open the cache of the embedded models' prompts. Raises `StartRefused` where it can have no folder."""
    secret, disk_bytes = settings.prompt_cache_secret, settings.prompt_cache_disk_bytes
    try:
        memory = MemoryFolder.make(MemoryPlaces(settings.data_dir.expanduser() / "states", _STATE_BYTES))
        opened.callback(memory.close)
        if memory.warning is not None:
            structlog.get_logger().warning("prompt_cache", warning=memory.warning)
        files = None
        if disk_bytes:
            plain = secret.get_secret_value() if secret is not None else None
            files = PrefixFolder(settings.prefixes_dir, plain, Room(disk_bytes))
            opened.push_async_callback(files.close)
        cache = LlamaPromptCache(
            memory.path, files, disk_bytes=disk_bytes, model_of=lambda key: _model_of(key, catalogue, models)
        )
        opened.push_async_callback(cache.close)
        await cache.open()
    except OSError as error:
        raise StartRefused(f"The prompt cache has no folder: {error}.") from error
    return cache


def _model_of(key: PrefixKey, catalogue: Catalogue, models: ModelFolder) -> str:
    """Return the name of the model whose weights a prefix was computed with, or their digest where they are gone."""
    for name, entry in catalogue.entries.items():
        stored = models.stored(entry)
        if stored is not None and stored.sha256 == key.weights_digest:
            return name
    return key.weights_digest[:12]


def _routes(parts: _Parts) -> list[APIRouter]:
    engines, speech, rates = parts.engines, parts.speech, parts.rates
    stored = StoredCompletionRows(parts.database)
    answers = SpokenAnswersInMemory(time.time)
    tells_misses = parts.settings.price_policy == "deepseek"
    chat = SpokenChat(
        Chat(engines, parts.images, stored, random_id, time.time, tells_misses=tells_misses),
        SpokenChatParts(engines, speech, parts.files, answers),
        random_id,
        time.time,
    )
    hearing = Transcriptions(speech, parts.files, random_id)
    return [
        chat_routes(chat, rates),
        completion_routes(Completions(engines, random_id, time.time, tells_misses=tells_misses), rates),
        embedding_routes(Embeddings(engines, random_id), rates),
        audio_routes(Speech(speech, parts.files, random_id), hearing, rates),
        model_routes(Models(engines)),
        engine_routes(EngineStates(engines, speech)),
        cache_routes(CachedPrompts(parts.prompts)),
        health_routes(_readiness(engines, speech), parts.metrics),
    ]


def _sockets(parts: _Parts, voice: Voice, sessions: RealtimeSessions) -> RealtimeSockets:
    return RealtimeSockets(
        SocketParts(
            voice=voice,
            sessions=sessions,
            rates=parts.rates,
            meter=parts.metrics.realtime,
            make_id=random_id,
            clock=time.monotonic,
        )
    )


def _voice(parts: _Parts) -> Voice:
    settings = parts.settings
    rules = Rules(
        recogniser=settings.realtime_recogniser,
        max_sessions=settings.realtime_max_sessions,
        session_ms=settings.realtime_session_minutes * _MINUTE_MS or None,
        ahead_ms=settings.realtime_max_ahead_ms,
        resume_s=settings.realtime_resume_s,
    )
    return Voice(Crew(parts.engines, parts.speech, parts.images), rules, _machine, random_id, time.time)


def _machine(plan: Blueprint) -> Machine:
    return Session(plan.id, plan.conversation_id, plan.config, plan.abilities, plan.limits, plan.make_id)


def _readiness(engines: EngineRegistry, speech: SpeechRegistry):  # noqa: ANN202 - the route's own type
    async def ready() -> Readiness:
        waiting_for = (*engines.waiting_for(), *speech.waiting_for())
        return Readiness(is_ready=not waiting_for, waiting_for=waiting_for)

    return ready


def _uses(engines: EngineRegistry, speech: SpeechRegistry) -> Callable[[str], bool]:
    def is_in_use(model: str) -> bool:
        statuses = (*engines.statuses(), *speech.statuses())
        return any(one.model == model and one.state.holds_weights() for one in statuses)

    return is_in_use


def _edge(parts: _Parts) -> EdgeParts:
    return EdgeParts(
        doorkeeper=Doorkeeper(parts.settings),
        authentication=Authentication(parts.settings, parts.keys, parts.secrets),
        repeats=Repeats(RepeatedRequestRows(parts.database, time.time)),
        metrics=parts.metrics,
        max_body_bytes=parts.settings.max_body_bytes,
        clock=time.monotonic,
    )
