"""The contract of `ChatEngine`, held by every engine: each behaviour once, over each of them.

`gathered` checks the order of facts in every test: one end for each choice, nothing of it after, one count, last.
"""

import json
import math

import jsonschema
import pytest
from tests.contract.engines.subjects import CONTEXT_TOKENS, Subject, gathered, reason, text, usage

from antiphon.errors import InvalidRequest
from antiphon.generation.facts import ArgumentsProduced, ChoiceFinished, TextProduced, ToolCallStarted
from antiphon.schemas import SchemaOwner, read_schema

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNTING = "Count: one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve."
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Z][a-z]{2,8}$"},
        "age": {"type": "integer", "minimum": 1, "maximum": 99},
        "likes": {"type": "array", "items": {"enum": ["tea", "coffee"]}, "minItems": 1, "maxItems": 2},
    },
    "required": ["name", "age", "likes"],
    "additionalProperties": False,
}
WEATHER = {
    "type": "object",
    "properties": {"city": {"enum": ["Oslo", "Bergen"]}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOLS = [
    {"type": "function", "function": {"name": "remember", "parameters": PERSON}},
    {"type": "function", "function": {"name": "weather", "description": "The weather", "parameters": WEATHER}},
]


def calls(facts: list) -> list[tuple[str, str]]:
    """Return the name and the arguments of each call of the first choice."""
    made: list[list[str]] = []
    for fact in facts:
        if isinstance(fact, ToolCallStarted):
            assert fact.call == len(made), "calls count from 0"
            assert fact.id
            made.append([fact.name, ""])
        elif isinstance(fact, ArgumentsProduced):
            made[fact.call][1] += fact.text
    return [(name, arguments) for name, arguments in made]


async def test_an_answer_is_text_an_end_and_a_count(subject: Subject, streams: bool):
    """A plain question is answered in words, ends by itself or at its limit, and is counted."""
    facts = await gathered(subject.chat("Say hello.", stream=streams, max_tokens=40, temperature=0))
    assert text(facts)
    assert reason(facts) in {"stop", "length"}
    assert usage(facts).prompt_tokens > 0
    assert usage(facts).completion_tokens > 0


async def test_a_stream_tells_its_text_in_pieces(subject: Subject):
    """Words come as they are made, in more than one fact."""
    facts = await gathered(subject.chat(COUNTING, stream=True, max_tokens=20, temperature=0))
    assert sum(isinstance(fact, TextProduced) for fact in facts) > 1


async def test_a_limit_of_tokens_ends_the_answer_with_length(subject: Subject, streams: bool):
    """The answer has as many tokens as were allowed, and says that this is why it ended."""
    facts = await gathered(subject.chat(COUNTING, stream=streams, max_completion_tokens=3, temperature=0))
    assert reason(facts) == "length"
    assert usage(facts).completion_tokens == 3


async def test_the_older_limit_of_tokens_holds_too(subject: Subject):
    """`max_tokens` bounds the answer as `max_completion_tokens` does."""
    facts = await gathered(subject.chat(COUNTING, max_tokens=3, temperature=0))
    assert (reason(facts), usage(facts).completion_tokens) == ("length", 3)


async def test_a_stop_string_ends_the_answer_before_it(subject: Subject, streams: bool):
    """The answer is that without a stop string, up to where the string would begin."""
    options = {"stream": streams, "max_tokens": 24, "temperature": 0, "seed": 7}
    unbounded = text(await gathered(subject.chat(COUNTING, **options)))
    stop = unbounded[len(unbounded) // 2 :][:3]
    facts = await gathered(subject.chat(COUNTING, stop=["no such text", stop], **options))
    assert text(facts) == unbounded[: unbounded.index(stop)]
    assert reason(facts) == "stop"


async def test_a_stop_string_may_stand_alone(subject: Subject):
    """`stop` may be a string in place of a list."""
    options = {"max_tokens": 24, "temperature": 0, "seed": 7}
    unbounded = text(await gathered(subject.chat(COUNTING, **options)))
    facts = await gathered(subject.chat(COUNTING, stop=unbounded[5:8], **options))
    assert text(facts) == unbounded[: unbounded.index(unbounded[5:8])]


async def test_the_same_seed_gives_the_same_answer(subject: Subject):
    """With a seed, chance is repeated."""
    options = {"max_tokens": 16, "temperature": 1.0, "seed": 1234}
    first = await gathered(subject.chat("Name a colour and an animal.", **options))
    second = await gathered(subject.chat("Name a colour and an animal.", **options))
    assert text(first) == text(second)


async def test_n_choices_are_as_many_answers_and_one_count(subject: Subject, streams: bool):
    """Each choice says something and ends; the prompt counts once, the answers together."""
    options = {"stream": streams, "max_tokens": 5, "temperature": 0.5}
    one = usage(await gathered(subject.chat(COUNTING, **options)))
    facts = await gathered(subject.chat(COUNTING, n=3, **options))
    assert all(text(facts, index) for index in range(3))
    assert [reason(facts, index) for index in range(3)] == ["length"] * 3
    assert usage(facts).prompt_tokens == one.prompt_tokens
    assert usage(facts).completion_tokens == 15


async def test_log_probabilities_are_of_the_tokens_of_the_text(subject: Subject, streams: bool):
    """Each token has its bytes, its log-probability and as many alternatives as were asked for."""
    options = {"stream": streams, "max_tokens": 6, "temperature": 0}
    facts = await gathered(subject.chat(COUNTING, logprobs=True, top_logprobs=2, **options))
    entries = [entry for fact in facts if isinstance(fact, TextProduced) for entry in fact.logprobs]
    assert b"".join(bytes(entry.bytes or b"") for entry in entries).decode() == text(facts)
    assert all(entry.logprob <= 0 and math.isfinite(entry.logprob) for entry in entries)
    assert all(len(entry.top_logprobs) == 2 for entry in entries)
    assert all(entry.top_logprobs[0].logprob >= entry.top_logprobs[1].logprob for entry in entries)


async def test_no_log_probabilities_come_unasked(subject: Subject, streams: bool):
    """Nothing tells them unless the request does."""
    facts = await gathered(subject.chat(COUNTING, stream=streams, max_tokens=4, temperature=0))
    assert not any(fact.logprobs for fact in facts if isinstance(fact, TextProduced))


async def test_a_required_tool_is_called_with_arguments_that_fit(subject: Subject, streams: bool):
    """With `required`, some function is called, as its schema has it."""
    options = {"stream": streams, "max_tokens": 120, "temperature": 0, "parallel_tool_calls": False}
    facts = await gathered(subject.chat("How is it in Oslo?", tools=TOOLS, tool_choice="required", **options))
    ((name, arguments),) = calls(facts)
    (schema,) = (tool["function"]["parameters"] for tool in TOOLS if tool["function"]["name"] == name)
    jsonschema.validate(json.loads(arguments), schema)
    assert reason(facts) == "tool_calls"


async def test_a_named_tool_is_the_one_called(subject: Subject, streams: bool):
    """A function that is named is called, whatever the question."""
    choice = {"type": "function", "function": {"name": "weather"}}
    options = {"stream": streams, "max_tokens": 120, "temperature": 0}
    facts = await gathered(subject.chat("My name is Ada.", tools=TOOLS, tool_choice=choice, **options))
    ((name, arguments),) = calls(facts)
    assert name == "weather"
    jsonschema.validate(json.loads(arguments), WEATHER)
    assert reason(facts) == "tool_calls"


async def test_tools_that_must_not_be_called_are_not(subject: Subject):
    """With `none`, the answer is text."""
    facts = await gathered(
        subject.chat("How is it in Oslo?", tools=TOOLS, tool_choice="none", max_tokens=20, temperature=0)
    )
    assert calls(facts) == []
    assert text(facts)


async def test_an_answer_fits_its_schema(subject: Subject, streams: bool):
    """A strict schema holds for the whole text."""
    definition = {"name": "person", "schema": PERSON, "strict": True}
    facts = await gathered(
        subject.chat(
            "Make up a person, as JSON.",
            schema=read_schema(PERSON, SchemaOwner.response_format("person"), strict=True),
            response_format={"type": "json_schema", "json_schema": definition},
            stream=streams,
            max_tokens=120,
            temperature=0,
        )
    )
    person = json.loads(text(facts))
    jsonschema.validate(person, PERSON)
    assert list(person) == list(PERSON["properties"])
    assert reason(facts) == "stop"


async def test_json_mode_answers_with_an_object(subject: Subject):
    """`json_object` is any JSON object, if it is let come to its end."""
    facts = await gathered(
        subject.chat(
            'Answer with the JSON {"ok": true} and nothing else.',
            response_format={"type": "json_object"},
            max_tokens=100,
            temperature=0,
        )
    )
    if reason(facts) == "stop":
        assert isinstance(json.loads(text(facts)), dict)
    else:
        assert text(facts).lstrip().startswith("{")


async def test_closing_early_ends_the_work_within_a_second(subject: Subject):
    """Whoever stops listening frees the engine, to its last process."""
    facts = subject.chat(subject.story, stream=True, max_tokens=400)
    assert isinstance(await anext(facts), TextProduced)
    assert not await subject.is_idle()
    await facts.aclose()
    assert await subject.becomes_idle()


async def test_closing_before_the_first_fact_leaves_nothing(subject: Subject):
    """An answer that nobody began to read costs nothing."""
    facts = subject.chat(subject.story, stream=True, max_tokens=400)
    await facts.aclose()
    assert await subject.becomes_idle()


async def test_an_engine_that_finished_is_idle(subject: Subject, streams: bool):
    """Nothing is left of an answer that came to its end."""
    await gathered(subject.chat("Say hello.", stream=streams, max_tokens=5))
    assert await subject.becomes_idle()


async def test_a_prompt_over_the_context_is_refused_with_both_numbers(subject: Subject, streams: bool):
    """The error is the caller's to mend, and says how many tokens there are and how many may be."""
    with pytest.raises(InvalidRequest) as refusal:
        await gathered(subject.chat("over and over " * CONTEXT_TOKENS, stream=streams, max_tokens=5))
    assert refusal.value.code == "context_length_exceeded"
    told = [int(word) for word in refusal.value.message.replace(".", " ").split() if word.isdigit()]
    assert CONTEXT_TOKENS in told
    assert any(number > CONTEXT_TOKENS for number in told)


async def test_an_engine_that_refused_answers_the_next_request(subject: Subject):
    """A request that was refused leaves nothing behind."""
    with pytest.raises(InvalidRequest):
        await gathered(subject.chat("over and over " * CONTEXT_TOKENS))
    facts = await gathered(subject.chat("Say hello.", max_tokens=5))
    assert any(isinstance(fact, ChoiceFinished) for fact in facts)
