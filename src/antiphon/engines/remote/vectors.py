"""An upstream's embeddings, read into unit vectors in the order of the inputs."""

import binascii
from array import array

import numpy as np
from numpy.typing import NDArray

from antiphon.engines.remote.incoming import EMBEDDING_ANSWER, Usage, Vector, decoded
from antiphon.engines.remote.reading import counted, refusal_in
from antiphon.errors import UpstreamFailed
from antiphon.generation.work import Embedded

Floats = NDArray[np.float32]


class VectorReader:
    """Reads the embeddings of `num_inputs` inputs."""

    def __init__(self, num_inputs: int) -> None:
        self._num_inputs = num_inputs
        self._vectors: list[Vector] = []
        self._usage: Usage | None = None

    def read(self, data: bytes) -> tuple[Embedded, ...]:
        """Take the whole answer; it is told at the end."""
        answer = decoded(EMBEDDING_ANSWER, data)
        if answer.error is not None:
            raise refusal_in(data, answer.error)
        self._vectors = answer.data or []
        self._usage = answer.usage
        return ()

    @property
    def is_counted(self) -> bool:
        """Whether the upstream told what the answer cost."""
        return self._usage is not None

    def end(self) -> Embedded:
        """Return the vectors. Raises `UpstreamFailed` if they are not one for each input."""
        places = [place if vector.index is None else vector.index for place, vector in enumerate(self._vectors)]
        if sorted(places) != list(range(self._num_inputs)):
            raise UpstreamFailed(
                f"The engine answered with {len(places)} embeddings, and was asked for {self._num_inputs}."
            )
        by_place = dict(zip(places, self._vectors, strict=True))
        vectors = tuple(_unit(_floats(by_place[place])) for place in range(self._num_inputs))
        return Embedded(vectors, counted(self._usage).prompt_tokens)


def _floats(vector: Vector) -> Floats:
    if not isinstance(vector.embedding, str):
        return np.asarray(vector.embedding, dtype=np.float32)
    try:
        return np.frombuffer(binascii.a2b_base64(vector.embedding, strict_mode=True), dtype="<f4")
    except ValueError as fault:
        raise UpstreamFailed(f"The engine answered with an embedding that cannot be read: {fault}.") from fault


def _unit(floats: Floats) -> "array[float]":
    """Return the vector at length 1, as the port has it, whatever the upstream does."""
    length = float(np.linalg.norm(floats))
    if not 0 < length < float("inf"):
        raise UpstreamFailed("The engine answered with an embedding that has no direction.")
    return array("f", (floats / np.float32(length)).astype(np.float32).tobytes())
