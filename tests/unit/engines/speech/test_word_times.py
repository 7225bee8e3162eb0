"""Words of a transcript and when they sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.speech.word_times import timed_words, token_starts_ms


def test_a_token_sounds_from_its_first_frame_to_the_next_tokens():
    """Frames of 20 ms; the end of the text is the last."""
    alignments = [(0, 0), (0, 1), (1, 5), (2, 9), (2, 10), (3, 20)]
    assert token_starts_ms(alignments, 3, 1000.0) == [0.0, 100.0, 180.0, 400.0]


def test_a_token_that_was_not_aligned_begins_where_the_one_before_did():
    """A gap in the alignment loses no word."""
    assert token_starts_ms([(0, 2), (2, 8)], 3, 500.0) == [40.0, 40.0, 160.0, 500.0]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 200))), st.integers(0, 12), st.floats(0, 5000))
def test_times_of_tokens_never_go_back_and_stay_in_the_audio(
    alignments: list[tuple[int, int]], num_tokens: int, length_ms: float
):
    """Whatever the alignment says."""
    starts = token_starts_ms(alignments, num_tokens, length_ms)
    assert len(starts) == num_tokens + 1
    assert starts == sorted(starts)
    assert all(0 <= start <= length_ms for start in starts)


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ([" Hello", ",", " world", "."], [" Hello, ", "world."]),
        ([" it's", " nine", " o", "'clock"], [" it's ", "nine ", "o'clock"]),
        ([" at", " 7", ".30"], [" at ", "7.30"]),
        ([" he", " said", ' "', "no", '."'], [" he ", "said ", '"no."']),
        ([" costs", " $", "5", " now"], [" costs ", "$5 ", "now"]),
        (["你", "好", "。"], ["你", "好。"]),
        ([' "', "Yes", '"'], [' "Yes"']),
        ([" wait", " -"], [" wait -"]),
    ],
)
def test_a_word_has_its_punctuation(words: list[str], texts: list[str]):
    """What stands behind a word or before it is part of it, and white space goes behind."""
    told = timed_words([(word, 1) for word in words], [100.0 * place for place in range(len(words) + 1)], 0.0)
    assert [word.text for word in told] == texts


def test_times_count_from_the_beginning_of_the_audio():
    """A word takes its tokens' time, and a piece its place."""
    told = timed_words([(" two", 2), (" one", 1)], [0.0, 50.0, 300.0, 500.0], 10_000.0)
    assert [(word.start_ms, word.end_ms) for word in told] == [(10_000.0, 10_300.0), (10_300.0, 10_500.0)]


@given(st.lists(st.sampled_from([" a", " b-c", "d", ",", ".", ' "', '"', "'s", " (", ")", " -", "  ", " 你", "好"])))
def test_joined_the_words_are_the_text(words: list[str]):
    """No letter is lost, wherever the tokenizer cuts; but for texts in which there is no word at all."""
    told = timed_words([(word, 1) for word in words], [10.0 * place for place in range(len(words) + 1)], 0.0)
    joined = "".join(word.text for word in told)
    assert joined == ("".join(words) if told else "")
    assert [word.start_ms for word in told] == sorted(word.start_ms for word in told)
