"""Embeddings as servers send them, read into unit vectors."""

import base64
import json
import struct
from typing import Any

import pytest

from antiphon.engines.http import UpstreamRefusal
from antiphon.engines.remote.vectors import VectorReader
from antiphon.errors import UpstreamFailed
from antiphon.generation.work import Embedded


def read(data: Any, num_inputs: int = 1, **fields: Any) -> Embedded:
    """Read an answer."""
    reader = VectorReader(num_inputs)
    assert reader.read(json.dumps({"object": "list", "data": data, **fields}).encode()) == ()
    return reader.end()


def test_numbers_and_base64_are_the_same_vector():
    """Servers that do not know base64 send numbers."""
    packed = base64.b64encode(struct.pack("<2f", 0.6, 0.8)).decode()
    numbers = read([{"index": 0, "embedding": [0.6, 0.8]}]).vectors
    assert read([{"index": 0, "embedding": packed}]).vectors == numbers
    assert numbers[0].typecode == "f"
    assert numbers[0].tolist() == pytest.approx([0.6, 0.8])


def test_a_vector_of_any_length_becomes_one_of_length_1():
    """Some servers do not normalise."""
    assert read([{"embedding": [3, 4]}]).vectors[0].tolist() == pytest.approx([0.6, 0.8])


def test_vectors_come_in_the_order_of_the_inputs():
    """The index says which input a vector is of."""
    vectors = read([{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}], num_inputs=2).vectors
    assert [vector.tolist() for vector in vectors] == [[1, 0], [0, 1]]


def test_the_prompts_tokens_are_counted():
    """An embedding has no others."""
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    assert read([{"index": 0, "embedding": [1]}], usage=usage).prompt_tokens == 5


@pytest.mark.parametrize(
    ("data", "num_inputs"),
    [
        ([], 1),
        (None, 1),
        ([{"index": 0, "embedding": [1]}], 2),
        ([{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}], 2),
        ([{"index": 1, "embedding": [1]}], 1),
        ([{"index": 0, "embedding": "@@"}], 1),
        ([{"index": 0, "embedding": "AAAA"}], 1),
        ([{"index": 0, "embedding": [0, 0]}], 1),
        ([{"index": 0, "embedding": []}], 1),
        ([{"index": 0}], 1),
    ],
)
def test_vectors_that_are_missing_or_unreadable_are_the_upstreams_failure(data: Any, num_inputs: int):
    """There must be one for each input, with a direction."""
    with pytest.raises(UpstreamFailed):
        read(data, num_inputs)


def test_an_error_in_place_of_vectors_is_a_refusal():
    """As for a chat."""
    with pytest.raises(UpstreamRefusal):
        read([], error={"message": "no", "code": 400})
