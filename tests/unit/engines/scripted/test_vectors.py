"""Embeddings that a hash makes up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.scripted.vectors import vector_of


@given(st.text())
def test_every_text_has_a_vector_of_length_1(text: str):
    """The empty text too, and one without a word."""
    assert np.linalg.norm(vector_of(text, 64)) == pytest.approx(1, abs=1e-5)


def test_the_same_words_are_the_same_vector():
    """Case and signs are no words."""
    assert vector_of("Hello, world!", 64) == vector_of("hello world", 64)


def test_texts_that_share_words_are_near_each_other():
    """More words in common, nearer."""
    cat, dog, law = (np.array(vector_of(text, 256)) for text in ("the black cat", "the black dog", "a law was passed"))
    assert cat @ dog > 0.5
    assert abs(cat @ law) < 0.3


@pytest.mark.parametrize("num_dimensions", [1, 2, 1536])
def test_a_vector_has_the_dimensions_asked_for(num_dimensions: int):
    """Down to one."""
    assert len(vector_of("hello", num_dimensions)) == num_dimensions
