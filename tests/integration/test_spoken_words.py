"""Spoken answers say what is written, and a cut keeps the words that were heard: Whisper base is the witness.

`python -m bench.speech` does the same with fifty answers and two hundred cuts.
"""

from statistics import median

import pytest
from bench.speech.figures import edge_errors, is_exact, judged, random_cuts, word_error_rates
from bench.speech.listening import Listener
from bench.speech.speaking import SpokenAnswer
from tests.fixtures.speaking import spoken_answers
from tests.fixtures.weights import weights_of

TEXTS = (
    "It was built between 1887 and 1889 for the World's Fair, and it is still one of the tallest in the city.",
    "The total comes to $45.50, and that includes a tip of 15%.",
    "**Step one:** turn off the power. I am in the middle of the list, so I will go on to the next one.",
    "The human body has 206 bones, and more than half of them are in the hands and feet.",
)
NUM_HEARD = 6


@pytest.fixture(scope="module")
def answers() -> list[SpokenAnswer]:
    """The texts, as a conversation speaks them."""
    return spoken_answers(TEXTS)


@pytest.fixture(scope="module")
def listener() -> Listener:
    """Whisper base."""
    _, stored = weights_of("whisper-base")
    return Listener(stored.path.parent)


def test_answers_say_what_is_written(answers: list[SpokenAnswer], listener: Listener):
    """The median word error rate is under 10 %, numerals spelt."""
    rates = word_error_rates(answers, listener)
    assert median(rate for rate, _ in rates) < 0.1, rates


def test_cuts_keep_exactly_the_words_that_ended(answers: list[SpokenAnswer]):
    """Wherever 200 answers are cut, among them inside numbers and words that run together."""
    assert all(is_exact(answer, cut_ms) for answer, cut_ms in random_cuts(answers, 200))


def test_what_a_cut_keeps_is_what_is_heard_of_it(answers: list[SpokenAnswer], listener: Listener):
    """Give or take a word: a recogniser makes a whole word of half a one, or none. At early cuts it only guesses."""
    cuts = [cut for cut in random_cuts(answers, 40, seed=7) if cut[1] > 1500][:NUM_HEARD]
    heard = [judged(answer, cut_ms, listener) for answer, cut_ms in cuts]
    assert sum(cut.is_off_by_one_at_most for cut in heard) >= NUM_HEARD - 1, heard


def test_a_word_before_a_pause_ends_where_the_sound_falls_away(answers: list[SpokenAnswer]):
    """The samples themselves say when a word is over."""
    errors = [error for answer in answers for error in edge_errors(answer)]
    assert len(errors) >= 6
    assert median(map(abs, errors)) <= 40
