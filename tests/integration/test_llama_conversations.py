"""Slots that are kept for spoken conversations, with a real small model: what is computed anew and what is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from tests.fixtures.weights import weights_of

from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.server import LlamaServer, ProcessConfig
from antiphon.generation.facts import ChatFact, PromptCounted, TextProduced, UsageCounted
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork
from antiphon.wire.chat.request import ChatRequest

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODEL = "smollm2-135m-instruct"
SYSTEM = ("system", "You are a guide in a museum of ships. " + "You answer in few words, as one speaks. " * 8)
QUESTION = ("user", "Which of all the ships in these rooms is the oldest one, and where was it found?")
# The end of the user's message and the beginning of the assistant's: <|im_end|> \n <|im_start|> ass istant \n
FRAME_TOKENS = 6
TOOLS = [
    {"type": "function", "function": {"name": "close_door", "description": "Closes the door of a room"}},
    {"type": "function", "function": {"name": "call_guard", "description": "Calls a guard"}},
]


@asynccontextmanager
async def running(num_slots: int) -> AsyncIterator[LlamaEngine]:
    """Give an engine whose process ends with the block."""
    entry, weights = weights_of(MODEL)
    config = ProcessConfig(str(weights.path), 2048, num_slots, num_threads=2, urgency="spoken")
    server = LlamaServer(MODEL, config, max_waiting=8)
    try:
        yield LlamaEngine(server, entry, EngineProfile("fp_test", context_tokens=2048))
    finally:
        await server.drain(grace_s=0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[LlamaEngine]:
    """An engine of one slot, so that conversations have to share it."""
    async with running(num_slots=1) as one:
        yield one


def turn(
    *messages: tuple[str, str],
    conversation: str | None = "conv_1",
    organization: str = "org",
    measures_prompt: bool = False,
    **options: Any,
) -> ChatWork:
    """Return the work of a turn."""
    said = [{"role": role, "content": content} for role, content in messages]
    body = {"model": MODEL, "messages": said, "max_tokens": 6, "temperature": 0, "stream": True, **options}
    request = ChatRequest.model_validate(body)
    return ChatWork("w", organization, MODEL, request, conversation=conversation, measures_prompt=measures_prompt)


async def told(engine: LlamaEngine, work: ChatWork) -> list[ChatFact]:
    """Return all facts."""
    async with aclosing(engine.chat(work)) as facts:
        return [fact async for fact in facts]


async def counted(engine: LlamaEngine, work: ChatWork) -> UsageCounted:
    """Return the count."""
    *_, last = await told(engine, work)
    assert isinstance(last, UsageCounted)
    return last


def num_computed(count: UsageCounted) -> int:
    """Return how many tokens of the prompt the engine had to compute."""
    return count.prompt_tokens - count.cached_tokens


async def num_tokens(engine: LlamaEngine, text: str) -> int:
    """Return how many tokens a text is."""
    return len(await engine.server.tokens(text, add_special=False, parse_special=False))


async def test_after_warming_only_the_users_words_are_computed(engine: LlamaEngine):
    """Instructions and the beginning of the user's message are there, to the token."""
    await engine.warm(turn(SYSTEM))
    count = await counted(engine, turn(SYSTEM, QUESTION))
    assert num_computed(count) == await num_tokens(engine, QUESTION[1]) + FRAME_TOKENS
    assert count.prompt_tokens > 100


async def test_after_an_answer_the_next_turn_computes_only_what_is_new(engine: LlamaEngine):
    """The answer itself was computed as it was written; warming adds the frame after it."""
    answer = "".join(fact.text for fact in await told(engine, turn(SYSTEM, QUESTION)) if isinstance(fact, TextProduced))
    history = (SYSTEM, QUESTION, ("assistant", answer))
    await engine.warm(turn(*history))
    count = await counted(engine, turn(*history, ("user", "And how long is it?")))
    assert num_computed(count) == await num_tokens(engine, "And how long is it?") + FRAME_TOKENS


async def test_without_warming_the_next_turn_still_finds_what_went_before(engine: LlamaEngine):
    await told(engine, turn(SYSTEM, QUESTION))
    count = await counted(engine, turn(SYSTEM, QUESTION, ("assistant", "A boat."), ("user", "Where is it?")))
    assert num_computed(count) < 25


async def test_an_answer_that_was_cut_is_rewound_to_the_cut(engine: LlamaEngine):
    """What was not heard is not in the prompt, nor in the slot."""
    whole = "It is the boat from Nydam, which was found in a bog more than a century ago by a farmer."
    for heard in (whole, "It is the boat from Nydam,"):
        history = (SYSTEM, QUESTION, ("assistant", heard), ("user", "Thank you."))
        count = await counted(engine, turn(*history))
        fresh = await counted(engine, turn(*history, conversation=None))
        assert count.prompt_tokens == fresh.prompt_tokens
        await engine.warm(turn(SYSTEM, QUESTION, ("assistant", whole)))
    history = (SYSTEM, QUESTION, ("assistant", "It is the boat from Nydam,"), ("user", "Thank you."))
    assert num_computed(await counted(engine, turn(*history))) <= 3 + 2 * FRAME_TOKENS


async def test_another_conversation_in_the_same_slot_gets_nothing_of_it(engine: LlamaEngine):
    """Though its prompt is the same, and though it comes again."""
    await engine.warm(turn(SYSTEM))
    others = [
        turn(SYSTEM, QUESTION, conversation="conv_2"),
        turn(SYSTEM, QUESTION, conversation="conv_2", organization="other"),
        turn(SYSTEM, QUESTION, conversation=None),
        turn(SYSTEM, QUESTION),
    ]
    assert [(await counted(engine, work)).cached_tokens for work in others] == [0, 0, 0, 0]


async def test_conversations_in_slots_of_their_own_keep_what_they_have():
    async with running(num_slots=2) as engine:
        for conversation in ("conv_1", "conv_2", "conv_1", "conv_2"):
            await engine.warm(turn(SYSTEM, conversation=conversation))
        for conversation in ("conv_1", "conv_2"):
            count = await counted(engine, turn(SYSTEM, QUESTION, conversation=conversation))
            assert num_computed(count) < 30


async def test_warming_that_is_cancelled_keeps_what_it_computed(engine: LlamaEngine):
    """The answer that ends it goes on from there."""
    system = ("system", "so on and on and " * 250)
    warming = asyncio.create_task(engine.warm(turn(system)))
    async with asyncio.timeout(20):
        while not await engine.server.num_working():  # noqa: ASYNC110  (the process can only be asked)
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.2)
    assert not warming.done()
    warming.cancel()
    await asyncio.gather(warming, return_exceptions=True)
    count = await counted(engine, turn(system, ("user", "Yes?")))
    assert 0 < count.cached_tokens < count.prompt_tokens - 100


async def test_nothing_is_warmed_where_every_slot_has_work(engine: LlamaEngine):
    """An answer is never behind a guess."""
    async with aclosing(engine.chat(turn(SYSTEM, QUESTION, max_tokens=200))) as facts:
        await anext(facts)
        async with asyncio.timeout(1):
            await engine.warm(turn(SYSTEM, conversation="conv_2"))


async def test_the_question_whether_to_call_a_function_is_asked_in_the_kept_slot(engine: LlamaEngine):
    """It costs the tokens that are new, and is not counted as cached by the answer after it."""
    await engine.warm(turn(SYSTEM, tools=TOOLS))
    count = await counted(engine, turn(SYSTEM, QUESTION, tools=TOOLS))
    assert num_computed(count) == await num_tokens(engine, QUESTION[1]) + FRAME_TOKENS


async def test_an_answer_that_is_not_of_a_conversation_counts_nothing_as_cached(engine: LlamaEngine):
    """The steps of one chat follow one another in its slot, but that was all computed for it."""
    for _ in range(2):
        assert (await counted(engine, turn(SYSTEM, QUESTION, conversation=None, tools=TOOLS))).cached_tokens == 0


async def test_each_message_is_counted_with_its_frame(engine: LlamaEngine):
    """To the token, spelled-out control tokens and wide characters included; tools are no message's."""
    messages = [SYSTEM, ("user", "Größe <|im_end|> 握草?"), ("assistant", "Ja."), ("user", "")]
    for options in ({}, {"tools": TOOLS}):
        *_, measured, total = await told(engine, turn(*messages, measures_prompt=True, **options))
        assert isinstance(measured, PromptCounted)
        assert isinstance(total, UsageCounted)
        contents = [await num_tokens(engine, content) for _, content in messages]
        frames = [got - own for got, own in zip(measured.message_tokens, contents, strict=True)]
        # <|im_start|> role \n ... <|im_end|> \n, where the cut in a spelled token may cost one or two more
        assert [frames[0], *frames[2:]] == [5, 6, 5]
        assert 5 <= frames[1] <= 7
        assert sum(measured.message_tokens) + measured.rest_tokens == total.prompt_tokens
        assert (measured.rest_tokens > 30) == bool(options)


async def test_a_result_is_counted_where_it_is_told(engine: LlamaEngine):
    """The answer in words has the results within the question."""
    call = {"id": "call_1", "type": "function", "function": {"name": "call_guard", "arguments": "{}"}}
    said = [
        {"role": "user", "content": "Is somebody there?"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "The guard has gone home at five."},
    ]
    body = {"model": MODEL, "messages": said, "tools": TOOLS, "max_tokens": 6, "temperature": 0}
    work = ChatWork("w", "org", MODEL, ChatRequest.model_validate(body), conversation="c", measures_prompt=True)
    *_, measured, total = await told(engine, work)
    assert isinstance(measured, PromptCounted)
    assert isinstance(total, UsageCounted)
    assert sum(measured.message_tokens) + measured.rest_tokens == total.prompt_tokens
    assert measured.message_tokens[2] > 8
