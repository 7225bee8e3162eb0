"""Scripts, read and refused."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.scripted.script import (
    CallFunction,
    CountUsage,
    Crash,
    Fail,
    Failure,
    Figures,
    Finish,
    Refuse,
    Say,
    WaitFor,
    is_script,
    read_script,
)
from antiphon.errors import InvalidRequest


def fault(document: Any) -> str:
    """Return what is said of a malformed script."""
    with pytest.raises(InvalidRequest) as refusal:
        read_script(document if isinstance(document, str) else json.dumps(document))
    assert refusal.value.code == "invalid_script"
    return refusal.value.message


def test_every_step_is_read():
    """Each kind of step, with all that it may say."""
    steps = [
        {"say": "Hello", "ms_per_token": 5, "logprob": -0.5},
        {"say": ["a", "b"]},
        {"refuse": "No.", "ms_per_token": 1},
        {"call": "f", "arguments": {"a": [1, None]}, "id": "call_1"},
        {"call": "f", "arguments": "{broken"},
        {"wait_ms": 20},
        {"usage": {"cached_tokens": 1024}},
        {"finish": "length"},
    ]
    assert read_script(json.dumps({"script": steps})).answers == (
        (
            Say("Hello", 5, -0.5),
            Say(["a", "b"]),
            Refuse("No.", 1),
            CallFunction("f", {"a": [1, None]}, "call_1"),
            CallFunction("f", "{broken"),
            WaitFor(20),
            CountUsage(Figures(cached_tokens=1024)),
            Finish("length"),
        ),
    )


def test_failures_are_read():
    """An error has a status, and may have its own words, field, code and time."""
    failing = {"status": 429, "message": "Slow down.", "code": "slow", "param": "n", "retry_after_s": 2.5}
    answers = read_script(json.dumps({"script": [{"fail": failing}], "then": [[{"crash": "boom"}]]})).answers
    assert answers == ((Fail(Failure(429, "Slow down.", "slow", "n", 2.5)),), (Crash("boom"),))


def test_later_answers_follow_the_first():
    """Each list of `then` is one."""
    read = read_script('{"script": [], "then": [[{"say": "a"}], []]}')
    assert read.answers == ((), (Say("a"),), ())


@pytest.mark.parametrize("text", ['{"script": []}', ' \n{ "script" : 1', '{"script":'])
def test_a_text_that_begins_as_a_script_means_to_be_one(text: str):
    """So a slip of the pen is an error, and not an answer that nobody expects."""
    assert is_script(text)


@pytest.mark.parametrize("text", ["", "script", '{"a": {"script": []}}', 'Say {"script": []}', '["script"]'])
def test_any_other_text_is_none(text: str):
    """The script must stand at the beginning."""
    assert not is_script(text)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('{"script": [', "cannot be read"),
        ('{"script": [] } trailing', "cannot be read"),
        ({"script": {}}, "Expected `array`, got `object` - at `$.script`"),
        ({"script": [1]}, "at `$.script[0]`"),
        ({"script": [], "than": []}, "`than`"),
        ({"script": [], "then": [{"say": "a"}]}, "at `$.then[0]`"),
        ({"script": [{"say": "a"}, {}]}, "script[1] must have exactly one of the keys say,"),
        ({"script": [{"say": "a", "call": "f"}]}, "script[0] must have exactly one"),
        ({"script": [{"sya": "a"}]}, "script[0] must have exactly one"),
        ({"script": [{"say": 1}]}, "script[0] is wrong"),
        ({"script": [{"say": []}]}, "script[0] is wrong"),
        ({"script": [{"say": "a", "speed": 1}]}, "`speed`"),
        ({"script": [{"say": "a", "logprob": 0.5}]}, "at `$.logprob`"),
        ({"script": [{"wait_ms": -1}]}, "at `$.wait_ms`"),
        ({"script": [{"wait_ms": 10**9}]}, "at `$.wait_ms`"),
        ({"script": [{"finish": "tired"}]}, "tired"),
        ({"script": [{"usage": {"tokens": 1}}]}, "`tokens`"),
        ({"script": [{"usage": {"cached_tokens": -1}}]}, "cached_tokens"),
        ({"script": [{"fail": {"status": 418}}]}, "418"),
        ({"script": [], "then": [[], [{"say": 1}]]}, "then[1][0] is wrong"),
        ({"script": [{"finish": "stop"}, {"say": "a"}]}, "script[0] ends the answer"),
        ({"script": [{"fail": {}}, {"wait_ms": 1}]}, "script[0] ends the answer"),
        ({"script": [{"say": "a"}, {"crash": ""}, {"call": "f"}]}, "script[1] ends the answer"),
    ],
)
def test_a_malformed_script_says_which_step_is_wrong(document: Any, says: str):
    """The message names the place and the fault."""
    assert says in fault(document)


def test_usage_may_follow_the_end():
    """It is told last in any case."""
    assert len(read_script('{"script": [{"finish": "stop"}, {"usage": {}}]}').answers[0]) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["say", "call", "usage", "fail", "x"]), inner),
)


@given(steps=JSON, then=JSON)
def test_any_json_is_a_script_or_is_refused_in_words(steps: Any, then: Any):
    """Nothing that a caller writes is a bug of ours."""
    with suppress(InvalidRequest):
        read_script(json.dumps({"script": steps, "then": then}))


def test_a_failure_of_speech_is_said_as_a_script_that_no_clause_is_cut_in():
    """The voice that comes to speak it fails."""
    (step,) = read_script('{"script": [{"fail_speech": {"status": 503, "message": "No voice today."}}]}').answers[0]
    assert isinstance(step, Say)
    assert isinstance(step.say, str)
    assert not any(character.isspace() for character in step.say)
    (failure,) = read_script(step.say).answers[0]
    assert isinstance(failure, Fail)
    assert (failure.fail.status, failure.fail.message) == (503, "No voice today.")


def test_a_script_may_say_how_it_is_heard():
    assert read_script('{"script": [], "hear": {"wait_ms": 3}}').hear.wait_ms == 3
    with pytest.raises(InvalidRequest, match="unknown field"):
        read_script('{"script": [], "hear": {"wait": 3}}')
