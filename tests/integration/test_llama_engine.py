"""The embedded engine with a small model: what the contract of all engines does not say of it."""

import asyncio
import os
import signal
import statistics
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from bench.interference import measure
from tests.fixtures.weights import weights_of

from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.sampling import Place, Plan, call_of
from antiphon.engines.llama.server import LlamaServer, ProcessConfig
from antiphon.errors import ContextLengthExceeded, EngineFailed, EngineOverloaded, InvalidRequest
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChatFact,
    ChoiceFinished,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

MODEL = "smollm2-135m-instruct"
CONTEXT_TOKENS = 2048
STORY = "Tell a very long story about a whale."
CANCELLED_WITHIN_S = 1.0
RECOVERED_WITHIN_S = 5.0


@asynccontextmanager
async def running(*, num_slots: int = 2, max_waiting: int = 8) -> AsyncIterator[LlamaEngine]:
    """Give an engine whose process ends with the block; `engine.server` is its process."""
    entry, weights = weights_of(MODEL)
    server = LlamaServer(
        MODEL, ProcessConfig(str(weights.path), CONTEXT_TOKENS, num_slots, num_threads=2), max_waiting=max_waiting
    )
    try:
        yield LlamaEngine(server, entry, EngineProfile("fp_test", context_tokens=CONTEXT_TOKENS, max_top_logprobs=20))
    finally:
        await server.drain(grace_s=0)


@pytest.fixture
async def engine() -> AsyncIterator[LlamaEngine]:
    """An engine of two slots."""
    async with running() as one:
        yield one


def chat(engine: LlamaEngine, text: str, **options: Any) -> AsyncGenerator[ChatFact, None]:
    """Begin a chat of one message."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}], **options}
    return engine.chat(ChatWork("chatcmpl-1", "org", MODEL, ChatRequest.model_validate(body)))


async def told(facts: AsyncGenerator[ChatFact, None]) -> list[ChatFact]:
    """Return all facts."""
    async with aclosing(facts):
        return [fact async for fact in facts]


def text_of(facts: list[ChatFact]) -> str:
    """Return the text of the first choice."""
    return "".join(fact.text for fact in facts if isinstance(fact, TextProduced) and fact.index == 0)


async def until_idle_s(engine: LlamaEngine) -> float:
    """Return the seconds until no slot of the process computes."""
    start = time.monotonic()
    async with asyncio.timeout(30):
        while await engine.server.num_working():  # noqa: ASYNC110  (the process can only be asked)
            await asyncio.sleep(0.01)
    return time.monotonic() - start


async def test_the_same_seed_gives_the_same_text_twenty_times(engine: LlamaEngine):
    """On an idle engine, whichever slot it runs in and whatever ran there before."""
    texts: set[str] = set()
    for number in range(20):
        if number % 5 == 0:
            await told(chat(engine, f"Something else, {number}.", max_tokens=3))
        texts.add(text_of(await told(chat(engine, "Name an animal.", seed=42, temperature=1, max_tokens=16))))
    assert len(texts) == 1


async def test_without_a_seed_texts_differ(engine: LlamaEngine):
    """Chance is chance."""
    texts = {text_of(await told(chat(engine, "Name an animal.", temperature=1.5, max_tokens=12))) for _ in range(5)}
    assert len(texts) > 1


async def test_choices_of_one_request_differ(engine: LlamaEngine):
    """A seed is that of the first choice; each of the others has its own."""
    both = await told(chat(engine, "Name an animal.", n=2, seed=7, temperature=1.5, max_tokens=12))
    second = "".join(fact.text for fact in both if isinstance(fact, TextProduced) and fact.index == 1)
    assert second != text_of(both)


async def test_a_killed_process_fails_its_streams_in_words_and_answers_the_next_request(engine: LlamaEngine):
    """The error comes at once, the next answer within five seconds."""
    facts = chat(engine, STORY, max_tokens=1000)
    await anext(facts)
    pid = engine.server.supervisor.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    killed_at = time.monotonic()
    with pytest.raises(EngineFailed, match="try again"):
        await told(facts)
    assert time.monotonic() - killed_at < 1
    assert text_of(await told(chat(engine, "Say hello.", max_tokens=4)))
    assert time.monotonic() - killed_at < RECOVERED_WITHIN_S


async def test_a_request_that_finds_the_process_dead_waits_for_the_next(engine: LlamaEngine):
    """Nobody but those in mid-answer learns of it."""
    await told(chat(engine, "Say hello.", max_tokens=1))
    pid = engine.server.supervisor.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert text_of(await told(chat(engine, "Say hello.", max_tokens=4)))


async def test_leaving_amid_a_long_prompt_frees_the_process_within_a_second(engine: LlamaEngine):
    """The prompt is not computed to its end for nobody."""
    facts = chat(engine, "again " * 1900, max_tokens=4)
    waiting = asyncio.create_task(anext(facts))
    async with asyncio.timeout(20):
        while not await engine.server.num_working():  # noqa: ASYNC110  (the process can only be asked)
            await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await until_idle_s(engine) < CANCELLED_WITHIN_S


async def test_a_stop_string_frees_the_process_too(engine: LlamaEngine):
    """We find stop strings ourselves, so the process must be told that the answer is over."""
    facts = await told(chat(engine, STORY, stop=["a"], max_tokens=1000))
    assert any(isinstance(fact, ChoiceFinished) and fact.reason == "stop" for fact in facts)
    assert await until_idle_s(engine) < CANCELLED_WITHIN_S


async def test_requests_beyond_the_queue_are_refused():
    """The queue is as long as was said, and the refusal comes at once."""
    async with running(num_slots=1, max_waiting=1) as engine:
        first = chat(engine, STORY, max_tokens=1000)
        await anext(first)
        second = chat(engine, "Say hello.", max_tokens=1)
        waiting = asyncio.create_task(anext(second))
        while engine.server.supervisor.slots.num_waiting == 0:  # noqa: ASYNC110  (its first step is not told)
            await asyncio.sleep(0.01)
        with pytest.raises(EngineOverloaded):
            await told(chat(engine, "Say hello.", max_tokens=1))
        await first.aclose()
        assert isinstance(await waiting, TextProduced)
        await second.aclose()


async def test_more_choices_than_slots_take_turns():
    """One slot tells three choices, one after the other."""
    async with running(num_slots=1) as engine:
        facts = await told(chat(engine, "Name an animal.", n=3, max_tokens=3))
    assert sum(isinstance(fact, ChoiceFinished) for fact in facts) == 3


async def test_a_prompt_over_the_context_is_refused_with_both_numbers(engine: LlamaEngine):
    """The caller learns how much too long it is."""
    with pytest.raises(ContextLengthExceeded, match=rf"{CONTEXT_TOKENS} tokens.*resulted in 30\d\d tokens"):
        await told(chat(engine, "again " * 3000))


async def test_what_a_user_spells_out_steers_nothing(engine: LlamaEngine):
    """A control token in a message is read as the letters that it is written in."""
    spelled, nothing = [(await told(chat(engine, text, max_tokens=1)))[-1] for text in ("<|im_end|>" * 8, "")]
    assert isinstance(spelled, UsageCounted)
    assert isinstance(nothing, UsageCounted)
    assert spelled.prompt_tokens - nothing.prompt_tokens > 8 * 4


async def test_every_piece_of_text_is_whole_characters(engine: LlamaEngine):
    """A character of several tokens is told once it is whole, with its bytes where log-probabilities are asked for."""
    facts = await told(chat(engine, "Repeat: 🌟 你好 🎉 你好 🌟", max_tokens=40, logprobs=True, temperature=0))
    pieces = [fact for fact in facts if isinstance(fact, TextProduced)]
    assert "\ufffd" not in text_of(facts)
    for piece in pieces:
        assert b"".join(bytes(entry.bytes or ()) for entry in piece.logprobs) == piece.text.encode()


async def test_a_penalised_answer_finds_its_end(engine: LlamaEngine):
    """Penalties fall on what the model wrote, not on the ends of the messages before."""
    options = {"max_tokens": 200, "temperature": 0, "frequency_penalty": 2, "presence_penalty": 2}
    history = [{"role": role, "content": "yes"} for _ in range(6) for role in ("user", "assistant")]
    body = {"model": MODEL, "messages": [*history, {"role": "user", "content": "Say yes."}], **options}
    facts = await told(engine.chat(ChatWork("chatcmpl-1", "org", MODEL, ChatRequest.model_validate(body))))
    assert [fact.reason for fact in facts if isinstance(fact, ChoiceFinished)] == ["stop"]


async def test_a_banned_token_is_never_written(engine: LlamaEngine):
    """A bias of -100 takes a token out, one of 100 leaves no other."""
    tokens = await engine.server.tokens(" yes", add_special=False, parse_special=False)
    facts = await told(chat(engine, "Say hello.", logit_bias={str(tokens[0]): 100}, max_tokens=3, temperature=0))
    assert text_of(facts) == " yes yes yes"
    banned = await told(chat(engine, "Say yes.", logit_bias={str(tokens[0]): -100}, max_tokens=20, temperature=0))
    assert " yes" not in text_of(banned)


async def test_a_continuation_of_no_tokens_only_counts_the_prompt(engine: LlamaEngine):
    """`max_tokens` of 0 is allowed there."""
    request = CompletionRequest(model=MODEL, prompt="one two three", max_tokens=0)
    work = CompletionWork("cmpl-1", "org", MODEL, "one two three", request)
    facts = [fact async for fact in engine.complete(work)]
    assert [type(fact) for fact in facts] == [ChoiceFinished, UsageCounted]
    assert isinstance(facts[-1], UsageCounted)
    assert (facts[-1].prompt_tokens, facts[-1].completion_tokens) == (3, 0)


async def test_a_call_counts_its_name_as_written_though_it_stood_in_the_prompt(engine: LlamaEngine):
    """The prompt's tokens are the same whichever way the model went."""
    tool = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}
    options: dict[str, Any] = {"tools": [tool], "temperature": 0, "max_tokens": 60}
    called = await told(chat(engine, "What time is it?", tool_choice="required", **options))
    assert [type(fact) for fact in called[:2]] == [ToolCallStarted, ArgumentsProduced]
    plain = await told(chat(engine, "What time is it?", **options))
    assert isinstance(called[-1], UsageCounted)
    assert isinstance(plain[-1], UsageCounted)
    assert called[-1].prompt_tokens == plain[-1].prompt_tokens
    assert called[-1].completion_tokens > 5


@pytest.mark.timeout(300)
async def test_bulk_work_gives_way_to_interactive_work():
    """With a 4k-token prompt computing in bulk the first token comes within 1.5 times its time alone."""
    entry, _ = weights_of(MODEL)
    found = await measure(entry, num_tokens=4096, num_rounds=10)
    alone, beside = found["alone_s"], found["beside_s"]
    assert isinstance(alone, list)
    assert isinstance(beside, list)
    assert statistics.median(beside) < 1.5 * statistics.median(alone), found


async def test_a_grammar_that_cannot_be_compiled_is_refused_and_not_ignored(engine: LlamaEngine):
    """llama.cpp alone would answer freely, with nothing on the wire that says so."""
    plan = Plan("The sky is", "%llguidance {}\nstart: /(/", max_tokens=4)
    request = ChatRequest.model_validate({"model": MODEL, "messages": [{"role": "user", "content": "?"}]})
    call = call_of(request, plan, weights_of(MODEL)[0].sampling, 1, Place(0, follows=False))
    with pytest.raises(InvalidRequest, match="cannot be enforced"):
        await anext(engine.server.complete(call))
