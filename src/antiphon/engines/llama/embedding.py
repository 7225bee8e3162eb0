"""Embeddings by a model that pools its tokens into one vector."""

import math
from array import array

from antiphon.catalogue.entry import Entry
from antiphon.engines.llama.server import LlamaServer
from antiphon.errors import ContextLengthExceeded, InvalidRequest
from antiphon.generation.work import Embedded, EmbeddingWork

# Between two calls the requests of others have their turn.
INPUTS_PER_CALL = 16


class LlamaEmbedding:
    """One embedding model in one process."""

    def __init__(self, server: LlamaServer, entry: Entry) -> None:
        self._server = server
        self._max_tokens = entry.limits.prompt_tokens or entry.context_tokens

    async def embed(self, work: EmbeddingWork) -> Embedded:
        """Embed every input; see `EmbeddingEngine.embed`."""
        inputs = [await self._tokens(one) for one in work.inputs]
        vectors: list[array[float]] = []
        for start in range(0, len(inputs), INPUTS_PER_CALL):
            vectors += await self._server.embed(inputs[start : start + INPUTS_PER_CALL])
        return Embedded(tuple(fitted(vector, work.dimensions) for vector in vectors), sum(map(len, inputs)))

    async def _tokens(self, one: str | tuple[int, ...]) -> list[int]:
        """Return the input's tokens, those around it included that the model was trained with."""
        tokens = (
            await self._server.tokens(one, add_special=True, parse_special=False) if isinstance(one, str) else list(one)
        )
        if len(tokens) > self._max_tokens:
            raise ContextLengthExceeded(context_tokens=self._max_tokens, prompt_tokens=len(tokens), param="input")
        return tokens


def fitted(vector: "array[float]", dimensions: int | None) -> "array[float]":
    """Return the vector's first `dimensions` components at length 1.

    Raises `InvalidRequest` for more dimensions than the model has.
    """
    if dimensions is not None and dimensions > len(vector):
        raise InvalidRequest(
            f"This model has {len(vector)} dimensions, and 'dimensions' is {dimensions}: ask for at most as many.",
            param="dimensions",
        )
    kept = vector[:dimensions]
    length = math.hypot(*kept) or 1.0
    return array("f", (component / length for component in kept))
