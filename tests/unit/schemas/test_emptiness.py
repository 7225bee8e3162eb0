"""Whether strings can fit several expressions at once."""

import pytest

from antiphon.schemas.emptiness import is_surely_empty
from antiphon.schemas.languages import language_of
from antiphon.schemas.patterns import read_pattern


@pytest.mark.parametrize(
    ("sources", "is_empty"),
    [
        (["^a$"], False),
        (["^a$", "^b$"], True),
        (["^a+$", "^a{3}$"], False),
        (["^a{2,3}$", "^a{4,}$"], True),
        (["a", "b"], False),
        (["^[ab]*$", "c"], True),
        (["^(?!a)"], False),
        (["^(?!a)a"], True),
        (["^(?=b)[ab]$", "^[^b]"], True),
        (["^(?:ab){2,}$", "^.{5}$"], True),
        (["^(?:ab){2,}$", "^.{6}$"], False),
        (["^$", "^a*$"], False),
        (["^$", "."], True),
    ],
)
def test_a_string_that_fits_all_is_found_or_proved_absent(sources, is_empty):
    """By alternatives, repetitions, lookahead and searches."""
    assert is_surely_empty([language_of(read_pattern(source)) for source in sources]) == is_empty


def test_a_search_without_an_end_gives_the_benefit_of_the_doubt():
    """Thousands of states prove nothing in time."""
    assert not is_surely_empty([language_of(read_pattern("^.{4000}$")), language_of(read_pattern("^.{4001}$"))])
