"""Facts fold into completions and chunks that say the same."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion as SdkCompletion
from openai.types.chat import ChatCompletionChunk as SdkChunk

from antiphon.generation.answer import AnswerHead, StreamedAnswer, WholeAnswer, with_obfuscation
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChatFact,
    ChoiceFinished,
    PromptCounted,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.wire.chat.answer import ChatCompletionChunk, TokenLogprob, TopLogprob

HEAD = AnswerHead(id="chatcmpl-1", created=1_727_740_800, model="gpt-4o", fingerprint="fp_1")
USAGE = UsageCounted(prompt_tokens=7, completion_tokens=3)
CALL = [
    ToolCallStarted(0, 0, "call_1", "weather"),
    ArgumentsProduced(0, 0, '{"city":'),
    ArgumentsProduced(0, 0, ' "Oslo"}'),
    ChoiceFinished(0, "tool_calls"),
    USAGE,
]


def whole(facts: list[ChatFact], head: AnswerHead = HEAD, num_choices: int = 1) -> dict:
    """Fold into a completion, and read it as the SDK does."""
    answer = WholeAnswer(head, num_choices)
    for fact in facts:
        answer.add(fact)
    encoded = msgspec.json.encode(answer.completion())
    SdkCompletion.model_validate_json(encoded, strict=True)
    return json.loads(encoded)


def streamed(facts: list[ChatFact], head: AnswerHead = HEAD, *, includes_usage: bool = False) -> list[dict]:
    """Fold into chunks, and read each as the SDK does."""
    answer = StreamedAnswer(head, includes_usage=includes_usage)
    encoded = [msgspec.json.encode(chunk) for fact in facts for chunk in answer.chunks(fact)]
    for chunk in encoded:
        SdkChunk.model_validate_json(chunk, strict=True)
    return [json.loads(chunk) for chunk in encoded]


def test_text_is_joined_and_every_usage_detail_is_there():
    answer = whole([TextProduced(0, "Hel"), TextProduced(0, "lo"), ChoiceFinished(0, "stop"), USAGE])

    assert answer["choices"][0]["message"] == {
        "role": "assistant",
        "content": "Hello",
        "refusal": None,
        "annotations": [],
    }
    assert answer["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "total_tokens": 10,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0, "cache_write_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def test_a_tool_call_has_no_content_and_whole_arguments():
    message = whole(CALL)["choices"][0]["message"]

    assert message["content"] is None
    assert message["tool_calls"] == [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
    ]


def test_an_empty_answer_has_empty_content_and_not_null():
    assert whole([ChoiceFinished(0, "stop"), USAGE])["choices"][0]["message"]["content"] == ""


def test_a_refusal_has_no_content():
    message = whole([RefusalProduced(0, "I can't."), ChoiceFinished(0, "stop"), USAGE])["choices"][0]["message"]

    assert (message["content"], message["refusal"]) == (None, "I can't.")


def test_a_caller_of_functions_is_answered_with_a_function_call():
    head = msgspec_head(calls_functions=True)

    choice = whole(CALL, head)["choices"][0]

    assert choice["message"]["function_call"] == {"name": "weather", "arguments": '{"city": "Oslo"}'}
    assert "tool_calls" not in choice["message"]
    assert choice["finish_reason"] == "function_call"


def msgspec_head(**changes: bool) -> AnswerHead:
    return AnswerHead(id="chatcmpl-1", created=1, model="gpt-4o", fingerprint="fp_1", **changes)


def test_logprobs_stand_beside_the_text_they_belong_to():
    logprob = TokenLogprob("Hi", -0.1, [72, 105], [TopLogprob("Hi", -0.1, [72, 105])])
    facts: list[ChatFact] = [TextProduced(0, "Hi", (logprob,)), ChoiceFinished(0, "stop"), USAGE]
    head = msgspec_head(tells_logprobs=True)

    assert whole(facts, head)["choices"][0]["logprobs"]["content"][0]["token"] == "Hi"
    assert streamed(facts, head)[1]["choices"][0]["logprobs"]["content"][0]["top_logprobs"][0]["logprob"] == -0.1


def test_choices_keep_apart_however_their_facts_interleave():
    facts: list[ChatFact] = [
        TextProduced(1, "b"),
        TextProduced(0, "a"),
        ChoiceFinished(1, "length"),
        TextProduced(0, "a"),
        ChoiceFinished(0, "stop"),
        USAGE,
    ]

    choices = whole(facts, num_choices=2)["choices"]

    assert [(c["message"]["content"], c["finish_reason"]) for c in choices] == [("aa", "stop"), ("b", "length")]


def test_a_stream_says_the_role_first_and_the_reason_last():
    chunks = streamed([TextProduced(0, "Hi"), ChoiceFinished(0, "stop"), USAGE])

    assert [chunk["choices"][0]["delta"] for chunk in chunks] == [
        {"role": "assistant", "content": "", "refusal": None},
        {"content": "Hi"},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, None, "stop"]
    assert all("usage" not in chunk for chunk in chunks)


def test_usage_comes_in_a_chunk_of_its_own_and_is_null_before():
    chunks = streamed([TextProduced(0, "Hi"), ChoiceFinished(0, "stop"), USAGE], includes_usage=True)

    assert [chunk["usage"] for chunk in chunks[:-1]] == [None, None, None]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] == 10


def test_a_streamed_call_says_its_id_and_name_once():
    deltas = [chunk["choices"][0]["delta"] for chunk in streamed(CALL)]

    assert deltas[0] == {"role": "assistant", "content": None, "refusal": None}
    assert deltas[1]["tool_calls"] == [
        {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    ]
    assert deltas[2]["tool_calls"] == [{"index": 0, "function": {"arguments": '{"city":'}}]


def test_padding_is_added_beside_what_the_chunk_says():
    chunk = StreamedAnswer(HEAD, includes_usage=False).chunks(ChoiceFinished(0, "stop"))[-1]

    assert with_obfuscation(chunk, "xyz") == msgspec.structs.replace(chunk, obfuscation="xyz")


texts = st.builds(TextProduced, st.just(0), st.text(max_size=5))
refusals = st.builds(RefusalProduced, st.just(0), st.text(max_size=5))


@st.composite
def calls(draw: st.DrawFn) -> list[ChatFact]:
    facts: list[ChatFact] = []
    for call in range(draw(st.integers(0, 3))):
        facts.append(ToolCallStarted(0, call, f"call_{call}", draw(st.sampled_from(["f", "g"]))))
        facts += [ArgumentsProduced(0, call, text) for text in draw(st.lists(st.text(max_size=5), max_size=3))]
    return facts


@given(st.lists(texts | refusals, max_size=5), calls(), st.booleans())
def test_a_stream_adds_up_to_the_whole(said: list[ChatFact], called: list[ChatFact], older: bool):
    """Whatever the facts, a client that joins the deltas has the message of the whole answer."""
    facts = [*said, *called[: len(called) if not older else _first_call(called)], ChoiceFinished(0, "stop"), USAGE]
    head = msgspec_head(calls_functions=older)

    message = whole(facts, head)["choices"][0]["message"]
    joined = _join([chunk["choices"][0]["delta"] for chunk in streamed(facts, head)])

    assert joined["content"] == (message["content"] or "")
    assert joined["refusal"] == (message["refusal"] or "")
    assert joined["functions"] == [
        (call["name"], call["arguments"])
        for call in [c["function"] for c in message.get("tool_calls", [])] + [message.get("function_call")]
        if call
    ]


def _first_call(called: list[ChatFact]) -> int:
    return next((i for i, fact in enumerate(called) if isinstance(fact, ToolCallStarted) and fact.call), len(called))


def _join(deltas: list[dict]) -> dict:
    functions: list[list[str]] = []
    for delta in deltas:
        for function in [call["function"] for call in delta.get("tool_calls", [])] + [delta.get("function_call")]:
            if function and "name" in function:
                functions.append([function["name"], ""])
            if function:
                functions[-1][1] += function["arguments"]
    return {
        "content": "".join(delta.get("content") or "" for delta in deltas),
        "refusal": "".join(delta.get("refusal") or "" for delta in deltas),
        "functions": [tuple(function) for function in functions],
    }


def test_an_answer_that_is_not_whole_cannot_be_taken():
    answer = WholeAnswer(HEAD, 1)
    answer.add(TextProduced(0, "Hi"))

    with pytest.raises(AssertionError):
        answer.completion()


def test_a_chunk_leaves_out_what_it_does_not_say():
    chunk = StreamedAnswer(HEAD, includes_usage=False).chunks(TextProduced(0, "Hi"))[1]

    assert isinstance(chunk, ChatCompletionChunk)
    assert json.loads(msgspec.json.encode(chunk.choices[0].delta)) == {"content": "Hi"}


def test_the_tokens_of_a_prompts_messages_have_no_place_in_an_answer():
    facts: list[ChatFact] = [TextProduced(0, "Hello"), ChoiceFinished(0, "stop"), PromptCounted((3, 4), 2), USAGE]
    plain = [fact for fact in facts if not isinstance(fact, PromptCounted)]

    assert whole(facts) == whole(plain)
    assert streamed(facts, includes_usage=True) == streamed(plain, includes_usage=True)


def test_misses_are_told_in_a_whole_answer_and_in_its_stream():
    """With the same figures, in the one chunk that has the usage."""
    head = AnswerHead(id="chatcmpl-1", created=1, model="gpt-4o", fingerprint="fp_1", tells_misses=True)
    facts: list[ChatFact] = [ChoiceFinished(0, "stop"), UsageCounted(2006, 1, 1300)]
    *_, last = streamed(facts, head, includes_usage=True)

    assert last["usage"] == whole(facts, head)["usage"]
    assert (last["usage"]["prompt_cache_hit_tokens"], last["usage"]["prompt_cache_miss_tokens"]) == (1280, 726)
