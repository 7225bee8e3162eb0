"""`/antiphon/v1/models` behind the real edge: looking, pulling as a stream, deleting, and who may."""

import hashlib
import json
import time
from typing import Any

import pytest
from tests.unit.server.asgi import Client

from antiphon.callers import KeyRecord
from antiphon.catalogue.reading import Catalogue, read_catalogue
from antiphon.errors import UpstreamFailed
from antiphon.features.catalogue import ModelCatalogue
from antiphon.server.application import application
from antiphon.server.edge import EdgeParts
from antiphon.server.keys import Authentication
from antiphon.server.metrics import Metrics
from antiphon.server.origins import Doorkeeper
from antiphon.server.repeats import Repeats
from antiphon.server.routes.catalogue import catalogue_routes
from antiphon.settings import Settings
from antiphon.testing.clock import FakeClock
from antiphon.testing.ephemeral_secrets import EphemeralSecretsInMemory
from antiphon.testing.keys import KeysInMemory
from antiphon.testing.models import ModelsInMemory
from antiphon.testing.repeats import RepeatsInMemory

SUM = hashlib.sha256(b"weights").hexdigest()

CATALOGUE = f"""
[[models]]
name = "small"
about = "A small one"
kind = "chat"
licence = "MIT"
context_tokens = 2048
is_default = true
files = [{{ name = "model.gguf", size_bytes = 8, sha256 = "{SUM}" }}]
sources = [{{ hub = {{ repo = "somebody/something", files = {{ "model.gguf" = "model.gguf" }} }} }}]

[[aliases]]
names = ["gpt-4o", "gpt-*"]
model = "small"
"""


def client(store: ModelsInMemory, *, in_use: frozenset[str] = frozenset(), keys: KeysInMemory | None = None) -> Client:
    """A client of an application that has only these routes; keys are required where there are some."""
    settings = Settings(auth="required" if keys else "by-address")
    parts = EdgeParts(
        doorkeeper=Doorkeeper(settings),
        authentication=Authentication(settings, keys or KeysInMemory(), EphemeralSecretsInMemory(FakeClock())),
        repeats=Repeats(RepeatsInMemory(time.monotonic)),
        metrics=Metrics(),
        max_body_bytes=settings.max_body_bytes,
        clock=time.monotonic,
    )
    feature = ModelCatalogue(_catalogue(), store, in_use.__contains__)
    return Client(application(parts, [catalogue_routes(feature)]))


def _catalogue() -> Catalogue:
    return read_catalogue(CATALOGUE, "test.toml")


def described(**changes: Any) -> dict[str, Any]:
    """The model as it is described when it is not here."""
    return {
        "id": "small",
        "object": "antiphon.model",
        "about": "A small one",
        "kind": "chat",
        "licence": "MIT",
        "engine": "llama",
        "context_tokens": 2048,
        "size_bytes": 8,
        "is_default": True,
        "aliases": ["gpt-4o"],
        "state": "absent",
        "sha256": SUM,
        "source": None,
        **changes,
    }


async def test_the_catalogue_is_listed():
    """With what is not here yet."""
    answer = await client(ModelsInMemory()).get("/antiphon/v1/models")
    assert (answer.status, json.loads(answer.body)) == (200, {"object": "list", "data": [described()]})


async def test_one_model_is_described():
    """By its own name, not by an alias."""
    asking = client(ModelsInMemory())
    assert json.loads((await asking.get("/antiphon/v1/models/small")).body) == described()
    assert (await asking.get("/antiphon/v1/models/gpt-4o")).status == 404


async def test_a_pull_is_a_stream_that_ends_with_the_model():
    """Progress, the model as it is now, and the end."""
    answer = await client(ModelsInMemory()).post("/antiphon/v1/models", {"model": "small"})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    progress = {"type": "progress", "model": "small", "stage": "fetching", "item": "model.gguf", "total_bytes": 8}
    assert [json.loads(event) for event in answer.events[:-1]] == [
        {**progress, "done_bytes": 4},
        {**progress, "done_bytes": 8},
        {"type": "done", "model": described(state="here", source="memory")},
    ]
    assert answer.events[-1] == "[DONE]"


async def test_a_pull_of_what_is_here_ends_at_once():
    """With the model."""
    asking = client(ModelsInMemory())
    await asking.post("/antiphon/v1/models", {"model": "small"})
    again = await asking.post("/antiphon/v1/models", {"model": "small"})
    assert [json.loads(event)["type"] for event in again.events[:-1]] == ["done"]


async def test_a_pull_that_fails_ends_with_an_error_event():
    """And without the mark of a whole stream."""
    store = ModelsInMemory([UpstreamFailed("It is gone.", code="model_not_fetched")])
    answer = await client(store).post("/antiphon/v1/models", {"model": "small"})
    last = json.loads(answer.events[-1])
    assert last["error"]["message"] == "It is gone."
    assert last["error"]["code"] == "model_not_fetched"


async def test_a_model_that_nobody_knows_is_refused_before_the_stream():
    """With a status of its own."""
    answer = await client(ModelsInMemory()).post("/antiphon/v1/models", {"model": "huge"})
    assert (answer.status, answer.error["param"]) == (404, "model")


async def test_a_model_is_deleted():
    """A second time there is nothing to delete."""
    asking = client(ModelsInMemory())
    await asking.post("/antiphon/v1/models", {"model": "small"})
    answer = await asking.send("DELETE", "/antiphon/v1/models/small")
    assert json.loads(answer.body) == {"id": "small", "object": "antiphon.model.deleted", "deleted": True}
    assert (await asking.send("DELETE", "/antiphon/v1/models/small")).status == 404


async def test_a_model_that_an_engine_runs_is_not_deleted():
    """It stays here."""
    asking = client(ModelsInMemory(), in_use=frozenset({"small"}))
    await asking.post("/antiphon/v1/models", {"model": "small"})
    answer = await asking.send("DELETE", "/antiphon/v1/models/small")
    assert (answer.status, answer.error["code"]) == (409, "model_in_use")
    assert json.loads((await asking.get("/antiphon/v1/models/small")).body)["state"] == "here"


@pytest.mark.parametrize(("is_admin", "status"), [(True, 200), (False, 403)])
async def test_only_administrators_pull_and_delete(is_admin: bool, status: int):
    """Everybody with a key may look."""
    keys = KeysInMemory()
    await keys.add(KeyRecord("key_1", "acme", "radio", is_admin, "sk-...abcd", 1), "sk-one")
    asking = client(ModelsInMemory(), keys=keys)
    asking.headers["authorization"] = "Bearer sk-one"
    assert (await asking.get("/antiphon/v1/models")).status == 200
    assert (await asking.post("/antiphon/v1/models", {"model": "small"})).status == status
    assert (await asking.send("DELETE", "/antiphon/v1/models/small")).status == status
