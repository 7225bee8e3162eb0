"""Caching at an upstream, over real HTTP: whose salt goes with a prompt, what is left out, and what was reused."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.contract.engines.subjects import gathered, usage
from tests.fixtures.upstream import KEY, serving, upstream_of
from tests.unit.server.asgi import Client

from antiphon.app import build
from antiphon.callers import KeyRecord
from antiphon.engines.remote.engine import RemoteEngine
from antiphon.generation.facts import ChatFact, CompletionFact
from antiphon.generation.work import ChatWork, CompletionWork
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.settings import Settings
from antiphon.stores.database.database import Database
from antiphon.stores.database.engines import database_url
from antiphon.stores.keys import KeyRows
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

PLAIN = {"prompt_tokens": 3000, "completion_tokens": 1, "total_tokens": 3001}


@dataclass
class CachingUpstream:
    """A server that keeps every body as it came, asks nothing of it, and says of each answer the same usage."""

    usage: dict[str, Any] = field(default_factory=lambda: dict(PLAIN))
    base_url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def salts(self) -> list[str | None]:
        return [body.get("cache_salt") for body in self.bodies]

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer a chat with one word."""
        return await self._answer(request, {"message": {"role": "assistant", "content": "Hi"}}, {"content": "Hi"})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Continue a prompt by one word."""
        return await self._answer(request, {"text": "Hi"}, None)

    async def _answer(
        self, request: web.Request, whole: dict[str, Any], delta: dict[str, Any] | None
    ) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        if not body.get("stream"):
            return web.json_response({"choices": [{"index": 0, "finish_reason": "stop", **whole}], "usage": self.usage})
        piece = {"delta": delta} if delta is not None else whole
        end = {"delta": {}} if delta is not None else {"text": ""}
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for event in (
            {"choices": [{"index": 0, **piece}]},
            {"choices": [{"index": 0, **end, "finish_reason": "stop"}]},
            {"choices": [], "usage": self.usage},
        ):
            await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response


@asynccontextmanager
async def caching_upstream(**usage: Any) -> AsyncIterator[CachingUpstream]:
    """Serve such an upstream; `usage` goes beside the plain figures."""
    upstream = CachingUpstream({**PLAIN, **usage})
    app = web.Application()
    app.router.add_post("/v1/chat/completions", upstream.chat)
    app.router.add_post("/v1/completions", upstream.complete)
    async with serving(app) as address:
        upstream.base_url = f"{address}/v1"
        yield upstream


def settings_of(base_url: str, **options: Any) -> RemoteEngineSettings:
    return RemoteEngineSettings(
        name="up", base_url=base_url, models={"m": "antiphon-scripted"}, api_key=KEY, num_retries=0, **options
    )


@asynccontextmanager
async def engine_at(base_url: str, **options: Any) -> AsyncIterator[RemoteEngine]:
    """Give the engine of a base URL."""
    engine = RemoteEngine(settings_of(base_url, **options))
    try:
        yield engine
    finally:
        await engine.close()


def chat(engine: RemoteEngine, organization: str = "acme", **fields: Any) -> AsyncGenerator[ChatFact, None]:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}
    return engine.chat(ChatWork("chatcmpl-1", organization, "antiphon-scripted", ChatRequest.model_validate(body)))


def complete(engine: RemoteEngine, organization: str = "acme", **fields: Any) -> AsyncGenerator[CompletionFact, None]:
    request = CompletionRequest.model_validate({"model": "m", "prompt": "Hi", **fields})
    return engine.complete(CompletionWork("cmpl-1", organization, "antiphon-scripted", "Hi", request))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("ask", [chat, complete])
async def test_each_organisations_prompts_arrive_with_its_salt(ask: Any, stream: bool):
    """The same for every prompt of one, and another's is another."""
    async with caching_upstream() as upstream, engine_at(upstream.base_url, salts_cache=True) as engine:
        for organization in ("acme", "other", "acme"):
            await gathered(ask(engine, organization, stream=stream))
    ours, theirs, ours_again = upstream.salts

    assert ours
    assert ours == ours_again != theirs


async def test_an_upstream_that_takes_no_salt_is_sent_none():
    """OpenAI's own API refuses the field."""
    async with caching_upstream() as upstream, engine_at(upstream.base_url) as engine:
        await gathered(chat(engine))
        await gathered(complete(engine))

    assert upstream.salts == [None, None]


@pytest.mark.parametrize(("keys", "is_same"), [(("k" * 32, "k" * 32), True), ((None, None), False)])
async def test_salts_outlive_the_process_where_the_operator_gives_a_key(keys: tuple[str | None, ...], is_same: bool):
    """Without a key each process has its own, and what the last one left is not found."""
    async with caching_upstream() as upstream:
        for key in keys:
            async with engine_at(upstream.base_url, salts_cache=True, cache_salt_key=key) as engine:
                await gathered(chat(engine))
    first, second = upstream.salts

    assert (first == second) is is_same


WISHES: dict[str, Any] = {
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Hi", "prompt_cache_breakpoint": {"mode": "explicit"}}]}
    ],
    "prompt_cache_key": "tenant",
    "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
    "prompt_cache_retention": "24h",
}


@pytest.mark.parametrize("stream", [False, True])
async def test_wishes_stay_here_where_the_upstream_does_not_know_them(stream: bool):
    """A server that is strict about unknown fields answers none the less, and gets the message as it was."""
    async with caching_upstream() as upstream, engine_at(upstream.base_url) as engine:
        await gathered(chat(engine, **WISHES, stream=stream))
    (body,) = upstream.bodies

    assert not [name for name in body if name.startswith("prompt_cache")]
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]


async def test_wishes_arrive_where_the_upstream_knows_them():
    """The upstream of this test reads them as strictly as OpenAI."""
    async with upstream_of() as upstream, engine_at(upstream.base_url, takes_cache_fields=True) as engine:
        await gathered(chat(engine, **WISHES))

    assert {name: upstream.last[name] for name in WISHES} == WISHES


SPELLINGS: dict[str, tuple[dict[str, Any], int]] = {
    "OpenAI": ({"prompt_tokens_details": {"cached_tokens": 2048}}, 2048),
    "vLLM without details": ({"prompt_tokens_details": None}, 0),
    "vLLM on a miss": ({"prompt_tokens_details": {"cached_tokens": None}}, 0),
    "DeepSeek": ({"prompt_cache_hit_tokens": 2048, "prompt_cache_miss_tokens": 952}, 2048),
    "Anthropic": ({"cache_read_input_tokens": 2048, "cache_creation_input_tokens": 0}, 2048),
    "nothing": ({}, 0),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("ask", [chat, complete])
@pytest.mark.parametrize(("told", "cached_tokens"), SPELLINGS.values(), ids=SPELLINGS)
async def test_each_spelling_of_cached_tokens_is_read(ask: Any, told: dict[str, Any], cached_tokens: int, stream: bool):
    """And 0 is said where nothing is."""
    async with caching_upstream(**told) as upstream, engine_at(upstream.base_url) as engine:
        assert usage(await gathered(ask(engine, stream=stream))).cached_tokens == cached_tokens


@pytest.mark.parametrize("stream", [False, True])
async def test_organisations_are_told_apart_from_their_keys_to_the_upstream(tmp_path: Path, stream: bool):
    """Through the whole application, which tells what was reused in OpenAI's steps."""
    async with caching_upstream(prompt_tokens_details={"cached_tokens": 2047}) as upstream:
        remote = settings_of(upstream.base_url, salts_cache=True)
        settings = Settings(data_dir=tmp_path, embedded_engines=False, auth="required", engines=(remote,))
        await make_keys(settings, {"sk-one": "acme", "sk-two": "other", "sk-three": "acme"})
        async with build(settings) as app:
            told = [await cached_tokens_told(Client(app), key, stream) for key in ("sk-one", "sk-two", "sk-three")]
    ours, theirs, ours_again = upstream.salts

    assert ours == ours_again != theirs
    assert told == [1920] * 3


async def make_keys(settings: Settings, organizations: dict[str, str]) -> None:
    database = await Database.open(database_url(settings))
    try:
        keys = KeyRows(database, lambda: 0.0, lambda: 0.0)
        for secret, organization in organizations.items():
            record = KeyRecord(f"key_{secret}", organization, "web", False, f"{secret}...", 1)
            await keys.add(record, secret)
    finally:
        await database.close()


async def cached_tokens_told(asking: Client, key: str, stream: bool) -> int:
    options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **options}
    answer = await asking.post("/v1/chat/completions", body, {"authorization": f"Bearer {key}"})
    assert answer.status == 200, answer.body
    last = answer.events[-2] if stream else answer.body
    return json.loads(last)["usage"]["prompt_tokens_details"]["cached_tokens"]
