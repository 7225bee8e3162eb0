"""The composition root: every adapter meets its port here, and nowhere else."""

import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from antiphon.engines.registry.text import open_engines
from antiphon.features.catalogue import ModelCatalogue
from antiphon.features.chat import Chat
from antiphon.features.completions import Completions
from antiphon.features.embeddings import Embeddings
from antiphon.features.engines import EngineStates
from antiphon.features.keys import KeyRing
from antiphon.features.models import Models
from antiphon.ids import random_id
from antiphon.server.application import application
from antiphon.server.edge import EdgeParts
from antiphon.server.keys import Authentication
from antiphon.server.metrics import Metrics
from antiphon.server.origins import Doorkeeper
from antiphon.server.rates import RateLimits
from antiphon.server.repeats import Repeats
from antiphon.server.routes.catalogue import catalogue_routes
from antiphon.server.routes.chat import chat_routes
from antiphon.server.routes.completions import completion_routes
from antiphon.server.routes.embeddings import embedding_routes
from antiphon.server.routes.engines import engine_routes
from antiphon.server.routes.health import Readiness, health_routes
from antiphon.server.routes.models import model_routes
from antiphon.server.routes.unsupported import unsupported_routes
from antiphon.settings import Settings
from antiphon.stores.completions import StoredCompletionRows
from antiphon.stores.database.database import Database
from antiphon.stores.database.engines import database_url
from antiphon.stores.ephemeral_secrets import EphemeralSecretRows
from antiphon.stores.images.images import CheckedImages
from antiphon.stores.keys import KeyRows
from antiphon.stores.models.catalogue_file import installed_catalogue
from antiphon.stores.models.folder import ModelFolder
from antiphon.stores.repeats import RepeatedRequestRows


@asynccontextmanager
async def build(settings: Settings) -> AsyncGenerator[FastAPI, None]:
    """Open all that the server needs, give the application, and close everything after it.

    Raises `StartRefused` with the one sentence that says why the server cannot start.
    """
    async with AsyncExitStack() as opened:
        database = await Database.open(database_url(settings))
        opened.push_async_callback(database.close)
        keys = KeyRows(database, time.monotonic, time.time)
        secrets = EphemeralSecretRows(database, time.time)
        await KeyRing(keys, random_id, time.time).check_start(settings)
        images = CheckedImages(settings)
        opened.callback(images.close)
        catalogue = installed_catalogue(settings)
        folder = ModelFolder(settings.weights_dir)
        engines = open_engines(settings, catalogue, folder.stored, created_at=int(time.time()))
        opened.push_async_callback(engines.drain, settings.shutdown_grace_s)
        engines.start()

        async def ready() -> Readiness:
            waiting_for = engines.waiting_for()
            return Readiness(is_ready=not waiting_for, waiting_for=waiting_for)

        def is_in_use(model: str) -> bool:
            return any(one.model == model and one.state.holds_weights() for one in engines.statuses())

        rates = RateLimits(settings, time.monotonic)
        metrics = Metrics()
        stored = StoredCompletionRows(database)
        yield application(
            _edge(settings, keys, secrets, RepeatedRequestRows(database, time.time), metrics),
            [
                chat_routes(Chat(engines, images, stored, random_id, time.time), rates),
                completion_routes(Completions(engines, random_id, time.time), rates),
                embedding_routes(Embeddings(engines, random_id), rates),
                model_routes(Models(engines)),
                catalogue_routes(ModelCatalogue(catalogue, folder, is_in_use)),
                engine_routes(EngineStates(engines)),
                unsupported_routes(),
                health_routes(ready, metrics),
            ],
        )


def _edge(
    settings: Settings, keys: KeyRows, secrets: EphemeralSecretRows, repeats: RepeatedRequestRows, metrics: Metrics
) -> EdgeParts:
    return EdgeParts(
        doorkeeper=Doorkeeper(settings),
        authentication=Authentication(settings, keys, secrets),
        repeats=Repeats(repeats),
        metrics=metrics,
        max_body_bytes=settings.max_body_bytes,
        clock=time.monotonic,
    )
