"""How a text is cut into clauses while it is written."""
# ruff: noqa: RUF001 - Chinese has marks of its own

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.speech.clauses import ClauseSplitter

_ANSWER = (
    "The Eiffel Tower is 330 metres tall, about the same height as an 81-storey building. It was built by Dr. Eiffel's "
    "company between 1887 and 1889 for the World's Fair, and it cost $1.5 million, e.g. in today's money much more. "
    "See https://example.com/a.b?c=1,2 or the **very long bold title** for more; it is 3.14 km away."
)


def _split(text: str, *sizes: int) -> list[str]:
    splitter = ClauseSplitter()
    clauses: list[str] = []
    rest = text
    for size in sizes:
        clauses += splitter.feed(rest[:size])
        rest = rest[size:]
    return clauses + splitter.feed(rest) + splitter.finish()


@given(st.text(alphabet="abc 12.,!?:;\n*`[]()。，好-—'\"", max_size=300), st.lists(st.integers(0, 9), max_size=60))
def test_pieces_never_matter(text: str, sizes: list[int]):
    """However a text comes in pieces, the clauses are the same, and joined they are the text."""
    assert _split(text, *sizes) == _split(text)
    assert "".join(_split(text)) == text


def test_the_first_clause_is_short():
    """The first clause has three to six words, later ones more."""
    clauses = _split(_ANSWER)
    assert 3 <= len(clauses[0].split()) <= 6
    assert max(len(clause.split()) for clause in clauses) <= 20
    assert len(clauses[0].split()) < len(clauses[-1].split()) + 6


def test_the_first_clause_ends_with_its_mark():
    """A mark after three words or more ends the first clause."""
    assert _split("Of course, my friend, I can help you with that.")[0] == "Of course, my friend, "


def test_the_first_clause_parts_no_phrase():
    """Where no mark ends the first clause, it ends before a word that leads a phrase."""
    assert _split("The capital of France is the beautiful city of Paris")[0] == "The capital of France "


def test_the_first_clause_comes_with_its_sixth_word():
    """Five words are enough as soon as more follow."""
    splitter = ClauseSplitter()
    assert splitter.feed("Bright stars often shine tonight") == []
    assert splitter.feed(" t") == ["Bright stars often shine tonight "]


@pytest.mark.parametrize(
    "whole",
    [
        "$1.5 million", "3.14 km", "Dr. Eiffel's", "e.g. in", "https://example.com/a.b?c=1,2", "330 metres",
        "**very long bold title**", "1887 and",
    ],
)  # fmt: skip
def test_what_belongs_together_stays_together(whole: str):
    """No clause ends inside a number with its unit, an abbreviation, an address or an emphasis."""
    assert sum(whole in clause for clause in _split(_ANSWER)) == 1


@pytest.mark.parametrize("text", ["It happened on July 4, 1776, in the city.", "I see it now: 1. Take the bread out."])
def test_dates_and_list_marks_stay_whole(text: str):
    """A comma inside a date and the full stop of a list's number end no clause."""
    clauses = _split(text)
    assert any("July 4, 1776" in clause for clause in clauses) or any("1. Take" in clause for clause in clauses)


def test_scripts_without_spaces_are_cut_at_their_marks():
    """Chinese is cut at its own commas and full stops, without any space."""
    assert _split("你好，我是一个助手。今天天气很好，我们去公园吧。")[:2] == [
        "你好，我是一个助手。",
        "今天天气很好，我们去公园吧。",
    ]


def test_scripts_without_spaces_need_no_marks():
    """Chinese without marks is cut too, after about as much as five words."""
    assert len(_split("我" * 40)[0]) == 10


def test_a_text_without_end_is_bounded():
    """A single word of any length comes in bounded clauses."""
    clauses = _split("a" * 5000)
    assert max(map(len, clauses)) <= 1200


def test_an_opened_emphasis_does_not_hold_the_text_back():
    """A stray mark of markup delays the first clause, and not for ever."""
    assert len(_split("A ** stray mark is here and then many more words follow it to the end")[0].split()) <= 11
