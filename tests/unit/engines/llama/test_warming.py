"""A prompt that is computed before it is asked for gives way to answers."""

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace

from antiphon.catalogue.entry import Entry
from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.gguf_header import Vocabulary
from antiphon.engines.llama.measuring import Layouts
from antiphon.engines.llama.render import Renderer
from antiphon.engines.llama.wire import CompletionCall, Piece
from antiphon.engines.supervisor.slots import Slots
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork
from antiphon.wire.chat.request import ChatRequest

NUM_BATCHES = 5


class Batches:
    """A server that computes a batch of the prompt each time that it is let."""

    def __init__(self, num_slots: int) -> None:
        self.supervisor = SimpleNamespace(slots=Slots(num_slots, max_waiting=4))
        self.num_computed = 0
        self.begun = asyncio.Event()
        self.go_on = asyncio.Semaphore(0)

    async def complete(self, call: CompletionCall) -> AsyncGenerator[Piece, None]:
        del call
        for _ in range(NUM_BATCHES):
            self.begun.set()
            await self.go_on.acquire()
            self.num_computed += 1
            yield Piece()


def engine(server: Batches) -> LlamaEngine:
    """Return an engine that has read its vocabulary."""
    made = LlamaEngine(server, Entry.model_construct(), EngineProfile(fingerprint="fp"))  # type: ignore[arg-type]
    vocabulary = Vocabulary(None, "<s>", "</s>", {"<|im_start|>": 1, "<|im_end|>": 2})
    made._layouts = Layouts(Renderer(vocabulary))
    return made


def work() -> ChatWork:
    """Return the work of a conversation."""
    request = ChatRequest.model_validate({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})
    return ChatWork(id="w", organization="acme", model="m", request=request, conversation="sess_1")


async def test_a_prompt_is_computed_to_its_end_where_nobody_waits():
    server = Batches(num_slots=1)
    for _ in range(NUM_BATCHES):
        server.go_on.release()
    await engine(server).warm(work())
    assert server.num_computed == NUM_BATCHES


async def test_who_waits_for_a_slot_gets_that_of_a_prompt_that_nobody_asked_for_yet():
    """After the batch that is being computed."""
    server = Batches(num_slots=1)
    warming = asyncio.create_task(engine(server).warm(work()))
    await server.begun.wait()
    waiting = asyncio.create_task(server.supervisor.slots.take("another"))
    await asyncio.sleep(0)
    assert server.supervisor.slots.num_waiting == 1
    server.go_on.release()
    async with asyncio.timeout(5):
        (await waiting).release()
        await warming
    assert server.num_computed == 1
