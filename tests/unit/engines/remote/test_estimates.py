"""When words are thought to sound, while audio comes of which nobody knows how long it will be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.remote.estimates import MS_PER_LETTER, EstimatedWords, Pace
from antiphon.speech.words import TimedWord


def told(text: str, arrivals_ms: list[float], ms_per_letter: float = MS_PER_LETTER) -> list[TimedWord]:
    """The words of a text whose audio has come as far as `arrivals_ms`, one after the other."""
    words = EstimatedWords(text, ms_per_letter)
    found = [word for audio_ms in arrivals_ms for word in words.until(audio_ms)]
    return [*found, *words.finish(arrivals_ms[-1] if arrivals_ms else 0.0)]


@given(
    st.text(alphabet="ab ,.\n", max_size=40), st.lists(st.floats(0, 5000), max_size=6).map(sorted), st.floats(1, 200)
)
def test_joined_the_words_are_the_text_and_their_times_never_go_back(
    text: str, arrivals_ms: list[float], ms_per_letter: float
):
    """However the audio arrives, and whatever pace was expected."""
    words = told(text, arrivals_ms, ms_per_letter)
    assert "".join(word.text for word in words) == text
    times = [time for word in words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert all(time <= (arrivals_ms[-1] if arrivals_ms else 0.0) + 1e-6 for time in times)


def test_the_last_word_ends_with_the_audio():
    """However much longer it was than expected."""
    assert told("One two three.", [100.0, 4000.0])[-1].end_ms == pytest.approx(4000.0)


def test_a_word_is_told_with_the_audio_that_it_is_thought_to_end_in():
    """Four letters and a gap at 100 ms each: the first of two words is told once half a second has come."""
    words = EstimatedWords("Four four", 100.0)
    assert words.until(499.0) == ()
    assert words.until(500.0) == (TimedWord("Four ", 0.0, 500.0),)
    assert words.finish(900.0) == (TimedWord("four", 500.0, 900.0),)


def test_punctuation_takes_time():
    """A pause is part of the word before it."""
    comma, plain = told("Well, then", [1000.0]), told("Wells then", [1000.0])
    assert comma[0].end_ms > plain[0].end_ms


def test_a_pace_is_learnt_from_what_was_spoken():
    """Bit by bit, at the speed of 1."""
    pace = Pace()
    for _ in range(20):
        pace.learn(num_letters=100, length_ms=5000.0, speed=2.0)
    assert pace.ms_per_letter == pytest.approx(100.0, rel=0.01)
    pace.learn(num_letters=0, length_ms=0.0, speed=1.0)
    assert pace.ms_per_letter == pytest.approx(100.0, rel=0.01)
