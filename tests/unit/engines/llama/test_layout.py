"""Where messages stand in a prompt."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.llama.layout import Layout, between, common

TEXT = "Sab|Uc|Adé|"


def test_each_token_belongs_to_the_message_in_which_it_begins():
    """Tokens before the first message and after the last are nobody's; places are characters, lengths bytes."""
    layout = Layout(TEXT, 1, (4, 7, 11))
    counted = layout.counted([1, 2, 1, 3, 3, 1, 1])
    assert counted is not None
    assert (counted.message_tokens, counted.rest_tokens) == ((2, 1, 3), 1)


def test_what_the_server_wrote_into_the_first_message_is_no_part_of_it():
    counted = Layout("SabFFFF|Uc|", 0, (8, 11), (3, 7)).counted([1] * 11)
    assert counted is not None
    assert (counted.message_tokens, counted.rest_tokens) == ((4, 3), 4)


def test_a_message_without_a_place_of_its_own_has_no_tokens():
    """As a call has whose result is told with the question."""
    counted = Layout("Sab|Uc|", 0, (4, 4, 7)).counted([1] * 7)
    assert counted is not None
    assert counted.message_tokens == (4, 0, 3)


def test_a_token_before_every_text_takes_no_place_in_it():
    counted = Layout("ab", 0, (2,)).counted([3, 1, 1])
    assert counted is not None
    assert (counted.message_tokens, counted.rest_tokens) == ((3,), 0)


def test_tokens_of_another_text_are_not_shared_out():
    assert Layout("ab", 0, (2,)).counted([2, 1]) is None
    assert Layout("ab", 0, (2,)).counted([]) is None


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_common_is_the_longest_beginning_of_both(one: str, other: str):
    length = common(one, other)
    assert one[:length] == other[:length]
    assert length == min(len(one), len(other)) or one[length] != other[length]


@given(st.text("ab", max_size=8), st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_between_is_what_was_put_in(before: str, put: str, after: str):
    start, end = between(before + put + after, before + after)
    assert end - start == len(put)
    whole = before + put + after
    assert whole[:start] + whole[end:] == before + after
