"""`/antiphon/v1/cache` behind the real edge: explaining, looking, pinning and freeing, and who may."""

import json
import time
from typing import Any

import pytest
from tests.unit.server.asgi import Client

from antiphon.callers import KeyRecord
from antiphon.engines.registry.uncached import NothingCached
from antiphon.features.cache import CachedPrompts
from antiphon.generation.caching import CacheCounts, TierCounts
from antiphon.ports import PromptCache
from antiphon.server.application import application
from antiphon.server.edge import EdgeParts
from antiphon.server.keys import Authentication
from antiphon.server.metrics import Metrics
from antiphon.server.origins import Doorkeeper
from antiphon.server.repeats import Repeats
from antiphon.server.routes.cache import cache_routes
from antiphon.settings import Settings
from antiphon.testing.clock import FakeClock
from antiphon.testing.ephemeral_secrets import EphemeralSecretsInMemory
from antiphon.testing.keys import KeysInMemory
from antiphon.testing.prompt_cache import PromptCacheInMemory
from antiphon.testing.repeats import RepeatsInMemory
from antiphon.wire.cache import CacheEntry, CacheExplanation

ENTRIES = "/antiphon/v1/cache/entries"
FOUND = CacheExplanation(
    id="chatcmpl-1", model="m", created_at=1, prompt_tokens=2000, matched_tokens=1500, cached_tokens=1408
)


def client(cache: PromptCache, keys: KeysInMemory | None = None) -> Client:
    settings = Settings(auth="required" if keys else "by-address")
    parts = EdgeParts(
        doorkeeper=Doorkeeper(settings),
        authentication=Authentication(settings, keys or KeysInMemory(), EphemeralSecretsInMemory(FakeClock())),
        repeats=Repeats(RepeatsInMemory(time.monotonic)),
        metrics=Metrics(),
        max_body_bytes=settings.max_body_bytes,
        clock=time.monotonic,
    )
    headers = {"authorization": "Bearer sk-one"} if keys else None
    return Client(application(parts, [cache_routes(CachedPrompts(cache))]), headers)


def entry(number: int, organization: str = "acme") -> CacheEntry:
    return CacheEntry(
        id=f"entry_{number}",
        organization=organization,
        model="m",
        num_tokens=1024,
        bytes=4096,
        tiers=("memory",),
        created_at=1,
        last_used_at=100 - number,
        expires_at=700,
    )


def kept() -> PromptCacheInMemory:
    return PromptCacheInMemory([entry(1), entry(2, "other"), entry(3)])


async def listed(asking: Client, query: str = "") -> dict[str, Any]:
    return json.loads((await asking.get(ENTRIES + query)).body)


async def test_a_request_of_the_callers_organisation_is_explained():
    """With what it matched."""
    cache = PromptCacheInMemory(explanations={("acme", "chatcmpl-1"): FOUND})
    asking = client(cache, await keys_of("acme"))
    answer = await asking.get("/antiphon/v1/cache/requests/chatcmpl-1")

    assert (answer.status, json.loads(answer.body)["matched_tokens"]) == (200, 1500)


async def test_another_organisations_request_is_not_found():
    """As if it had never been, for an administrator too."""
    cache = PromptCacheInMemory(explanations={("other", "chatcmpl-1"): FOUND})
    asking = client(cache, await keys_of("acme", is_admin=True))

    assert (await asking.get("/antiphon/v1/cache/requests/chatcmpl-1")).status == 404


async def test_entries_come_in_pages():
    """A page says whether more follow, and the next begins behind it."""
    asking = client(kept())
    first = await listed(asking, "?limit=2")
    rest = await listed(asking, f"?limit=2&after={first['last_id']}")

    assert ([one["id"] for one in first["data"]], first["has_more"]) == (["entry_1", "entry_2"], True)
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == (["entry_3"], False)


async def test_entries_of_one_organisation_are_listed():
    """And nobody else's."""
    assert [one["id"] for one in (await listed(client(kept()), "?organization=other"))["data"]] == ["entry_2"]


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?limit=many", "?after=entry_9"])
async def test_a_page_that_cannot_be_is_refused(query: str):
    """A limit out of range, and a place that is not there."""
    assert (await client(kept()).get(ENTRIES + query)).status == 400


@pytest.mark.parametrize(("query", "left"), [("", []), ("?organization=acme", ["entry_2"])])
async def test_entries_are_freed_together(query: str, left: list[str]):
    """All of them, or one organisation's."""
    asking = client(kept())
    answer = await asking.send("DELETE", ENTRIES + query)

    assert json.loads(answer.body)["num_deleted"] == 3 - len(left)
    assert [one["id"] for one in (await listed(asking))["data"]] == left


async def test_one_entry_is_freed_once():
    """A second time there is nothing to free."""
    asking = client(kept())

    assert (await asking.send("DELETE", ENTRIES + "/entry_1")).status == 200
    assert (await asking.send("DELETE", ENTRIES + "/entry_1")).status == 404


async def test_an_entry_is_pinned():
    """And does not expire from then on."""
    answer = await client(kept()).post(ENTRIES + "/entry_1", {"pinned": True})

    assert (json.loads(answer.body)["pinned"], json.loads(answer.body)["expires_at"]) == (True, None)


@pytest.mark.parametrize(("change", "stays_s"), [({"pinned": False}, 60), ({"ttl_s": None}, 600)])
async def test_an_entrys_own_time_stays_until_it_is_cleared(change: dict[str, Any], stays_s: int):
    """Null clears it, and the cache's own time holds again; a change that does not speak of it leaves it."""
    asking = client(kept())
    given = json.loads((await asking.post(ENTRIES + "/entry_1", {"ttl_s": 60})).body)
    after = json.loads((await asking.post(ENTRIES + "/entry_1", change)).body)

    assert given["expires_at"] - given["last_used_at"] == 60
    assert after["expires_at"] - after["last_used_at"] == stays_s


@pytest.mark.parametrize(
    ("change", "param"),
    [({"ttl_s": 0}, "ttl_s"), ({"ttl_s": 31 * 24 * 3600}, "ttl_s"), ({"pinned": "yes"}, "pinned")],
)
async def test_a_change_that_cannot_be_is_refused(change: dict[str, Any], param: str):
    """A time out of range, and a word where yes or no is wanted."""
    answer = await client(kept()).post(ENTRIES + "/entry_1", change)

    assert (answer.status, answer.error["param"]) == (400, param)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("DELETE", ""), ("DELETE", "/entry_1"), ("POST", "/entry_1")]
)
async def test_entries_are_for_administrators(method: str, path: str):
    """Another key is refused."""
    asking = client(kept(), await keys_of("acme"))

    assert (await asking.send(method, ENTRIES + path, {})).error["code"] == "admin_required"


async def test_a_server_that_keeps_no_prompts_says_so():
    """Its list is empty, and what is asked for by id is not found, with the reason."""
    asking = client(NothingCached())

    assert (await listed(asking))["data"] == []
    assert "No engine" in (await asking.get("/antiphon/v1/cache/requests/chatcmpl-1")).error["message"]


def test_counts_are_exposed_by_model_and_tier():
    """As they are at the moment of the exposition."""
    counts = CacheCounts("m", num_hits=3, evictions={"space": 2}, tiers={"disk": TierCounts(4, 4096)})
    metrics = Metrics()
    metrics.watch_cache(lambda: [counts])
    text = metrics.exposition().decode()

    assert 'antiphon_prompt_cache_hits_total{model="m"} 3.0' in text
    assert 'antiphon_prompt_cache_evictions_total{model="m",reason="space"} 2.0' in text
    assert 'antiphon_prompt_cache_bytes{model="m",tier="disk"} 4096.0' in text


async def keys_of(organization: str, *, is_admin: bool = False) -> KeysInMemory:
    keys = KeysInMemory()
    await keys.add(KeyRecord("key_1", organization, "radio", is_admin, "sk-...abcd", 1), "sk-one")
    return keys
