"""Answers as real servers send them, read into facts."""

import json
import math
from typing import Any

import pytest

from antiphon.engines.http import UpstreamRefusal
from antiphon.engines.remote.reading import ChatReader, TextReader
from antiphon.errors import EngineFailed, UpstreamFailed
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChoiceFinished,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.testing.ids import CountingIds
from antiphon.wire.chat.answer import TokenLogprob, TopLogprob

END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def chunk(delta: dict[str, Any] | None, **choice: Any) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, **choice}]}


def call(index: int | None = None, id: str | None = None, **function: Any) -> dict[str, Any]:  # noqa: A002
    return {"index": index, "id": id, "type": "function", "function": function}


def read(*chunks: dict[str, Any], num_choices: int = 1) -> list[Any]:
    """Read the chunks of a chat and its end."""
    reader = ChatReader(num_choices, CountingIds())
    return [*(fact for one in chunks for fact in reader.read(json.dumps(one).encode())), reader.end()]


def facts_of(*chunks: dict[str, Any]) -> list[Any]:
    """Read the chunks of a chat that then stops, and return what came before its end."""
    return read(*chunks, END)[:-2]


def test_openais_stream_is_text_an_end_and_a_count():
    """The role's chunk tells nothing; the count comes in a chunk without choices, after the end."""
    assert read(
        chunk({"role": "assistant", "content": "", "refusal": None}, logprobs=None, finish_reason=None),
        chunk({"content": "Hel"}, logprobs=None, finish_reason=None),
        chunk({"content": "lo"}, logprobs=None, finish_reason=None),
        chunk({}, logprobs=None, finish_reason="stop"),
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 20,
                "completion_tokens": 10,
                "total_tokens": 30,
                "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 3},
                "completion_tokens_details": {
                    "reasoning_tokens": 1,
                    "audio_tokens": 2,
                    "accepted_prediction_tokens": 5,
                    "rejected_prediction_tokens": 6,
                },
            },
        },
    ) == [
        TextProduced(0, "Hel"),
        TextProduced(0, "lo"),
        ChoiceFinished(0, "stop"),
        UsageCounted(20, 10, 4, 1, 3, 2, 5, 6),
    ]


def test_openais_whole_answer_is_the_same_facts():
    """A message in place of deltas."""
    message = {"role": "assistant", "content": "Hello", "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "length"}
    answer = {"choices": [choice], "usage": {"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3}}
    assert read(answer) == [TextProduced(0, "Hello"), ChoiceFinished(0, "length"), UsageCounted(2, 1)]


def test_a_count_whose_details_are_null_is_read():
    """vLLM without its option sends nulls."""
    usage = {"prompt_tokens": 2, "completion_tokens": 1, "prompt_tokens_details": None}
    assert read(END, {"choices": [], "usage": usage})[-1] == UsageCounted(2, 1)


def test_the_last_of_several_counts_holds():
    """With continuous usage each chunk has a count so far."""
    counted = {"usage": {"prompt_tokens": 2, "completion_tokens": 1}}
    last = {"usage": {"prompt_tokens": 2, "completion_tokens": 2}}
    facts = read({**chunk({"content": "a"}), **counted}, {**END, **last}, {"choices": [], **last})
    assert facts[-1] == UsageCounted(2, 2)


def test_an_answer_that_nobody_counted_counts_as_nothing():
    """The count is the engine's own, and it made none."""
    assert read(END)[-1] == UsageCounted(0, 0)


def test_fields_that_are_missing_or_unknown_are_no_matter():
    """Servers leave out what is null and add what is theirs; reasoning told apart is not the answer."""
    assert facts_of(
        {"choices": None},
        {"choices": [{}]},
        chunk(None),
        chunk({"reasoning_content": "hm", "content": None, "tool_calls": None}, stop_reason=None, token_ids=None),
        {"choices": [{"delta": {"content": "a"}}], "timings": {"predicted_n": 1}},
    ) == [TextProduced(0, "a")]


def test_a_refusal_is_told_as_one():
    """What the model says instead of an answer."""
    assert facts_of(chunk({"refusal": "No"}), chunk({"refusal": "."})) == [
        RefusalProduced(0, "No"),
        RefusalProduced(0, "."),
    ]


def test_a_streamed_call_starts_once_and_its_arguments_follow():
    """OpenAI names a call in its first piece, and continues it by index."""
    facts = read(
        chunk({"role": "assistant", "content": None, "tool_calls": [call(0, "call_a", name="f", arguments="")]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"a":'}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}),
        chunk({"tool_calls": [call(1, "call_b", name="g", arguments="")]}),
        chunk({"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]}),
        chunk({}, finish_reason="tool_calls"),
    )
    assert facts[:-1] == [
        ToolCallStarted(0, 0, "call_a", "f"),
        ArgumentsProduced(0, 0, '{"a":'),
        ArgumentsProduced(0, 0, "1}"),
        ToolCallStarted(0, 1, "call_b", "g"),
        ArgumentsProduced(0, 1, "{}"),
        ChoiceFinished(0, "tool_calls"),
    ]


def test_whole_calls_in_one_chunk_are_read():
    """Some servers do not stream calls."""
    assert facts_of(
        chunk({"tool_calls": [call(0, "a", name="f", arguments="{}"), call(1, "b", name="g", arguments="{}")]})
    ) == [
        ToolCallStarted(0, 0, "a", "f"),
        ArgumentsProduced(0, 0, "{}"),
        ToolCallStarted(0, 1, "b", "g"),
        ArgumentsProduced(0, 1, "{}"),
    ]


def test_a_name_that_is_repeated_starts_nothing_anew():
    """Some servers repeat id and name in every piece."""
    piece = call(0, "a", name="f", arguments="{")
    assert facts_of(chunk({"tool_calls": [piece]}), chunk({"tool_calls": [{**piece, "id": "b"}]})) == [
        ToolCallStarted(0, 0, "a", "f"),
        ArgumentsProduced(0, 0, "{"),
        ArgumentsProduced(0, 0, "{"),
    ]


def test_calls_count_from_0_wherever_the_upstream_begins():
    """The order of their appearance is what counts."""
    facts = facts_of(chunk({"tool_calls": [call(3, "a", name="f")]}), chunk({"tool_calls": [call(1, "b", name="g")]}))
    assert facts == [ToolCallStarted(0, 0, "a", "f"), ToolCallStarted(0, 1, "b", "g")]


def test_without_an_index_a_name_begins_a_call_and_the_rest_continues_it():
    """Some servers give no index."""
    facts = facts_of(
        chunk({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{"}}]}),
        chunk({"tool_calls": [{"function": {"arguments": "}"}}]}),
        chunk({"tool_calls": [{"id": "b", "function": {"name": "g", "arguments": "{}"}}]}),
    )
    assert facts == [
        ToolCallStarted(0, 0, "a", "f"),
        ArgumentsProduced(0, 0, "{"),
        ArgumentsProduced(0, 0, "}"),
        ToolCallStarted(0, 1, "b", "g"),
        ArgumentsProduced(0, 1, "{}"),
    ]


def test_the_calls_of_a_whole_message_are_each_their_own():
    """There the list itself tells them apart, whatever the indices say."""
    message = {"tool_calls": [call(0, "a", name="f", arguments="{}"), call(0, "b", name="f", arguments="{}")]}
    facts = read({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]})
    assert [fact.call for fact in facts if isinstance(fact, ToolCallStarted)] == [0, 1]


@pytest.mark.parametrize("id", [None, ""])
def test_a_call_without_an_id_gets_one(id: str | None):  # noqa: A002
    """The caller has to answer to something."""
    assert facts_of(chunk({"tool_calls": [call(0, id, name="f")]})) == [ToolCallStarted(0, 0, "call_1", "f")]


def test_arguments_that_are_an_object_become_its_text():
    """Ollama's older form."""
    facts = facts_of(chunk({"tool_calls": [call(0, "a", name="f", arguments={"city": "Zürich"})]}))
    assert facts[1] == ArgumentsProduced(0, 0, '{"city":"Zürich"}')


def test_a_piece_of_a_call_that_never_began_cannot_be_read():
    """There is no name to call by."""
    with pytest.raises(UpstreamFailed, match="never began"):
        read(chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
        ("max_tokens", "length"),
        ("eos", "stop"),
        ("stop_sequence", "stop"),
    ],
)
def test_reasons_are_said_in_openais_words(told: str, reason: str):
    """Other servers have other words."""
    assert read(chunk({}, finish_reason=told))[0] == ChoiceFinished(0, reason)  # pyright: ignore[reportArgumentType]


def test_a_choice_that_called_says_so_even_if_the_upstream_says_stop():
    """OpenAI and vLLM say `stop` where the call was forced."""
    facts = read(chunk({"tool_calls": [call(0, "a", name="f")]}), chunk({}, finish_reason="stop"))
    assert facts[-2] == ChoiceFinished(0, "tool_calls")


@pytest.mark.parametrize("told", ["abort", "error"])
def test_an_upstream_that_broke_down_is_a_failure(told: str):
    """It ended, but not well."""
    with pytest.raises(EngineFailed):
        read(chunk({}, finish_reason=told))


def test_an_empty_reason_is_none():
    """Some servers send an empty string until the end."""
    assert read(chunk({"content": "a"}, finish_reason=""), END)[0] == TextProduced(0, "a")


def test_what_follows_the_end_of_a_choice_is_dropped():
    """A choice ends once."""
    facts = read(END, chunk({"content": "late"}), END)
    assert facts[:-1] == [ChoiceFinished(0, "stop")]


def test_choices_are_told_apart():
    """Chunks of several choices may come in any order, or together."""
    both = {"choices": [{"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}]}
    ends = {"choices": [{"index": index, "delta": {}, "finish_reason": "stop"} for index in (0, 1)]}
    assert read(both, ends, num_choices=2)[:2] == [TextProduced(1, "b"), TextProduced(0, "a")]


@pytest.mark.parametrize("index", [-1, 1])
def test_a_choice_that_nobody_asked_for_cannot_be_read(index: int):
    """Its facts would belong to no answer."""
    with pytest.raises(UpstreamFailed, match=f"choice {index}"):
        read({"choices": [{"index": index, "delta": {"content": "a"}}]})


def test_an_answer_without_its_end_is_a_failure():
    """The connection closed, but the choice had not ended."""
    with pytest.raises(EngineFailed, match="before it was whole"):
        read(chunk({"content": "a"}))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b'"a"', b'{"choices": 1}', b"\xff", b'{"choices":[{"index":"a"}]}']
)
def test_what_is_no_answer_is_the_upstreams_failure(data: bytes):
    """Malformed JSON, and JSON of another shape."""
    with pytest.raises(UpstreamFailed, match="cannot be read"):
        ChatReader(1, CountingIds()).read(data)


@pytest.mark.parametrize(("code", "status"), [(400, 400), (503, 503), ("overloaded", 500), (None, 500), (7, 500)])
def test_an_error_in_place_of_an_answer_is_a_refusal(code: Any, status: int):
    """Some servers send it with the status 200, or in the middle of a stream."""
    with pytest.raises(UpstreamRefusal) as refusal:
        read({"error": {"message": "no", "code": code}})
    assert refusal.value.status == status


def test_log_probabilities_are_read_with_what_there_is_of_them():
    """Bytes and alternatives may be missing; a probability that is not known is not a number."""
    told = {"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": None, "bytes": [98]}]}
    (fact,) = facts_of(chunk({"content": "ab"}, logprobs=told))
    assert fact.logprobs[0] == TokenLogprob("a", -0.5, None, [])
    assert fact.logprobs[1].bytes == [98]
    assert math.isnan(fact.logprobs[1].logprob)


def test_log_probabilities_have_their_alternatives():
    """In order, with their bytes."""
    top = [{"token": "a", "logprob": -0.5, "bytes": [97]}, {"token": "é", "logprob": -1.5, "bytes": None}]
    told = {"content": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": top}], "refusal": None}
    (fact,) = facts_of(chunk({"content": "a"}, logprobs=told))
    assert fact.logprobs[0].top_logprobs == [TopLogprob("a", -0.5, [97]), TopLogprob("é", -1.5, None)]


def test_a_token_without_text_keeps_its_log_probability():
    """A part of a character makes no text yet."""
    (fact,) = facts_of(chunk({"content": ""}, logprobs={"content": [{"token": "", "logprob": -1, "bytes": [226]}]}))
    assert (fact.text, len(fact.logprobs)) == ("", 1)


def test_a_continuation_is_text_an_end_and_a_count():
    """The older form, in pieces, with its own log-probabilities."""
    reader = TextReader(1)
    logprobs = {
        "tokens": [" a", "b"],
        "token_logprobs": [-0.5, None],
        "top_logprobs": [{" a": -0.5, " c": -2.0}, None],
        "text_offset": [0, 2],
    }
    first = reader.read(json.dumps({"choices": [{"index": 0, "text": " ab", "logprobs": logprobs}]}).encode())
    last = reader.read(b'{"choices":[{"index":0,"text":"","finish_reason":"length"}],"usage":{"prompt_tokens":3}}')
    (text,) = first
    assert isinstance(text, TextProduced)
    assert text.logprobs[0] == TokenLogprob(
        " a", -0.5, None, [TopLogprob(" a", -0.5, None), TopLogprob(" c", -2.0, None)]
    )
    assert math.isnan(text.logprobs[1].logprob)
    assert [*last, reader.end()] == [ChoiceFinished(0, "length"), UsageCounted(3, 0)]


def test_a_continuation_without_its_end_is_a_failure():
    """As for a chat."""
    reader = TextReader(1)
    reader.read(b'{"choices":[{"index":0,"text":"a"}]}')
    with pytest.raises(EngineFailed):
        reader.end()


def test_a_continuation_may_have_the_log_probabilities_of_a_chat():
    """llama-server gives them in that form."""
    told = {"content": [{"token": " a", "logprob": -0.5, "bytes": [32, 97], "top_logprobs": []}]}
    (fact,) = TextReader(1).read(json.dumps({"choices": [{"index": 0, "text": " a", "logprobs": told}]}).encode())
    assert fact == TextProduced(0, " a", (TokenLogprob(" a", -0.5, [32, 97], []),))


@pytest.mark.parametrize(
    ("told", "cached_tokens"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 64}}, 64),
        ({"prompt_cache_hit_tokens": 128, "prompt_cache_miss_tokens": 72}, 128),
        ({"cache_read_input_tokens": 96}, 96),
        ({"prompt_tokens_details": None}, 0),
        ({}, 0),
    ],
)
def test_cached_tokens_are_read_as_each_upstream_spells_them(told: dict[str, Any], cached_tokens: int):
    """And are 0 where none are told."""
    usage = {"prompt_tokens": 200, "completion_tokens": 1, **told}

    assert read(END, {"choices": [], "usage": usage})[-1] == UsageCounted(200, 1, cached_tokens)


@pytest.mark.parametrize(
    "told", [{"prompt_tokens_details": {"cache_write_tokens": 96}}, {"cache_creation_input_tokens": 96}]
)
def test_written_tokens_are_read_as_each_upstream_spells_them(told: dict[str, Any]):
    """OpenAI's word and Anthropic's."""
    usage = {"prompt_tokens": 200, "completion_tokens": 1, **told}

    assert read(END, {"choices": [], "usage": usage})[-1] == UsageCounted(200, 1, cache_write_tokens=96)
