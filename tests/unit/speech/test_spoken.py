"""What is said for what is written."""
# ruff: noqa: RUF001 - marks that look alike are meant

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.speech.spoken import SpokenWord, spoken_words


def said(text: str, language: str = "en") -> str:
    """The spoken words in a row."""
    return " ".join(word for part in spoken_words(text, language) for word in part.words)


@given(st.text(max_size=200))
def test_written_words_joined_are_the_text(text: str):
    """Whatever the text, nothing of it is lost."""
    assert "".join(word.text for word in spoken_words(text)) == text


@given(st.text(alphabet="aAbI 129.,:-/$%€@#*_`()[]'\n½²é你é😀", max_size=80))
def test_every_spoken_word_has_something_to_say(text: str):
    """No spoken word is empty, has white space, or consists of marks."""
    for part in spoken_words(text):
        assert all(any(map(str.isalnum, word)) and not any(map(str.isspace, word)) for word in part.words)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("42", "forty two"),
        ("1,234", "one thousand two hundred and thirty four"),
        ("3.14", "three point one four"),
        ("-5", "minus five"),
        ("007", "zero zero seven"),
        ("1st", "first"),
        ("the 21st century", "the twenty first century"),
        ("in 1987", "in nineteen eighty seven"),
        ("1980s", "nineteen eighties"),
        ("1500 cars", "one thousand five hundred cars"),
        ("the 1990s and '80s", "the nineteen nineties and eighties"),
        ("2024", "twenty twenty four"),
        ("1/2", "one half"),
        ("3/4 cup", "three quarters cup"),
        ("2½", "two and one half"),
        ("24/7", "twenty four seven"),
        ("1887–1889", "eighteen eighty seven to eighteen eighty nine"),
        ("10-12", "ten to twelve"),
        ("3:1", "three to one"),
        ("12345678901234567890", "one two three four five six seven eight nine zero " * 2),
    ],
)
def test_numbers(text: str, spoken: str):
    """Numbers are said as a person says them."""
    assert said(text) == spoken.strip()


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("3:30 pm", "three thirty P.M"),
        ("3:00 p.m.", "three P.M"),
        ("12:00", "twelve o'clock"),
        ("10:05", "ten oh five"),
        ("July 4, 1776", "July fourth seventeen seventy six"),
        ("4 July", "the fourth of July"),
        ("2024-10-01", "October first twenty twenty four"),
        ("10/12/2024", "October twelfth twenty twenty four"),
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("$2.50", "two dollars and fifty cents"),
        ("€20", "twenty euros"),
        ("$1.5 million", "one point five million dollars"),
        ("$3B", "three billion dollars"),
        ("£0.99", "ninety nine pence"),
        ("50%", "fifty percent"),
        ("5 %", "five percent"),
        ("16GB", "sixteen gigabytes"),
        ("1 km", "one kilometre"),
        ("60 km/h", "sixty kilometres per hour"),
        ("20°C", "twenty degrees Celsius"),
        ("5'10\"", "five foot ten"),
        ("(555) 123-4567", "five five five one two three four five six seven"),
        ("+1 555-123-4567", "plus one five five five one two three four five six seven"),
        ("#1", "number one"),
        ("v1.2.3", "V one point two point three"),
    ],
)
def test_amounts_dates_and_times(text: str, spoken: str):
    """Currencies, units, dates, times and telephone numbers are said in full."""
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Dr. Smith", "doctor Smith"),
        ("St. Louis", "saint Louis"),
        ("Main St. is", "Main street is"),
        ("e.g. this", "for example this"),
        ("No. 5", "number five"),
        ("No. I say", "No I say"),
        ("etc.", "et cetera"),
        ("the FBI", "the F.B.I"),
        ("NASA", "nasa"),
        ("APIs", "A.P.I's"),
        ("the U.S. is", "the U.S is"),
        ("H2O", "H two O"),
        ("GPT-4o", "G.P.T four O"),
        ("COVID-19", "covid nineteen"),
        ("OpenAI", "Open A.I"),
        ("A man", "a man"),
        ("vitamin A", "vitamin A"),
        ("I SAID NO", "I said no"),
        ("Henry VIII", "Henry the eighth"),
        ("World War II", "World War two"),
        ("C++", "C plus plus"),
        ("and/or", "and or"),
        ("well-known", "well-known"),
        ("https://www.example.com/a?b=c", "example dot com slash a"),
        ("a.b@c.org", "a dot b at c dot org"),
        ("main.py", "main dot P.Y"),
        ("2 + 2 = 4", "two plus two equals four"),
        ("x^2", "x squared"),
        ("GPT-4's", "G.P.T four's"),
        ("9am-5pm", "nine A.M to five P.M"),
        ("50/50", "fifty fifty"),
        ("1.5M users", "one point five million users"),
        ("z >= 5", "z at least five"),
        ("Q: A: so", "Q A so"),
    ],
)
def test_words_that_are_no_words(text: str, spoken: str):
    """Abbreviations, initialisms, addresses and signs are read out."""
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("**bold** and _soft_", "bold and soft"),
        ("# Heading\n", "Heading"),
        ("- one\n- two", "one two"),
        ("1. First\n2. Second", "one First two Second"),
        ("`code_name()`", "code name"),
        ("[here](https://a.b/c)", "here"),
        ("```python\nprint('hi')\n```", "print hi"),
        ("> quoted", "quoted"),
        ("a\n---\nb", "a b"),
        ("nice 😀 day", "nice day"),
        ("👍🏽", ""),
        ("***", ""),
        ("", ""),
        (" \n", ""),
    ],
)
def test_markup_is_silent(text: str, spoken: str):
    """Nobody reads out marks of markup, addresses of links, or emoji."""
    assert said(text) == spoken


def test_a_written_word_has_its_spoken_ones():
    """A number stays one written word, with its marks and white space, however many words are said."""
    assert spoken_words("It is 25, ok")[2] == SpokenWord("25, ", ("twenty", "five"), ",")


@pytest.mark.parametrize(
    ("text", "pauses"),
    [
        ("Yes, no. Why? Oh!", [",", ".", "?", "!"]),
        ("Dr. Smith", ["", ""]),
        ("the U.S. is", ["", "", ""]),
        ("in the U.S. He", ["", "", ".", ""]),
        ("(so) it", [",", ""]),
        ("a\nb", [",", ""]),
        ("one—two", [",", ""]),
        ("a - b", ["", ",", ""]),
        ("etc.", ["."]),
        ("well... so", [",", ""]),
        ("5 mi. daily", ["", "", ""]),
    ],
)
def test_pauses(text: str, pauses: list[str]):
    """The voice pauses at marks and ends of lines, not after an abbreviation."""
    assert [word.pause for word in spoken_words(text)] == pauses


def test_other_languages_have_their_own_numbers():
    """English readings are for English alone."""
    assert said("25 Dr. e.g.", "de") == "fünfundzwanzig Dr e.g"


def test_letters_without_spaces_are_words():
    """Each Chinese letter is a word, so that a cut may fall between any two."""
    assert [word.text for word in spoken_words("你好，世界", "zh")] == ["你", "好，", "世", "界"]


def test_long_nonsense_is_read_in_bounded_time():
    """What is longer than any word is taken in parts."""
    assert len(said("x" * 100_000)) >= 100_000
    assert said("1" * 3000)
