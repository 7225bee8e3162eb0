"""Facts that are told in OpenAI's form and read again are the same facts."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.http import EventData
from antiphon.engines.remote.reading import ChatReader
from antiphon.generation.answer import AnswerHead, StreamedAnswer, WholeAnswer
from antiphon.generation.caching import CacheWishes
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChatFact,
    ChoiceFinished,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.testing.ids import CountingIds
from antiphon.wire.chat.answer import TokenLogprob, TopLogprob

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
COUNT = st.integers(0, 10**9)
LOGPROB = st.floats(-100, 0)
BYTES = st.none() | st.lists(st.integers(0, 255), max_size=4)
TOP = st.lists(st.builds(TopLogprob, TEXT, LOGPROB, BYTES), max_size=3)
LOGPROBS = st.lists(st.builds(TokenLogprob, TEXT, LOGPROB, BYTES, TOP), max_size=3).map(tuple)


@st.composite
def choices(draw: st.DrawFn, index: int, *, tells_logprobs: bool) -> list[ChatFact]:
    """Draw the facts of a choice: text, a refusal or calls, and an end that goes with them."""
    facts: list[ChatFact] = []
    kind = draw(st.sampled_from(["text", "refusal", "calls"]))
    if kind == "refusal":
        facts += [RefusalProduced(index, text) for text in draw(st.lists(TEXT, min_size=1, max_size=3))]
    else:
        logprobs = LOGPROBS if tells_logprobs else st.just(())
        facts += [TextProduced(index, *drawn) for drawn in draw(st.lists(st.tuples(TEXT, logprobs), max_size=4))]
    num_calls = draw(st.integers(1, 3)) if kind == "calls" else 0
    for call in range(num_calls):
        facts.append(ToolCallStarted(index, call, draw(TEXT), draw(TEXT)))
        facts += [ArgumentsProduced(index, call, text) for text in draw(st.lists(TEXT, max_size=3))]
    reasons = ["tool_calls", "length"] if num_calls else ["stop", "length", "content_filter"]
    return [*facts, ChoiceFinished(index, draw(st.sampled_from(reasons)))]  # pyright: ignore[reportArgumentType]


@st.composite
def answers(draw: st.DrawFn, num_choices: int, *, tells_logprobs: bool) -> list[ChatFact]:
    """Draw the facts of an answer: its choices interleaved in any way, and the count."""
    waiting = [draw(choices(index, tells_logprobs=tells_logprobs)) for index in range(num_choices)]
    facts: list[ChatFact] = []
    while any(waiting):
        place = draw(st.sampled_from([place for place, left in enumerate(waiting) if left]))
        facts.append(waiting[place].pop(0))
    return [*facts, draw(usages())]


@st.composite
def usages(draw: st.DrawFn) -> UsageCounted:
    """Draw a count whose cached tokens are not the whole prompt, as they never are."""
    prompt_tokens = draw(st.integers(1, 10**9))
    cached = st.integers(0, prompt_tokens - 1)
    return draw(st.builds(UsageCounted, st.just(prompt_tokens), COUNT, cached, *[COUNT] * 6))


def head(*, tells_logprobs: bool) -> AnswerHead:
    """Return the head of an answer that tells cached tokens as they are, and not in steps."""
    exact = CacheWishes(mode="explicit")
    return AnswerHead("chatcmpl-1", 1_727_740_800, "gpt-4o", "fp_1", tells_logprobs=tells_logprobs, caching=exact)


@given(data=st.data(), num_choices=st.integers(1, 3), tells_logprobs=st.booleans(), piece=st.integers(1, 200))
def test_a_stream_is_read_as_it_was_told(data: st.DataObject, num_choices: int, tells_logprobs: bool, piece: int):
    """Every fact comes back, in order, whatever pieces the network makes of the stream."""
    facts = data.draw(answers(num_choices, tells_logprobs=tells_logprobs))
    streamed = StreamedAnswer(head(tells_logprobs=tells_logprobs), includes_usage=True)
    chunks = [chunk for fact in facts for chunk in streamed.chunks(fact)]
    sent = b"".join(b"data: " + msgspec.json.encode(chunk) + b"\n\n" for chunk in chunks)
    reader, events = ChatReader(num_choices, CountingIds()), EventData()
    received = [sent[at : at + piece] for at in range(0, len(sent), piece)]
    read = [fact for one in received for event in events.feed(one) for fact in reader.read(event)]
    assert [*read, reader.end()] == facts


@given(data=st.data(), num_choices=st.integers(1, 3), tells_logprobs=st.booleans())
def test_a_whole_answer_is_read_as_it_was_told(data: st.DataObject, num_choices: int, tells_logprobs: bool):
    """Folded again, what was read is the same answer."""
    facts = data.draw(answers(num_choices, tells_logprobs=tells_logprobs))
    told = whole(facts, num_choices, tells_logprobs=tells_logprobs)
    reader = ChatReader(num_choices, CountingIds())
    read = [*reader.read(msgspec.json.encode(told)), reader.end()]
    assert whole(read, num_choices, tells_logprobs=tells_logprobs) == told


def whole(facts: list[ChatFact], num_choices: int, *, tells_logprobs: bool) -> Any:
    """Fold facts into an answer."""
    answer = WholeAnswer(head(tells_logprobs=tells_logprobs), num_choices)
    for fact in facts:
        answer.add(fact)
    return answer.completion()
