"""A transcript is gathered from a recogniser's facts, or given on as it grows."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.speech.facts import RecognitionEnded, SegmentHeard
from antiphon.speech.transcript import GrowingText, Transcript
from antiphon.speech.words import TimedWord

HELLO = TimedWord("Hello ", 0, 300)
THERE = TimedWord("there.", 300, 600)


def heard(text: str, *words: TimedWord) -> SegmentHeard:
    return SegmentHeard(text=text, start_ms=0, end_ms=1, words=words)


def test_segments_become_one_text_and_one_row_of_words():
    """The white space around the whole is no part of it; the end tells the language and the tokens."""
    transcript = Transcript()
    for fact in (heard(" Hello ", HELLO), heard("there.", THERE), RecognitionEnded("en", 4)):
        transcript.add(fact)
    assert (transcript.text, transcript.words) == ("Hello there.", (HELLO, THERE))
    assert (transcript.language, transcript.num_tokens) == ("en", 4)


@given(st.lists(st.text("ab \n", max_size=4)))
def test_what_grew_is_the_text_without_white_space_around_it(pieces: list[str]):
    """However a text comes in pieces, nothing of it is told twice, late or never."""
    growing = GrowingText()
    assert "".join(growing.feed(piece) for piece in pieces) == "".join(pieces).strip()
