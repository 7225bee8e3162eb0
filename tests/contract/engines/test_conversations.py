"""What `ChatEngine` promises of spoken conversations, held by every engine."""

import asyncio
from contextlib import aclosing

import pytest
from tests.contract.engines.subjects import CONTEXT_TOKENS, Subject, gathered, reason, text, usage

from antiphon.errors import InvalidRequest
from antiphon.generation.facts import PromptCounted, TextProduced

pytestmark = pytest.mark.asyncio(loop_scope="session")

SYSTEM = ("system", "You are a guide in a museum of ships. You answer in few words, as one speaks.")
FIRST = [SYSTEM, ("user", "Which ship is the oldest?")]
LATER = [*FIRST, ("assistant", "The boat from Nydam."), ("user", "And how long is it?")]
TOOLS = [{"type": "function", "function": {"name": "close_door", "description": "Closes the door"}}]


async def test_a_conversation_that_was_warmed_is_answered(subject: Subject):
    """Warming tells nothing, and leaves nothing to be done."""
    assert await subject.engine.warm(subject.turn(SYSTEM)) is None
    assert await subject.becomes_idle()
    assert text(await gathered(subject.engine.chat(subject.turn(*FIRST))))


async def test_warming_that_is_cancelled_ends_within_a_second(subject: Subject):
    """The next answer need not wait for it."""
    work = subject.turn(("system", "so on and " * (CONTEXT_TOKENS // 4)))
    warming = asyncio.create_task(subject.engine.warm(work))
    await asyncio.sleep(0)
    warming.cancel()
    await asyncio.gather(warming, return_exceptions=True)
    assert await subject.becomes_idle()


async def test_each_turn_is_counted_whole_whatever_was_computed_before(subject: Subject):
    """What is cached is part of the prompt's tokens; the same prompt is as many, in a conversation or out of it."""
    counts = [
        usage(await gathered(subject.engine.chat(subject.turn(*messages, conversation=conversation))))
        for conversation in ("conv_2", None)
        for messages in (FIRST, LATER, FIRST)
    ]
    assert [count.prompt_tokens for count in counts[:3]] == [count.prompt_tokens for count in counts[3:]]
    assert all(0 <= count.cached_tokens < count.prompt_tokens for count in counts)
    assert all(count.cached_tokens == 0 for count in counts[3:])


async def test_a_conversation_goes_on_after_an_answer_that_was_left(subject: Subject):
    """As where the user interrupts."""
    async with aclosing(subject.engine.chat(subject.turn(*FIRST, max_tokens=200))) as facts:
        assert isinstance(await anext(facts), TextProduced)
    assert text(await gathered(subject.engine.chat(subject.turn(*LATER))))


async def test_the_tokens_of_the_messages_add_up_to_the_prompt(subject: Subject):
    """Where an engine tells them, it tells them before the count, one figure for each message."""
    for options in ({}, {"tools": TOOLS, "tool_choice": "auto"}, {"tools": TOOLS, "tool_choice": "required"}):
        work = subject.turn(*LATER, measures_prompt=True, max_tokens=30, **options)
        *told, counted, total = await gathered(subject.engine.chat(work))
        if not isinstance(counted, PromptCounted):
            continue
        assert not any(isinstance(fact, PromptCounted) for fact in told)
        assert len(counted.message_tokens) == len(LATER)
        assert all(num_tokens > 0 for num_tokens in counted.message_tokens)
        assert sum(counted.message_tokens) + counted.rest_tokens == total.prompt_tokens


async def test_nobody_is_told_of_messages_unasked(subject: Subject):
    facts = await gathered(subject.engine.chat(subject.turn(*LATER)))
    assert not any(isinstance(fact, PromptCounted) for fact in facts)


async def test_a_conversation_may_call_functions(subject: Subject):
    """The questions that go before a call change nothing for the next turn."""
    options = {"tools": TOOLS, "tool_choice": "required", "parallel_tool_calls": False, "max_tokens": 60}
    called = await gathered(subject.engine.chat(subject.turn(*FIRST, **options)))
    assert reason(called) == "tool_calls"
    assert text(await gathered(subject.engine.chat(subject.turn(*LATER, tools=TOOLS, tool_choice="none"))))


async def test_a_conversation_over_the_context_is_refused(subject: Subject):
    """Its next turn may be shorter, and is answered."""
    with pytest.raises(InvalidRequest):
        await gathered(subject.engine.chat(subject.turn(("user", "over and over " * CONTEXT_TOKENS))))
    assert text(await gathered(subject.engine.chat(subject.turn(*FIRST))))
