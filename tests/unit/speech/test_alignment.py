"""Which phonemes belong to which word."""
# ruff: noqa: RUF001 - letters that look alike are meant

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from antiphon.speech.alignment import Span, align, timed_words
from antiphon.speech.spoken import SpokenWord
from antiphon.speech.words import TimedWord

_PHONEMES = st.lists(st.sampled_from("aɪkˈː ,nðəst."), max_size=25)


def parts(words: list[str], clause: str) -> list[str]:
    """What each word has of the clause."""
    return [clause[span.first : span.end] for span in align(words, clause)]


def test_joined_words_are_parted():
    """The phonemizer writes `in the` and `I am` without a gap."""
    assert parts(["ˈaɪ", "ˈæm", "ˈɪn", "ðə", "hˈaʊs"], "aɪɐm ɪnðə hˈaʊs.") == ["aɪ", "ɐm", "ɪn", "ðə", "hˈaʊs"]


def test_reduced_words_keep_their_place():
    """A vowel that changes inside a sentence is still that word's."""
    assert parts(["ðə", "ˈæpəl", "ʌv", "ˈeɪ", "kˈɪŋ"], "ðɪʲ ˈæpəl əvə kˈɪŋ,") == ["ðɪʲ", "ˈæpəl", "əv", "ə", "kˈɪŋ"]


def test_a_split_number_is_one_word():
    """Gaps inside a word are no ends of it."""
    assert parts(["twˈɛntifˈaɪv", "ʌv"], "twˈɛnti fˈaɪv ʌv") == ["twˈɛnti fˈaɪv", "ʌv"]


def test_stress_goes_with_what_follows():
    """A mark of stress after a gap belongs to the next word."""
    assert parts(["ɪt", "ɪz"], "ɪɾ ˈɪz") == ["ɪɾ", "ˈɪz"]


def test_a_word_of_which_nothing_is_left_is_empty():
    """It stands where it would be."""
    spans = align([["t", "ˈ", "u"], ["x", "x"], ["d", "ˈ", "u"]], "tˈu dˈu")
    assert spans[1] == Span(3, 3)
    assert spans[2] == Span(4, 7)


@given(st.lists(_PHONEMES, max_size=8), _PHONEMES)
def test_spans_are_in_order_and_leave_no_sound_out(words: list[list[str]], clause: list[str]):
    """Every phoneme that sounds belongs to exactly one word."""
    spans = align(words, clause)
    assert len(spans) == len(words)
    assert all(one.end <= other.first for one, other in pairwise(spans))
    owned = {place for span in spans for place in range(span.first, span.end)}
    sounds = {place for place, phoneme in enumerate(clause) if phoneme not in " ,."}
    assert not words or sounds <= owned


def test_times_are_those_of_the_phonemes():
    """A number takes the time of all its spoken words; markup takes none, where the word before it ends."""
    written = [SpokenWord("25 ", ("twenty", "five")), SpokenWord("** "), SpokenWord("men.", ("men",))]
    spans = [Span(0, 2), Span(3, 4), Span(5, 7)]
    words = timed_words(written, spans, [10] * 8, 0.5, 100)
    assert words == [TimedWord("25 ", 100, 120), TimedWord("** ", 120, 120), TimedWord("men.", 125, 135)]


def test_times_never_go_back():
    """A word without phonemes takes no time."""
    words = timed_words([SpokenWord("a ", ("a",)), SpokenWord("b", ("b",))], [Span(0, 2), Span(2, 2)], [4, 4], 1, 0)
    assert words == [TimedWord("a ", 0, 8), TimedWord("b", 8, 8)]
