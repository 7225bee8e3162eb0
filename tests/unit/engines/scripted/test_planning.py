"""Scripts performed: the beats of an answer, with no engine and no clock."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.scripted.planning import Beat, Limits, Wait, plan
from antiphon.engines.scripted.script import (
    Answer,
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
)
from antiphon.errors import EngineFailed, InvalidRequest, RateLimited
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChoiceFinished,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)

PROMPT = UsageCounted(prompt_tokens=7, completion_tokens=0)


def beats(*answer: Any, **limits: Any) -> list[Beat]:
    """Perform steps."""
    given = {"num_choices": 1, "max_tokens": None, "stops": (), "seed": 0, "top_logprobs": None, **limits}
    return list(plan(answer, Limits(**given), PROMPT, "salt"))


def said(told: list[Beat], index: int = 0) -> str:
    return "".join(beat.text for beat in told if isinstance(beat, TextProduced) and beat.index == index)


def test_a_text_is_said_token_by_token():
    """Then the choice ends, and the count comes last."""
    assert beats(Say("Hello there.")) == [
        TextProduced(0, "Hello"),
        TextProduced(0, " there"),
        TextProduced(0, "."),
        ChoiceFinished(0, "stop"),
        UsageCounted(7, 3),
    ]


def test_a_refusal_is_told_as_one():
    """Token by token too."""
    assert beats(Refuse("Not this."))[:3] == [
        RefusalProduced(0, "Not"),
        RefusalProduced(0, " this"),
        RefusalProduced(0, "."),
    ]


def test_calls_are_counted_and_end_the_choice_with_tool_calls():
    """Arguments are JSON; ids differ and are the same each time."""
    told = beats(CallFunction("f", {"a": "é"}), CallFunction("g", "{no", "mine"))
    started = [beat for beat in told if isinstance(beat, ToolCallStarted)]
    arguments = ["", ""]
    for beat in told:
        if isinstance(beat, ArgumentsProduced):
            arguments[beat.call] += beat.text
    assert [(one.call, one.name) for one in started] == [(0, "f"), (1, "g")]
    assert started[1].id == "mine"
    assert started[0].id.startswith("call_")
    assert arguments == ['{"a":"é"}', "{no"]
    assert told[-2] == ChoiceFinished(0, "tool_calls")
    assert told == beats(CallFunction("f", {"a": "é"}), CallFunction("g", "{no", "mine"))


def test_silences_stand_where_the_script_has_them():
    """Before a token, or between steps."""
    assert beats(WaitFor(30), Say("a b", ms_per_token=5))[:5] == [
        Wait(30),
        Wait(5),
        TextProduced(0, "a"),
        Wait(5),
        TextProduced(0, " b"),
    ]


@pytest.mark.parametrize("reason", ["length", "content_filter", "tool_calls"])
def test_a_script_may_name_the_reason(reason: Any):
    """Whatever was said before."""
    assert beats(Say("a"), Finish(reason))[-2] == ChoiceFinished(0, reason)


def test_an_error_ends_the_answer_where_it_stands():
    """What was said before it is told; no end and no count follow."""
    told = beats(Say("a"), Fail(Failure(400, "Bad.", "bad", "n")))
    assert told[0] == TextProduced(0, "a")
    error = told[-1]
    assert isinstance(error, InvalidRequest)
    assert (error.status, error.message, error.code, error.param) == (400, "Bad.", "bad", "n")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504])
def test_an_error_of_each_status_has_it(status: Any):
    """All that the script's reader takes."""
    (error,) = beats(Fail(Failure(status)))
    assert error.status == status  # pyright: ignore[reportAttributeAccessIssue]


def test_a_rate_limit_says_when_to_come_back():
    """As the script has it."""
    (error,) = beats(Fail(Failure(429, "Slow.", retry_after_s=2.5)))
    assert isinstance(error, RateLimited)
    assert (error.retry_after_s, error.code) == (2.5, "rate_limit_exceeded")


def test_a_crash_is_an_engine_that_failed():
    """As if its process had died."""
    assert isinstance(beats(Say("a"), Crash("boom"))[-1], EngineFailed)


def test_usage_figures_take_the_place_of_those_counted():
    """What is not given is counted."""
    told = beats(CountUsage(Figures(cached_tokens=5, completion_tokens=99)), Say("a"))
    assert told[-1] == UsageCounted(prompt_tokens=7, completion_tokens=99, cached_tokens=5)


@given(text=st.text(max_size=40), max_tokens=st.integers(0, 20))
def test_no_more_tokens_are_told_than_allowed(text: str, max_tokens: int):
    """What is cut ends with length; what fits, and not less, ends by itself."""
    whole = beats(Say(text))
    told = beats(Say(text), max_tokens=max_tokens)
    num_whole = len(whole) - 2
    assert said(whole).startswith(said(told))
    assert len(told) - 2 == min(num_whole, max_tokens)
    assert told[-2] == ChoiceFinished(0, "length" if num_whole > max_tokens else "stop")
    assert told[-1] == UsageCounted(7, min(num_whole, max_tokens))


def test_the_limit_holds_over_all_steps():
    """Arguments and refusals are tokens too."""
    assert beats(Say("a b"), CallFunction("f", "c d e"), max_tokens=3)[-3:] == [
        ArgumentsProduced(0, 0, "c"),
        ChoiceFinished(0, "length"),
        UsageCounted(7, 3),
    ]


@given(
    texts=st.lists(st.text("ab ", max_size=6), max_size=4),
    stops=st.lists(st.text("ab ", min_size=1, max_size=3), max_size=3).map(tuple),
)
def test_the_text_ends_before_the_first_stop_string(texts: list[str], stops: tuple[str, ...]):
    """Wherever it begins, even where it lies in two steps."""
    told = beats(*[Say(text) for text in texts], stops=stops)
    content = "".join(texts)
    ends = [content.index(stop) for stop in stops if stop in content]
    assert said(told) == content[: min(ends, default=len(content))]
    assert told[-2] == ChoiceFinished(0, "stop")


def test_nothing_is_done_after_a_stop_string():
    """A call that would follow is not made."""
    told = beats(Say("a STOP"), CallFunction("f"), stops=("STOP",))
    assert not any(isinstance(beat, ToolCallStarted) for beat in told)


def test_choices_are_performed_side_by_side_and_counted_together():
    """Silences are kept once."""
    assert beats(WaitFor(5), Say("a b"), num_choices=2) == [
        Wait(5),
        TextProduced(1, "a"),
        TextProduced(0, "a"),
        TextProduced(1, " b"),
        TextProduced(0, " b"),
        ChoiceFinished(1, "stop"),
        ChoiceFinished(0, "stop"),
        UsageCounted(7, 4),
    ]


def test_the_seed_chooses_among_texts():
    """The same each time, not the same for each seed, and not the same for each choice."""
    texts = Say(["heads", "tails", "edge"])
    drawn = [said(beats(texts, seed=seed)) for seed in range(30)]
    assert drawn == [said(beats(texts, seed=seed)) for seed in range(30)]
    assert set(drawn) == {"heads", "tails", "edge"}
    told = beats(texts, num_choices=30)
    assert {said(told, index) for index in range(30)} == {"heads", "tails", "edge"}


def test_log_probabilities_come_only_if_they_are_asked_for():
    """With as many alternatives as asked for, likeliest first, the token itself among them."""
    assert beats(Say("a"))[0] == TextProduced(0, "a")
    (fact, *_) = beats(Say("é", logprob=-0.25), top_logprobs=3)
    assert isinstance(fact, TextProduced)
    (entry,) = fact.logprobs
    assert (entry.token, entry.logprob, entry.bytes) == ("é", -0.25, [0xC3, 0xA9])
    assert entry.top_logprobs[0].token == "é"
    likelihoods = [other.logprob for other in entry.top_logprobs]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert len(likelihoods) == 3
    assert sum(map(math.exp, likelihoods)) <= 1


ANSWERS = st.lists(
    st.one_of(
        st.builds(Say, st.text(max_size=10)),
        st.builds(Refuse, st.text(max_size=10)),
        st.builds(CallFunction, st.text(min_size=1, max_size=3), st.text(max_size=5)),
        st.builds(WaitFor, st.integers(0, 5)),
        st.builds(CountUsage, st.builds(Figures, cached_tokens=st.integers(0, 9))),
        st.builds(Finish, st.sampled_from(["stop", "length"])),
    ),
    max_size=6,
).map(tuple)


@given(answer=ANSWERS, num_choices=st.integers(1, 4), max_tokens=st.none() | st.integers(0, 5))
def test_the_order_of_facts_holds_for_every_script(answer: Answer, num_choices: int, max_tokens: int | None):
    """Each choice ends once, nothing of it follows, calls count from 0, and the count comes once, last."""
    told = [
        beat for beat in beats(*answer, num_choices=num_choices, max_tokens=max_tokens) if not isinstance(beat, Wait)
    ]
    assert isinstance(told[-1], UsageCounted)
    finished: set[int] = set()
    num_calls = [0] * num_choices
    for fact in told[:-1]:
        assert not isinstance(fact, (UsageCounted, Exception))
        assert fact.index not in finished
        if isinstance(fact, ChoiceFinished):
            finished.add(fact.index)
        elif isinstance(fact, ToolCallStarted):
            assert fact.call == num_calls[fact.index]
            num_calls[fact.index] += 1
    assert finished == set(range(num_choices))
