"""Chats and continuations by an embedded model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import lru_cache
from pathlib import Path

from antiphon.catalogue.entry import Entry
from antiphon.engines.llama.choice import hear
from antiphon.engines.llama.choosing import Question, Step, Writing, first_step
from antiphon.engines.llama.gguf_header import read_vocabulary
from antiphon.engines.llama.parse import CallReader
from antiphon.engines.llama.render import Renderer
from antiphon.engines.llama.sampling import Place, Plan, has_penalty, question_call
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.telling import Telling, WordsReader
from antiphon.engines.llama.tools import AFTER_NAME, BEFORE_NAME, offer_of
from antiphon.engines.llama.wire import Prompt
from antiphon.engines.supervisor.slots import Slot
from antiphon.generation.facts import ChatFact, ChoiceFinished, CompletionFact, UsageCounted
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork
from antiphon.ids import Ids, random_id
from antiphon.schemas import json_object_grammar
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

# OpenAI's older API ends a continuation here where it is not told otherwise.
CONTINUATION_TOKENS = 16


class LlamaEngine:
    """One model in one process."""

    def __init__(self, server: LlamaServer, entry: Entry, profile: EngineProfile, ids: Ids = random_id) -> None:
        self.server = server
        self._entry = entry
        self._profile = profile
        self._ids = ids
        self._renderer: Renderer | None = None

    @property
    def profile(self) -> EngineProfile:
        """What the model can do here."""
        return self._profile

    async def prepare(self) -> None:
        """Read the model's vocabulary, which the first chat would have to wait for."""
        await self._rendering()

    async def chat(self, work: ChatWork) -> AsyncGenerator[ChatFact, None]:
        """Tell the facts of one chat; see `ChatEngine.chat`.

        Where functions are on offer the model is first asked whether it wants one, in the slot in which it goes on.
        """
        request = work.request
        offer = offer_of(request)
        renderer = await self._rendering()
        prompt = renderer.render(request, offer, work.response_schema)
        has_results = offer is not None and offer.answered
        words_prompt = renderer.render(request, None, work.response_schema) if has_results else prompt
        step = first_step(prompt, offer, _answer_grammar(work), words_prompt)
        with await self.server.supervisor.slots.take() as slot:
            writing, follows = await self._decided(step, slot)
            num_begun_tokens = await self._num_begun_tokens(writing)
            telling = Telling(
                self.server,
                request,
                await self._chat_plan(request, writing, num_begun_tokens),
                self._entry.sampling,
                request.top_logprobs or 0,
                WordsReader if offer is None else lambda index: CallReader(index, self._call_id, writing.called),
                num_begun_tokens,
            )
            async with aclosing(telling.facts(slot, follows=follows)) as facts:
                async for fact in facts:
                    yield fact

    async def warm(self, work: ChatWork) -> None:
        """Compute a conversation's beginning; see `ChatEngine.warm`."""

    async def complete(self, work: CompletionWork) -> AsyncGenerator[CompletionFact, None]:
        """Tell the facts of one continuation; see `CompletionEngine.complete`."""
        request = work.request
        prompt: Prompt = work.prompt if isinstance(work.prompt, str) else list(work.prompt)
        if request.max_tokens == 0:
            for index in range(request.n or 1):
                yield ChoiceFinished(index, "length")
            yield UsageCounted(len(await self.server.prompt_tokens(prompt)), 0)
            return
        plan = Plan(
            prompt,
            max_tokens=CONTINUATION_TOKENS if request.max_tokens is None else request.max_tokens,
            num_probabilities=max(1, request.logprobs) if request.logprobs is not None else 0,
            prompt_tokens=await self._penalised(request, prompt),
        )
        telling = Telling(self.server, request, plan, self._entry.sampling, request.logprobs or 0, WordsReader)
        with await self.server.supervisor.slots.take() as slot:
            async with aclosing(telling.facts(slot)) as facts:
                async for fact in facts:
                    yield fact

    async def _decided(self, step: Step, slot: Slot) -> tuple[Writing, bool]:
        """Ask the questions that come before the answer; return it, and whether `slot` holds its beginning."""
        follows = False
        while isinstance(step, Question):
            heard = await hear(self.server, question_call(step, Place(slot.number, follows)), step.num_likeliest)
            step = step.decide(heard)
            follows = True
        return step, follows

    async def _chat_plan(self, request: ChatRequest, writing: Writing, num_begun_tokens: int) -> Plan:
        asked = request.max_completion_tokens or request.max_tokens or self._entry.limits.answer_tokens
        return Plan(
            writing.prompt,
            writing.grammar,
            max_tokens=None if asked is None else max(1, asked - num_begun_tokens),
            num_probabilities=max(1, request.top_logprobs or 0) if request.logprobs else 0,
            prompt_tokens=await self._penalised(request, writing.prompt),
        )

    async def _penalised(self, request: ChatRequest | CompletionRequest, prompt: Prompt) -> list[int]:
        return await self.server.prompt_tokens(prompt) if has_penalty(request) else []

    async def _num_begun_tokens(self, writing: Writing) -> int:
        """Return how many tokens of the answer stand in the prompt already: a call up to its arguments, or none."""
        if writing.called is None:
            return 0
        begun = BEFORE_NAME + writing.called + AFTER_NAME
        return len(await self.server.tokens(begun, add_special=False, parse_special=True))

    async def _rendering(self) -> Renderer:
        if self._renderer is None:
            vocabulary = await asyncio.to_thread(read_vocabulary, Path(self.server.config.model_path))
            self._renderer = Renderer(vocabulary)
        return self._renderer

    def _call_id(self) -> str:
        return self._ids("call_")


def _answer_grammar(work: ChatWork) -> str:
    if work.response_schema is not None:
        return work.response_schema.grammar()
    wanted = work.request.response_format
    return _any_object() if wanted is not None and wanted.type == "json_object" else ""


@lru_cache(maxsize=1)
def _any_object() -> str:
    return json_object_grammar()
