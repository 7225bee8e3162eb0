"""The pieces that are spoken at once."""

from antiphon.speech.pieces import pieces, readable
from antiphon.speech.spoken import spoken_words


def texts(text: str) -> list[str]:
    """The pieces as they are written."""
    return ["".join(word.text for word in piece) for piece in pieces(spoken_words(text))]


def test_sentences_are_pieces():
    """Marks of markup stay with the sentence before them."""
    assert texts("I see. **\n\nYou do, too! 😀 Why?") == ["I see. **\n\n", "You do, too! 😀 ", "Why?"]


def test_markup_before_all_belongs_to_the_first():
    """The first piece says something."""
    assert texts("# \n Title") == ["# \n Title"]


def test_a_long_sentence_is_taken_at_its_pauses():
    """From eighteen words on a comma is enough."""
    clause = "one two three four five six seven eight nine ten, "
    assert [len(text.split()) for text in texts(clause * 4)] == [20, 20]


def test_a_sentence_without_marks_is_bounded():
    """No piece has many more than 32 words."""
    assert [len(text.split()) for text in texts("word " * 100)] == [32, 32, 32, 4]


def test_a_piece_is_read_with_its_pauses():
    """The phonemizer sees spoken words and the marks that make it pause."""
    assert readable(spoken_words("At 3:00 p.m., Dr. Who: *yes*…")) == "At three P.M, doctor Who: yes,"


def test_nothing_said_is_nothing_read():
    """Markup alone gives no text."""
    assert [readable(piece) for piece in pieces(spoken_words("** --- 😀"))] == [""]
