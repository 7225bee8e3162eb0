"""The remote engine over an upstream that is not ours: llama.cpp's own server, with a small model."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.contract.engines.subjects import Subject, gathered, reason, text, usage
from tests.fixtures.weights import weights_of

from antiphon.engines.llama.server import LlamaServer, ProcessConfig
from antiphon.engines.remote.engine import RemoteEngine
from antiphon.errors import ContextLengthExceeded, InvalidRequest, UpstreamFailed
from antiphon.generation.facts import TextProduced
from antiphon.settings import RemoteEngine as RemoteEngineSettings

CONTEXT_TOKENS = 512


@pytest.fixture
async def server() -> AsyncIterator[LlamaServer]:
    """A process of llama.cpp."""
    _, weights = weights_of("smollm2-135m-instruct")
    config = ProcessConfig(str(weights.path), CONTEXT_TOKENS, num_slots=2, num_threads=2)
    server = LlamaServer("upstream", config, max_waiting=8)
    try:
        await server.supervisor.ready()
        yield server
    finally:
        await server.drain(grace_s=0)


async def remote_to(server: LlamaServer, key: str | None = None) -> RemoteEngine:
    """Return the engine of the process's address."""
    endpoint = await server.supervisor.ready()
    settings = RemoteEngineSettings(
        name="llama-server",
        base_url=f"http://127.0.0.1:{endpoint.port}/v1",
        models={"m": "smollm2"},
        api_key=key or endpoint.api_key,
        num_retries=0,
    )
    return RemoteEngine(settings)


@pytest.fixture
async def subject(server: LlamaServer) -> AsyncIterator[Subject]:
    """The engine; idle means that no slot of the process computes."""
    engine = await remote_to(server)

    async def is_idle() -> bool:
        return engine.num_in_flight == 0 and await server.num_working() == 0

    try:
        yield Subject(engine, "smollm2", "Tell a very long story about a whale.", is_idle)
    finally:
        await engine.close()


async def test_an_answer_is_the_same_streamed_and_whole(subject: Subject):
    """Text, reason and count agree."""
    options = {"max_tokens": 12, "temperature": 0, "seed": 1}
    whole = await gathered(subject.chat("Say hello.", **options))
    streamed = await gathered(subject.chat("Say hello.", stream=True, **options))
    assert text(whole) == text(streamed)
    assert (reason(whole), usage(whole)) == (reason(streamed), usage(streamed))
    assert usage(whole).completion_tokens == 12


async def test_log_probabilities_come_through(subject: Subject):
    """Of a chat, and of a continuation, which this server words as it does a chat's."""
    chat = await gathered(subject.chat("Say hello.", max_tokens=3, temperature=0, logprobs=True, top_logprobs=2))
    continued = await gathered(subject.complete("one, two,", max_tokens=3, temperature=0, logprobs=2))
    for facts in (chat, continued):
        entries = [entry for fact in facts if isinstance(fact, TextProduced) for entry in fact.logprobs]
        assert b"".join(bytes(entry.bytes or b"") for entry in entries).decode() == text(facts)
        assert [len(entry.top_logprobs) for entry in entries] == [2, 2, 2]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_over_the_context_is_the_callers_to_mend(subject: Subject, stream: bool):
    """With both numbers, which this server tells apart from its sentence."""
    with pytest.raises(ContextLengthExceeded, match=f"{CONTEXT_TOKENS} tokens"):
        await gathered(subject.chat("over and over " * CONTEXT_TOKENS, stream=stream))


async def test_tokens_that_the_model_does_not_have_are_the_callers_to_mend(subject: Subject):
    """The server's own words come back."""
    with pytest.raises(InvalidRequest):
        await gathered(subject.complete((2**31 - 1,)))


async def test_closing_early_stops_the_computation_within_a_second(subject: Subject):
    """The server notices that nobody listens."""
    facts = subject.chat(subject.story, stream=True, max_tokens=400)
    await anext(facts)
    assert not await subject.is_idle()
    await facts.aclose()
    assert await subject.becomes_idle()


async def test_answers_follow_one_another_on_connections_that_close(subject: Subject):
    """This server closes a connection after a stream and does not say so: the next call must not be its victim."""
    for _ in range(4):
        await gathered(subject.chat("Say hello.", stream=True, max_tokens=2))
        await gathered(subject.chat("Say hello.", max_tokens=2))
        await asyncio.sleep(0)


async def test_a_wrong_key_is_the_operators(server: LlamaServer):
    """And is shown to nobody."""
    engine = await remote_to(server, key="sk-wrong-0123456789")
    stranger = Subject(engine, "smollm2", "", server.num_working)  # pyright: ignore[reportArgumentType]
    with pytest.raises(UpstreamFailed, match="operator"):
        await gathered(stranger.chat("hi"))
    await engine.close()
