"""Stop strings in a stream of tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.llama.stops import Span, StopStrings
from antiphon.wire.chat.answer import TokenLogprob

ALPHABET = st.sampled_from("ab\n")
TEXTS = st.lists(st.text(ALPHABET, min_size=1, max_size=3), max_size=12)
STOPS = st.lists(st.text(ALPHABET, min_size=1, max_size=4), max_size=4)


def told(tokens: list[str], stops: list[str]) -> tuple[str, bool]:
    """Return the text that is told of some tokens, and whether a stop string was found."""
    watch = StopStrings(stops)
    text = ""
    for token in tokens:
        text += "".join(span.text for span in watch.feed(Span(token)))
        if watch.is_found:
            return text, True
    return text + "".join(span.text for span in watch.rest()), False


@given(TEXTS, STOPS)
def test_what_is_told_is_the_text_up_to_the_first_stop_string(tokens: list[str], stops: list[str]):
    """Wherever tokens are cut, nothing of a stop string is told and nothing before it is lost."""
    text = ""
    for token in tokens:  # the model ends with the token that completes a stop string
        text += token
        if any(stop in text for stop in stops):
            break
    starts = [text.index(stop) for stop in stops if stop in text]
    assert told(tokens, stops) == (text[: min(starts)] if starts else text, bool(starts))


def test_text_is_held_back_only_while_it_may_be_a_stop_string():
    """The beginning of one waits for the token that decides."""
    watch = StopStrings(["END"])
    assert watch.feed(Span("go ")) == [Span("go ")]
    assert watch.feed(Span("E")) == []
    assert watch.feed(Span("xit")) == [Span("E"), Span("xit")]


def test_without_stop_strings_nothing_is_held_back():
    """Neither an absent nor an empty one holds anything."""
    assert StopStrings([]).feed(Span("a")) == [Span("a")]
    assert StopStrings([""]).feed(Span("a")) == [Span("a")]


@pytest.mark.parametrize(("token", "kept"), [("é END", "é "), ("END", None)])
def test_the_entry_of_a_token_is_cut_with_its_text(token: str, kept: str | None):
    """Log-probabilities tell no more of a stop string than the text does."""
    watch = StopStrings(["END"])
    entry = TokenLogprob(token, -0.5, list(token.encode()), [])
    spans = watch.feed(Span(token, entry))
    told_of = [(span.text, span.logprob.token, bytes(span.logprob.bytes or ())) for span in spans if span.logprob]
    assert told_of == ([] if kept is None else [(kept, kept, kept.encode())])
