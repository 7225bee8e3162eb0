"""The scripted model's embeddings: texts that share words are near each other, and the same text is the same vector."""

import hashlib
import re
from array import array
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DEFAULT_DIMENSIONS = 256
MOST_DIMENSIONS = 4096

Floats = NDArray[np.float32]


def vector_of(text: str, num_dimensions: int) -> "array[float]":
    """Return the sum of the vectors of a text's words, at length 1 (float32)."""
    words = re.findall(r"\w+", text.lower()) or [text]
    total = np.sum([_word(word, num_dimensions) for word in words], axis=0, dtype=np.float64)
    return array("f", (total / np.linalg.norm(total)).astype(np.float32).tobytes())


@lru_cache(maxsize=1024)
def _word(word: str, num_dimensions: int) -> Floats:
    """Return a vector that a hash of the word makes up, each component from -1 to 1."""
    bytes_of_hash = hashlib.shake_256(word.encode("utf-8", "surrogatepass")).digest(4 * num_dimensions)
    return (np.frombuffer(bytes_of_hash, dtype="<i4") / 2**31).astype(np.float32)
