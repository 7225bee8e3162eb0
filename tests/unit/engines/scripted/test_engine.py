"""The scripted engine's silences, its context and its embeddings; what else it must do is in the contract."""

from typing import Any

import pytest

from antiphon.engines.scripted.engine import ScriptedEngine
from antiphon.errors import ContextLengthExceeded, InvalidRequest
from antiphon.generation.work import ChatWork, EmbeddingWork
from antiphon.testing.clock import FakeClock
from antiphon.wire.chat.request import ChatRequest


def chat_of(content: str, **options: Any) -> ChatWork:
    """Return the work of a chat of one message."""
    body = {"model": "m", "messages": [{"role": "user", "content": content}], **options}
    return ChatWork("chatcmpl-1", "org", "m", ChatRequest.model_validate(body))


async def test_silences_are_slept_by_the_clock_that_is_given():
    """A script of minutes takes no time in a test."""
    clock = FakeClock()
    engine = ScriptedEngine(sleep=clock.sleep)
    script = '{"script": [{"wait_ms": 60000}, {"say": "a b", "ms_per_token": 250}]}'
    facts = [fact async for fact in engine.chat(chat_of(script))]
    assert len(facts) == 4
    assert clock.slept_s == [60.0, 0.25, 0.25]


async def test_calls_of_a_conversation_never_share_an_id():
    """The same script, later in the conversation, makes another call; the same conversation makes the same."""
    engine = ScriptedEngine()
    script = '{"script": [{"call": "f"}]}'
    first = await anext(engine.chat(chat_of(script)))
    again = await anext(engine.chat(chat_of(script)))
    earlier = [{"role": "user", "content": script}, {"role": "assistant", "content": "a"}]
    request = ChatRequest.model_validate({"model": "m", "messages": [*earlier, {"role": "user", "content": script}]})
    later = await anext(engine.chat(ChatWork("chatcmpl-1", "org", "m", request)))
    assert first == again != later


async def test_the_context_is_bounded():
    """As a model's is."""
    engine = ScriptedEngine(context_tokens=10)
    assert [fact async for fact in engine.chat(chat_of("a b c d e f"))]
    with pytest.raises(ContextLengthExceeded, match=r"10 tokens.*11 tokens"):
        [fact async for fact in engine.chat(chat_of("a b c d e f g"))]


async def test_dimensions_are_as_asked_for_and_bounded():
    """Up to what a hash can fill in no time."""
    engine = ScriptedEngine()
    embedded = await engine.embed(EmbeddingWork("e", "org", "m", ("a", (1, 2)), 8))
    assert [len(vector) for vector in embedded.vectors] == [8, 8]
    with pytest.raises(InvalidRequest):
        await engine.embed(EmbeddingWork("e", "org", "m", ("a",), 10**6))
