"""Tokens of audio are counted as OpenAI counts them."""

import pytest

from antiphon.speech.metering import heard_tokens, spoken_tokens, text_tokens


@pytest.mark.parametrize(("seconds", "heard", "spoken"), [(0, 0, 0), (0.1, 1, 2), (0.101, 2, 3), (60, 600, 1200)])
def test_a_second_is_ten_tokens_in_and_twenty_out(seconds: float, heard: int, spoken: int):
    """What is begun counts whole; a minute from the model is 1,200 tokens."""
    assert (heard_tokens(seconds), spoken_tokens(seconds)) == (heard, spoken)


@pytest.mark.parametrize(("text", "num_tokens"), [("", 0), ("Hi", 1), ("12345", 2), ("日本", 2)])
def test_four_bytes_of_text_are_about_a_token(text: str, num_tokens: int):
    """The bytes of UTF-8 count, since a letter of another script may be a token of its own."""
    assert text_tokens(text) == num_tokens
