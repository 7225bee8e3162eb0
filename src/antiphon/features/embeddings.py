"""Embeddings: texts, or tokens, to vectors."""

import base64
import sys
from array import array

from antiphon.callers import Caller
from antiphon.generation.work import EmbeddingWork
from antiphon.ids import Ids
from antiphon.ports import Engines
from antiphon.wire.embeddings import Embedding, EmbeddingList, EmbeddingRequest
from antiphon.wire.usage import EmbeddingUsage

Input = str | tuple[int, ...]


class Embeddings:
    """Answers `/v1/embeddings`."""

    def __init__(self, engines: Engines, make_id: Ids) -> None:
        self._engines = engines
        self._make_id = make_id

    async def answer(self, caller: Caller, request: EmbeddingRequest) -> EmbeddingList:
        """Embed every input. Raises `RequestError` or `EngineError`."""
        engine, model = self._engines.embedding(request.model)
        work = EmbeddingWork(
            id=self._make_id("embd-"),
            organization=caller.organization,
            model=model,
            inputs=_inputs(request),
            dimensions=request.dimensions,
        )
        embedded = await engine.embed(work)
        packs = _base64_of if request.encoding_format == "base64" else _floats_of
        return EmbeddingList(
            data=[Embedding(index=index, embedding=packs(vector)) for index, vector in enumerate(embedded.vectors)],
            model=request.model,
            usage=EmbeddingUsage(prompt_tokens=embedded.prompt_tokens, total_tokens=embedded.prompt_tokens),
        )


def _inputs(request: EmbeddingRequest) -> tuple[Input, ...]:
    given = request.input
    if isinstance(given, str):
        return (given,)
    if isinstance(given[0], int):
        return (tuple(token for token in given if isinstance(token, int)),)
    return tuple(one if isinstance(one, str) else tuple(one) for one in given if not isinstance(one, int))


def _floats_of(vector: "array[float]") -> list[float]:
    return vector.tolist()


def _base64_of(vector: "array[float]") -> str:
    """Pack float32 in little-endian order, as the SDKs unpack it."""
    if sys.byteorder == "big":
        vector = array("f", vector)
        vector.byteswap()
    return base64.b64encode(vector.tobytes()).decode("ascii")
