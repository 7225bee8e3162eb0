"""What a model writes, read piece by piece."""

import json
from collections.abc import Sequence
from itertools import count, pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from antiphon.engines.llama.parse import CallReader, num_suspected
from antiphon.engines.llama.stops import Span
from antiphon.engines.llama.tools import AFTER_ARGUMENTS, call_text
from antiphon.generation.facts import ArgumentsProduced, TextProduced, ToolCallStarted
from antiphon.wire.chat.answer import TokenLogprob

WEATHER = call_text("weather", '{"city": "Paris"}')


def read(pieces: Sequence[str], called: str | None = None) -> tuple[str, list[tuple[str, str]]]:
    """The words, and each call's name and arguments."""
    numbers = count(1)
    reader = CallReader(0, lambda: f"call_{next(numbers)}", called)
    facts = [*reader.begin(), *(fact for piece in pieces for fact in reader.feed(Span(piece))), *reader.end()]
    words = "".join(fact.text for fact in facts if isinstance(fact, TextProduced))
    calls = [[fact.name, ""] for fact in facts if isinstance(fact, ToolCallStarted)]
    for fact in facts:
        if isinstance(fact, ArgumentsProduced):
            calls[fact.call][1] += fact.text
    return words, [(name, arguments) for name, arguments in calls]


def test_words_are_words():
    assert read(["Hello ", "there."]) == ("Hello there.", [])


def test_a_call_is_no_words():
    assert read([WEATHER]) == ("", [("weather", '{"city": "Paris"}')])


def test_words_may_come_before_a_call():
    assert read(["Let me see. ", WEATHER]) == ("Let me see. ", [("weather", '{"city": "Paris"}')])


def test_calls_follow_one_another():
    words, calls = read([WEATHER + "\n" + call_text("time", "{}")])
    assert (words, [name for name, _ in calls]) == ("", ["weather", "time"])


def test_a_prompt_may_end_in_a_call():
    assert read(['{"city"', ': "Paris"}'], called="weather") == ("", [("weather", '{"city": "Paris"}')])


def test_more_calls_may_follow_one_that_the_prompt_began():
    text = '{"city": "Paris"}' + AFTER_ARGUMENTS + "\n" + call_text("time", "{}")
    assert read([text], called="weather") == ("", [("weather", '{"city": "Paris"}'), ("time", "{}")])


def test_a_call_that_repeats_another_ends_the_answer():
    reader = CallReader(0, str)
    for text in (WEATHER, call_text("time", "{}"), WEATHER, "Words."):
        told = reader.feed(Span(text))
    assert reader.is_over
    assert told == []
    assert read([WEATHER, call_text("time", "{}"), WEATHER, "Words."])[1] == [
        ("weather", '{"city": "Paris"}'),
        ("time", "{}"),
    ]


def test_only_the_first_call_is_told_before_it_is_whole():
    reader = CallReader(0, str)
    assert [type(fact) for fact in reader.feed(Span(WEATHER[:50]))] == [ToolCallStarted, ArgumentsProduced]
    reader.feed(Span(WEATHER[50:]))
    second = call_text("time", '{"zone": "UTC"}')
    assert reader.feed(Span(second[:-20])) == []
    assert reader.feed(Span(second[-20:])) == [
        ToolCallStarted(0, 1, "", "time"),
        ArgumentsProduced(0, 1, '{"zone": "UTC"}'),
    ]


def test_braces_in_strings_close_nothing():
    arguments = json.dumps({"code": 'if (a) { b = "}" } \\'})
    assert read([call_text("run", arguments)]) == ("", [("run", arguments)])


def test_a_call_that_is_cut_off_keeps_its_arguments():
    assert read([WEATHER[:50]]) == ("", [("weather", WEATHER[WEATHER.index('{"city') : 50])])


def test_a_head_that_is_cut_off_is_not_told_as_words():
    assert read(['Well. <tool_call>\n{"name": "wea']) == ("Well. ", [])


def test_a_tag_that_only_is_talked_about_is_words():
    words = "The tag <tool_call> begins a call."
    assert read([words]) == (words, [])


def test_words_after_a_call_are_told():
    assert read([WEATHER + "\nDone."])[0] == "Done."


def test_only_the_beginning_of_a_call_is_held_back():
    reader = CallReader(0, str)
    assert reader.feed(Span("so <")) == []
    assert reader.feed(Span("b>")) == [TextProduced(0, "so <b>")]


def test_log_probabilities_go_with_their_words():
    logprob = TokenLogprob("Hi", -0.5, [72, 105], [])
    reader = CallReader(2, str)
    assert reader.feed(Span("Hi", logprob)) == [TextProduced(2, "Hi", (logprob,))]


def test_whether_a_call_was_made_is_known():
    reader = CallReader(0, str)
    assert not reader.has_called
    reader.feed(Span(WEATHER))
    assert reader.has_called


texts = st.lists(
    st.sampled_from(
        [WEATHER, "<tool_call>", "</tool_call>", "}", "{", '"', "\n", " ", "<", "tool", "words", '{"name": "a"', "\\"]
    ),
    max_size=9,
).map("".join)


@example(WEATHER + WEATHER, [17, 18], None)
@given(texts, st.lists(st.integers(0, 200), max_size=12), st.sampled_from([None, "weather"]))
def test_any_cutting_tells_the_same(text: str, cuts: list[int], called: str | None):
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    assert read(pieces, called) == read([text], called)
    assert read(list(text), called) == read([text], called)


@given(st.text("ab<"), st.text("ab<", min_size=1))
def test_what_is_suspected_is_the_longest_beginning(text: str, marker: str):
    lengths = [length for length in range(len(marker)) if text.endswith(marker[:length])]
    assert num_suspected(text, marker) == max(lengths)
