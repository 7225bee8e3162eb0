"""The contract of `EmbeddingEngine`, held by every engine that embeds."""

import math
from array import array

import pytest
from tests.contract.engines.subjects import CONTEXT_TOKENS, Subject

from antiphon.errors import InvalidRequest
from antiphon.generation.work import Embedded, EmbeddingWork

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def embedded(embedder: Subject, *texts: str) -> Embedded:
    """Embed some texts."""
    return await embedder.engine.embed(EmbeddingWork("embd-1", "org", embedder.model, texts))


def dot(one: array, other: array) -> float:
    """Return the inner product."""
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_each_text_is_a_vector_of_length_1(embedder: Subject):
    """Vectors are float32, all of the same dimensions, and of unit length."""
    vectors = (await embedded(embedder, "a cat", "the stock market fell", "x")).vectors
    assert [vector.typecode for vector in vectors] == ["f"] * 3
    assert len({len(vector) for vector in vectors}) == 1
    assert all(math.isclose(dot(vector, vector), 1, rel_tol=1e-5) for vector in vectors)


async def test_the_same_text_is_the_same_vector_wherever_it_stands(embedder: Subject):
    """Vectors come in the order of the texts, whatever is embedded beside them."""
    first = (await embedded(embedder, "a cat", "a dog")).vectors
    second = (await embedded(embedder, "a dog", "a cat")).vectors
    assert dot(first[0], second[1]) > 0.999
    assert dot(first[1], second[0]) > 0.999
    assert dot(first[0], first[1]) < 0.999


async def test_texts_about_the_same_are_nearer_than_others(embedder: Subject):
    """That is what an embedding is for."""
    vectors = (await embedded(embedder, "the cat sat down", "a cat sat on it", "interest rates rose")).vectors
    assert dot(vectors[0], vectors[1]) > dot(vectors[0], vectors[2])


async def test_the_tokens_of_all_texts_are_counted(embedder: Subject):
    """Two texts cost what each costs."""
    one, other, both = [
        (await embedded(embedder, *texts)).prompt_tokens for texts in (["a cat"], ["a big dog"], ["a cat", "a big dog"])
    ]
    assert both == one + other > 0


async def test_a_text_over_the_context_is_refused(embedder: Subject):
    """The error is the caller's to mend."""
    with pytest.raises(InvalidRequest):
        await embedded(embedder, "over and over " * CONTEXT_TOKENS)
