"""The last lines of a child."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.supervisor.log import MAX_LINE_BYTES, LogRing

TEXT = "one\nzwei, drei\r\n\nvier é 你\n".encode()


@given(st.lists(st.integers(0, len(TEXT)), max_size=8))
def test_lines_are_the_same_in_whatever_pieces_they_come(cuts: list[int]):
    """A line, or a character, may be cut anywhere."""
    log = LogRing()
    edges = [0, *sorted(cuts), len(TEXT)]
    for place in range(len(edges) - 1):
        log.feed(TEXT[edges[place] : edges[place + 1]])
    assert log.lines() == ("one", "zwei, drei", "", "vier é 你")


def test_only_the_newest_lines_are_kept():
    """The ring forgets the oldest."""
    log = LogRing(max_lines=2)
    log.feed(b"a\nb\nc\n")
    assert log.lines() == ("b", "c")


def test_a_line_without_end_does_not_fill_the_memory():
    """What is over the limit is cut, and the next line is whole."""
    log = LogRing()
    for _ in range(5):
        log.feed(b"x" * MAX_LINE_BYTES)
    log.feed(b"\nnext\n")
    assert log.lines() == ("x" * MAX_LINE_BYTES, "next")


def test_the_last_words_are_the_newest_line_that_is_not_blank():
    """They are what a failure is explained with, and those of an earlier run explain nothing."""
    log = LogRing(max_lines=3)
    log.feed(b"an earlier run\n")
    before = log.num_lines
    assert log.last_words(before) == ""
    log.feed(b"a\nb\nc\nno such file\n\n")
    assert log.last_words(before) == "no such file"
    assert log.last_words(log.num_lines) == ""
