"""The process in which a model runs, as the engines see it: calls go out, pieces come back, errors are ours."""

import sys
from array import array
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, dataclass

import msgspec

from antiphon.engines.http import Timeouts, Upstream, UpstreamRefusal
from antiphon.engines.llama.grammars import check_grammar
from antiphon.engines.llama.wire import (
    CompletionCall,
    EmbeddingCall,
    Embeddings,
    Piece,
    Prompt,
    SlotStatus,
    TokenizeCall,
    Tokenized,
    decode_piece,
    decode_trouble,
    encode,
)
from antiphon.engines.supervisor.child import ChildSpec, Endpoint
from antiphon.engines.supervisor.slots import Slots
from antiphon.engines.supervisor.supervisor import Supervisor
from antiphon.errors import (
    AntiphonError,
    ContextLengthExceeded,
    EngineError,
    EngineFailed,
    EngineUnavailable,
    InvalidRequest,
    UpstreamFailed,
)
from antiphon.generation.work import Urgency

# The server sends a comment every 30 s even where a prompt takes longer: silence of this length is no work.
TIMEOUTS = Timeouts(connect_s=5, first_s=300, idle_s=300)
# Half a second to a second of work for half a billion parameters on two cores, and no slower than larger batches. It is
# the same whatever the urgency, so that every process gives the same answers.
BATCH_TOKENS = 64
# Threads that wait for one another look a few thousand times before they sleep: docs/decisions/0013.
VARIABLES = {"GOMP_SPINCOUNT": "10000"}
# A large file that is not in the page cache is read first.
READY_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class ProcessConfig:
    """What the child is told. `context_tokens` is for each slot; `urgency` says to what the process gives way.

    `batch_tokens` is how many tokens of a prompt are computed at once: in between the answers in other slots go on, and
    the server notices that nobody listens any more. `state_folder` is where it may write the states of its slots.
    """

    model_path: str
    context_tokens: int
    num_slots: int
    num_threads: int
    batch_tokens: int = BATCH_TOKENS
    urgency: Urgency = "interactive"
    is_embedding: bool = False
    state_folder: str | None = None


class LlamaServer:
    """One supervised llama.cpp server."""

    def __init__(self, name: str, config: ProcessConfig, *, max_waiting: int) -> None:
        self.name = name
        self.config = config
        slots = Slots(config.num_slots, max_waiting)
        self.supervisor = Supervisor(
            name,
            ChildSpec((sys.executable, "-m", "antiphon.engines.llama.process"), asdict(config), VARIABLES),
            slots,
            probe=self._is_well,
            ready_timeout_s=READY_TIMEOUT_S,
        )
        self._upstream: tuple[Endpoint, Upstream] | None = None

    async def complete(self, call: CompletionCall) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of one continuation, the last of which says `stop`; the caller holds the call's slot.

        Raises `ContextLengthExceeded`, `InvalidRequest` for what the server cannot take, or an `EngineError`.
        """
        check_grammar(call.grammar)
        body = encode(call)
        endpoint = await self.supervisor.ready()
        events = self._events(endpoint, body)
        try:
            first = await anext(events, b"")
        except (EngineFailed, EngineUnavailable):
            # Nothing was told yet: the process ended before or as we called, and its next run can do the work.
            events = self._events(await self.supervisor.ready(other_than=endpoint), body)
            first = await anext(events, b"")
        async with aclosing(events):
            piece = self._read(first)
            self.supervisor.slots.note_begun(call.id_slot)
            yield piece
            async for data in events:
                yield self._read(data)

    async def prompt_tokens(self, prompt: Prompt) -> list[int]:
        """Return the tokens that the server makes of a prompt. Raises an `EngineError`."""
        pieces = [prompt] if isinstance(prompt, str) else prompt
        tokens: list[int] = []
        for place, piece in enumerate(pieces):
            if isinstance(piece, int):
                tokens.append(piece)
            else:
                tokens += await self.tokens(piece, add_special=place == 0, parse_special=True)
        return tokens

    async def tokens(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        """Return the model's tokens of `text`. Raises an `EngineError`."""
        call = TokenizeCall(text, add_special, parse_special)
        return msgspec.json.decode(await self.post("/tokenize", encode(call)), type=Tokenized).tokens

    async def embed(self, inputs: list[list[int]]) -> "list[array[float]]":
        """Return the vector of each list of tokens, as the model gives it. Raises `InvalidRequest` or `EngineError`."""
        with await self.supervisor.slots.take():
            answer = await self.post("/v1/embeddings", encode(EmbeddingCall(inputs)))
        rows = msgspec.json.decode(answer, type=Embeddings).data
        return [array("f", row.embedding) for row in sorted(rows, key=lambda row: row.index)]

    async def num_working(self) -> int:
        """Return how many slots of the process compute, which it may for a moment after nobody listens any more."""
        endpoint = await self.supervisor.ready()
        slots = msgspec.json.decode(await (await self._at(endpoint)).get("/slots"), type=list[SlotStatus])
        return sum(slot.is_processing for slot in slots)

    async def post(self, path: str, body: bytes) -> bytes:
        """Send JSON and return the body of the answer, once more where the process ended meanwhile."""
        endpoint = await self.supervisor.ready()
        try:
            return await self._answer(endpoint, path, body)
        except (EngineFailed, EngineUnavailable):
            endpoint = await self.supervisor.ready(other_than=endpoint)
        return await self._answer(endpoint, path, body)

    async def drain(self, grace_s: float) -> None:
        """Let the work in flight finish for at most `grace_s` and end the process."""
        await self.supervisor.drain(grace_s)
        if self._upstream is not None:
            await self._upstream[1].close()
            self._upstream = None

    async def _events(self, endpoint: Endpoint, body: bytes) -> AsyncGenerator[bytes, None]:
        upstream = await self._at(endpoint)
        try:
            async with aclosing(upstream.stream("/completion", body)) as events:
                async for data in events:
                    yield data
        except UpstreamRefusal as refusal:
            raise self._translated(refusal) from None
        except EngineFailed:
            raise self._broken() from None

    async def _answer(self, endpoint: Endpoint, path: str, body: bytes) -> bytes:
        upstream = await self._at(endpoint)
        try:
            return await upstream.post(path, body)
        except UpstreamRefusal as refusal:
            raise self._translated(refusal) from None

    async def _at(self, endpoint: Endpoint) -> Upstream:
        """Return the connections to one run of the process; those to an earlier run are dead and go."""
        old = self._upstream
        if old is not None and old[0] == endpoint:
            return old[1]
        base_url = f"http://127.0.0.1:{endpoint.port}"
        headers = {"authorization": f"Bearer {endpoint.api_key}"}
        # llama.cpp's server closes a connection after a stream and does not say so beforehand.
        upstream = Upstream(self.name, base_url, headers=headers, timeouts=TIMEOUTS, keeps_alive=False)
        self._upstream = endpoint, upstream
        if old is not None:
            await old[1].close()
        return upstream

    async def _is_well(self, endpoint: Endpoint) -> bool:
        try:
            await (await self._at(endpoint)).get("/health")
        except (EngineError, UpstreamRefusal):
            return False
        return True

    def _read(self, data: bytes) -> Piece:
        try:
            piece = decode_piece(data)
        except msgspec.DecodeError:
            raise self._broken() from None
        if piece.error is not None:
            raise EngineFailed(f"The engine '{self.name}' gave up: {piece.error.message}")
        return piece

    def _translated(self, refusal: UpstreamRefusal) -> AntiphonError:
        trouble = decode_trouble(refusal.body)
        if trouble.n_prompt_tokens is not None and trouble.n_ctx is not None:
            return ContextLengthExceeded(context_tokens=trouble.n_ctx, prompt_tokens=trouble.n_prompt_tokens)
        if refusal.status == 400:
            return InvalidRequest(f"The model cannot take this request: {trouble.message or 'it says no more'}.")
        return UpstreamFailed(f"The engine '{self.name}' refused the work: {trouble.message or refusal.status}.")

    def _broken(self) -> EngineFailed:
        return EngineFailed(
            f"The engine '{self.name}' ended while it worked on this request; it is being started again: try again."
        )
