"""Whisper's tokens as segments, and the signs that there is nothing in them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.speech.segments import Decoded, Segment, num_loops, segments_of, without_loop

T = 1000
GOOD = Decoded((1, 2), " The lights are off.", mean_logprob=-0.3, no_speech_probability=0.1)


def at(seconds: float) -> int:
    """The token of a time."""
    return T + round(seconds * 50)


def test_text_between_timestamps_is_a_segment():
    """With a pause between two of them."""
    tokens = [at(0), 1, 2, at(1.5), at(2), 3, at(3)]
    assert segments_of(tokens, T, 4000) == [Segment((1, 2), 0, 1500), Segment((3,), 2000, 3000)]


def test_text_without_timestamps_is_one_segment():
    """As long as the piece."""
    assert segments_of([1, 2, 3], T, 2500.0) == [Segment((1, 2, 3), 0, 2500)]


def test_text_whose_end_is_not_told_ends_with_the_piece():
    """Where it was cut in the midst of a sentence."""
    assert segments_of([at(0), 1, at(1), 2], T, 2500.0) == [Segment((1,), 0, 1000), Segment((2,), 1000, 2500)]


def test_what_begins_after_the_end_is_not_told():
    """In a window of its own length the model may say again what it heard."""
    tokens = [at(0), 1, at(2), at(2), 1, at(4), at(4), 1, at(6)]
    assert segments_of(tokens, T, 2000.0) == [Segment((1,), 0, 2000)]


@given(st.lists(st.one_of(st.integers(0, 50), st.integers(T, T + 1500))), st.floats(0, 30_000))
def test_segments_hold_the_text_in_order_and_within_the_piece(tokens: list[int], length_ms: float):
    """Whatever times the model makes up; nothing is lost but what is said to begin after the end."""
    found = segments_of(tokens, T, length_ms)
    told = [token for segment in found for token in segment.tokens]
    text = [token for token in tokens if token < T]
    assert told == text[: len(told)]
    if all(token < at(length_ms / 1000) for token in tokens if token >= T):
        assert told == text
    times = [time for segment in found for time in (segment.start_ms, segment.end_ms)]
    assert times == sorted(times)
    assert all(0 <= time <= length_ms for time in times)


@pytest.mark.parametrize(
    ("changes", "is_silence"),
    [
        ({}, False),
        ({"text": "  "}, True),
        ({"no_speech_probability": 0.7}, False),
        ({"no_speech_probability": 0.7, "mean_logprob": -1.2}, True),
        ({"no_speech_probability": 0.9, "mean_logprob": -0.6}, True),
        ({"no_speech_probability": 0.5, "mean_logprob": -1.2}, False),
        ({"no_speech_probability": 0.7, "is_cut": True}, True),
        ({"no_speech_probability": 0.7, "num_loops": 6}, True),
        ({"no_speech_probability": 0.7, "num_loops": 5}, False),
        ({"no_speech_probability": 0.4, "num_loops": 6}, True),
    ],
)
def test_silence_is_what_the_model_doubts_where_it_hears_nobody(changes: dict[str, object], is_silence: bool):
    """Either alone is not enough: a quiet voice is heard, and a sure word is kept."""
    assert replace(GOOD, **changes).is_silence is is_silence


def test_a_text_that_can_be_squeezed_is_a_loop():
    """Speech repeats itself less than a model that runs in circles."""
    assert not GOOD.is_loop
    assert replace(GOOD, text=" The lights are off." * 12).is_loop


def test_a_sentence_said_twice_is_a_loop():
    """A few words may be: no, no."""
    assert replace(GOOD, text=" The lights are off. The lights are off.").is_loop
    assert not replace(GOOD, text=" Not at all. Not at all.").is_loop


def test_a_pass_that_never_ended_is_a_loop():
    """Even where its text is short."""
    assert replace(GOOD, is_cut=True).is_loop


@pytest.mark.parametrize(
    ("tokens", "loops"),
    [([1, 2, 3, 3, 3, 3], 4), ([1, 2, 1, 2, 1, 2], 3), ([9, 1, 2, 1, 2], 1), ([1, 1], 1), ([], 1)],
)
def test_loops_are_counted_from_the_end(tokens: list[int], loops: int):
    """Tokens that repeat what they end with."""
    assert num_loops(tokens) == loops


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ([5, 6, 1, 2, 3, 1, 2, 3, 1, 2, 3], (5, 6, 1, 2, 3)),
        ([5, 7, 7, 7, 7, 7], (5, 7)),
        ([1, 2, 1, 2], (1, 2, 1, 2)),
        ([1, 2, 3], (1, 2, 3)),
        ([T, 7, 7, 7, T + 5], (7,)),
        ([], ()),
    ],
)
def test_what_is_repeated_at_the_end_is_kept_once(tokens: list[int], kept: tuple[int, ...]):
    """Three times are a loop, twice may be meant."""
    assert without_loop(tokens, T) == kept
