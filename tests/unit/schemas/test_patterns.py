"""Expressions are read as ECMA-262 has them, and what no grammar enforces is refused in a sentence."""

import pytest

from antiphon.schemas.charsets import DIGITS, LINE_ENDS, WORD, char_set, single
from antiphon.schemas.languages import language_of
from antiphon.schemas.patterns import Chars, Choice, PatternRefused, Repeat, Sequence, read_pattern

A, B = Chars(single("a")), Chars(single("b"))

READ = {
    "a": A,
    "ab": Sequence((A, B)),
    "a|b": Choice((A, B)),
    "(?:a)": A,
    "(?<name>a)": A,
    "a*": Repeat(A, 0, None),
    "a+?": Repeat(A, 1, None),
    "a{2}": Repeat(A, 2, 2),
    "a{2,}": Repeat(A, 2, None),
    "a{2,3}": Repeat(A, 2, 3),
    "a{x}": Sequence((A, *(Chars(single(character)) for character in "{x}"))),
    ".": Chars(LINE_ENDS.complement()),
    r"\d": Chars(DIGITS),
    r"\W": Chars(WORD.complement()),
    r"[\d_]": Chars(DIGITS | single("_")),
    "[a-c-]": Chars(char_set([(0x61, 0x63), (0x2D, 0x2D)])),
    "[^a]": Chars(single("a").complement()),
    r"[\b]": Chars(single("\b")),
    r"\u0061": A,
    r"\x61": A,
    r"\u{61}": A,
    r"\.": Chars(single(".")),
    r"\cJ": Chars(single("\n")),
    "": Sequence(()),
}

REFUSED = {
    r"(a)\1": "It uses back references, which cannot be enforced.",
    r"(?<a>a)\k<a>": r"It uses back references (\k), which cannot be enforced.",
    r"\bword": r"It uses word boundaries (\b), which cannot be enforced.",
    r"\p{L}": r"It uses Unicode properties (\p), which cannot be enforced.",
    "(?<!a)b": "It uses lookbehind, which cannot be enforced.",
    "(?i:a)": "It uses flags, which cannot be enforced.",
    r"\Aa": r"'\A' is not part of JSON Schema's dialect.",
    "a{6000}": "It repeats a part more than 5000 times, which cannot be enforced.",
    "a{3,2}": "A quantifier's numbers are out of order.",
    "*a": "Nothing stands before '*'.",
    "a**": "Nothing stands before '*'.",
    "(a": "A group is not closed.",
    "a)": "A ')' closes no group.",
    "[a": "It ends too early.",
    "[]": "A class holds no character.",
    "[b-a]": "A range of characters is out of order.",
    "^*": "A position cannot be repeated.",
    r"\u12": "It ends too early.",
    r"\u{}": r"'\u' is not followed by the number of a character.",
    r"\u{41": "It ends too early.",
    "(" * 60: "Its groups are too deep.",
    "a^b": "It holds '^', '$' or lookahead where these cannot be enforced.",
    "a$b": "It holds '^', '$' or lookahead where these cannot be enforced.",
    "((?=a)a|b)+": "It holds '^', '$' or lookahead where these cannot be enforced.",
    r"\ud800": "It asks for a character that cannot stand in a JSON text.",
}


@pytest.mark.parametrize(("source", "pattern"), READ.items())
def test_an_expression_is_read(source, pattern):
    """Each construct gives its tree."""
    assert read_pattern(source) == pattern


@pytest.mark.parametrize(("source", "sentence"), REFUSED.items())
def test_an_expression_is_refused_in_a_sentence(source, sentence):
    """Malformed or beyond a grammar: the reason is named."""
    with pytest.raises(PatternRefused) as caught:
        language_of(read_pattern(source))
    assert str(caught.value) == sentence
