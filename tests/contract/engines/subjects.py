"""The engines that the contract holds for, each with what the suite needs to know of it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.fixtures.upstream import KEY, upstream_of
from tests.fixtures.weights import weights_of

from antiphon.engines.llama.embedding import LlamaEmbedding
from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.server import LlamaServer, ProcessConfig
from antiphon.engines.remote.engine import RemoteEngine
from antiphon.engines.scripted.engine import MODEL, ScriptedEngine
from antiphon.generation.facts import (
    ChatFact,
    ChoiceFinished,
    CompletionFact,
    PromptCounted,
    TextProduced,
    UsageCounted,
)
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork
from antiphon.schemas import Schema
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

CONTEXT_TOKENS = 512
SLOW = '{"script": [{"say": "' + "on and on " * 40 + '", "ms_per_token": 100}]}'


@dataclass
class Subject:
    """An engine under test. `story` is a prompt whose answer goes on for several seconds if it is let."""

    engine: Any
    model: str
    story: str
    is_idle: Callable[[], Awaitable[bool]]

    def chat(self, content: str, *, schema: Schema | None = None, **options: Any) -> AsyncGenerator[ChatFact, None]:
        """Begin a chat of one message."""
        body = {"model": self.model, "messages": [{"role": "user", "content": content}], **options}
        request = ChatRequest.model_validate(body)
        return self.engine.chat(ChatWork("chatcmpl-1", "org", self.model, request, schema))

    def turn(self, *messages: tuple[str, str], **options: Any) -> ChatWork:
        """Return the work of a turn in a spoken conversation; `options` are the work's and the request's."""
        body = {
            "model": self.model,
            "messages": [{"role": role, "content": content} for role, content in messages],
            "stream": True,
            "max_tokens": 8,
            "temperature": 0,
        }
        given = {name: options.pop(name) for name in ("conversation", "measures_prompt") if name in options}
        request = ChatRequest.model_validate({**body, **options})
        return ChatWork("chatcmpl-1", "org", self.model, request, **{"conversation": "conv_1", **given})

    def complete(self, prompt: str | tuple[int, ...], **options: Any) -> AsyncGenerator[CompletionFact, None]:
        """Begin a continuation."""
        request = CompletionRequest.model_validate({"model": self.model, "prompt": "", **options})
        return self.engine.complete(CompletionWork("cmpl-1", "org", self.model, prompt, request))

    async def becomes_idle(self, within_s: float = 1) -> bool:
        """Whether the engine works on nothing any more in time."""
        try:
            async with asyncio.timeout(within_s):
                while not await self.is_idle():  # noqa: ASYNC110  (another process has no event of ours to set)
                    await asyncio.sleep(0.005)
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def scripted() -> AsyncIterator[Subject]:
    """The scripted model itself."""
    engine = ScriptedEngine(context_tokens=CONTEXT_TOKENS)

    async def is_idle() -> bool:
        return engine.num_in_flight == 0

    yield Subject(engine, MODEL, SLOW, is_idle)


@asynccontextmanager
async def remote() -> AsyncIterator[Subject]:
    """The remote engine over an upstream on loopback; idle means that the upstream stopped working too."""
    async with upstream_of(ScriptedEngine(context_tokens=CONTEXT_TOKENS)) as upstream:
        engine = RemoteEngine(
            RemoteEngineSettings(
                name="upstream", base_url=upstream.base_url, models={"m": MODEL}, api_key=KEY, num_retries=0
            )
        )

        async def is_idle() -> bool:
            return engine.num_in_flight == 0 and upstream.engine.num_in_flight == 0

        try:
            yield Subject(engine, MODEL, SLOW, is_idle)
        finally:
            await engine.close()


@asynccontextmanager
async def llama() -> AsyncIterator[Subject]:
    """The embedded llama.cpp with a small model, in a process of its own; idle means that no slot computes."""
    entry, weights = weights_of("smollm2-135m-instruct")
    config = ProcessConfig(str(weights.path), context_tokens=CONTEXT_TOKENS, num_slots=3, num_threads=2)
    server = LlamaServer(entry.name, config, max_waiting=8)
    profile = EngineProfile("fp_test", context_tokens=CONTEXT_TOKENS, max_top_logprobs=20)

    async def is_idle() -> bool:
        return server.supervisor.slots.num_busy == 0 and await server.num_working() == 0

    try:
        engine = LlamaEngine(server, entry, profile)
        yield Subject(engine, entry.name, "Tell a very long story about a whale.", is_idle)
    finally:
        await server.drain(grace_s=0)


@asynccontextmanager
async def llama_embedding() -> AsyncIterator[Subject]:
    """The embedded llama.cpp with a model that embeds."""
    entry, weights = weights_of("all-minilm-l6-v2")
    config = ProcessConfig(
        str(weights.path), entry.context_tokens, num_slots=1, num_threads=2, batch_tokens=512, is_embedding=True
    )
    server = LlamaServer(entry.name, config, max_waiting=8)

    async def is_idle() -> bool:
        return server.supervisor.slots.num_busy == 0

    try:
        yield Subject(LlamaEmbedding(server, entry), entry.name, "", is_idle)
    finally:
        await server.drain(grace_s=0)


async def gathered(facts: AsyncGenerator[Any, None]) -> list[Any]:
    """Return all facts, after holding them against the order that `generation.facts` promises."""
    async with aclosing(facts):
        told = [fact async for fact in facts]
    assert isinstance(told[-1], UsageCounted), "the count is last"
    assert sum(isinstance(fact, UsageCounted) for fact in told) == 1, "and there is one"
    finished: set[int] = set()
    *told_before, _ = told
    if told_before and isinstance(told_before[-1], PromptCounted):
        told_before.pop()
    for fact in told_before:
        assert fact.index not in finished, "nothing of a choice follows its end"
        if isinstance(fact, ChoiceFinished):
            finished.add(fact.index)
    return told


def text(facts: list[Any], index: int = 0) -> str:
    """Return what a choice says."""
    return "".join(fact.text for fact in facts if isinstance(fact, TextProduced) and fact.index == index)


def reason(facts: list[Any], index: int = 0) -> str:
    """Return why a choice ended; it must have ended once."""
    (found,) = (fact.reason for fact in facts if isinstance(fact, ChoiceFinished) and fact.index == index)
    return found


def usage(facts: list[Any]) -> UsageCounted:
    """Return the count."""
    return facts[-1]
