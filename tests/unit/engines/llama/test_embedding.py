"""Vectors cut and scaled to what was asked for."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.llama.embedding import fitted
from antiphon.errors import InvalidRequest

COMPONENTS = st.floats(-100, 100, width=32).filter(lambda value: abs(value) > 1e-3)


@given(st.lists(COMPONENTS, min_size=1, max_size=20), st.integers(1, 20))
def test_a_vector_has_the_asked_dimensions_and_length_1(components: list[float], dimensions: int):
    """Its direction is that of the components that were kept."""
    dimensions = min(dimensions, len(components))
    vector = fitted(array("f", components), dimensions)
    assert (vector.typecode, len(vector)) == ("f", dimensions)
    assert math.isclose(math.hypot(*vector), 1, rel_tol=1e-5)
    scale = math.hypot(*components[:dimensions])
    assert all(math.isclose(c, v * scale, rel_tol=1e-4) for c, v in zip(components, vector, strict=False))


def test_all_dimensions_are_kept_where_none_are_asked_for():
    """The model's own number."""
    assert list(fitted(array("f", [3, 4]), None)) == pytest.approx([0.6, 0.8])


def test_more_dimensions_than_the_model_has_are_refused():
    """No vector is padded."""
    with pytest.raises(InvalidRequest, match="2 dimensions"):
        fitted(array("f", [3, 4]), 3)


def test_a_vector_of_nothing_stays_nothing():
    """It has no direction to scale."""
    assert list(fitted(array("f", [0, 0]), None)) == [0, 0]
