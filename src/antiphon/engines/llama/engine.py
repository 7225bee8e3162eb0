"""Chats and continuations by an embedded model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from antiphon.catalogue.entry import Entry
from antiphon.engines.llama.cached_model import CachedModel
from antiphon.engines.llama.choice import hear
from antiphon.engines.llama.choosing import Question, Step, Writing, first_step
from antiphon.engines.llama.gguf_header import read_vocabulary
from antiphon.engines.llama.measuring import Layouts
from antiphon.engines.llama.parse import CallFact, CallReader
from antiphon.engines.llama.planning import Planning
from antiphon.engines.llama.render import Renderer
from antiphon.engines.llama.sampling import Place, Plan, prompt_call, question_call
from antiphon.engines.llama.seat import Seat
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.telling import Telling, WordsReader
from antiphon.engines.llama.token_lengths import token_bytes
from antiphon.engines.llama.tools import Offer, offer_of
from antiphon.engines.llama.wire import Prompt
from antiphon.errors import EngineError
from antiphon.generation.facts import (
    ChatFact,
    ChoiceFinished,
    CompletionFact,
    PromptCounted,
    UsageCounted,
)
from antiphon.generation.profile import EngineProfile
from antiphon.generation.work import ChatWork, CompletionWork
from antiphon.ids import Ids, random_id
from antiphon.prefix.sequence import TokenSequence
from antiphon.schemas import json_object_grammar

# OpenAI's older API ends a continuation here where it is not told otherwise.
CONTINUATION_TOKENS = 16


class LlamaEngine:
    """One model in one process; `cached` is there where its prompts are kept for later requests."""

    def __init__(
        self,
        server: LlamaServer,
        entry: Entry,
        profile: EngineProfile,
        cached: CachedModel | None = None,
        ids: Ids = random_id,
    ) -> None:
        self.server = server
        self._entry = entry
        self._planning = Planning(server, entry)
        self._profile = profile
        self._cached = cached
        self._ids = ids
        self._layouts: Layouts | None = None

    @property
    def profile(self) -> EngineProfile:
        """What the model can do here."""
        return self._profile

    async def prepare(self) -> None:
        """Read the model's vocabulary, which the first chat would have to wait for."""
        await self._prompts()

    async def chat(self, work: ChatWork) -> AsyncGenerator[ChatFact, None]:
        """Tell the facts of one chat; see `ChatEngine.chat`.

        Where functions are on offer the model is first asked whether it wants one, in the slot in which it goes on.
        """
        asked = _Asked(work, offer_of(work.request))
        step = asked.first_step((await self._prompts()).renderer)
        with await self._seat(asked, step.prompt) as seat:
            writing = await self._decided(step, seat)
            telling = await self._telling(asked, writing)
            async with aclosing(telling.facts(seat)) as facts:
                async for fact in facts:
                    if work.measures_prompt and isinstance(fact, UsageCounted):
                        counted = await self._measured(asked, writing)
                        if counted is not None:
                            yield counted
                    yield fact

    async def warm(self, work: ChatWork) -> None:
        """Compute a conversation's beginning; see `ChatEngine.warm`.

        Whoever has an answer to give goes before: nothing is computed ahead where no slot is free, and nothing more
        once somebody waits for one. What was computed by then stays.
        """
        resident, slots = _resident(work), self.server.supervisor.slots
        if resident is None or slots.num_busy == slots.num_slots:
            return
        renderer = (await self._prompts()).renderer
        prompt = renderer.beginning(work.request, offer_of(work.request), work.response_schema)
        with await slots.take(resident) as slot:
            call = prompt_call(prompt, Place(slot.number, slot.is_kept))
            async with aclosing(self.server.complete(call)) as pieces:
                async for _ in pieces:
                    if slots.num_waiting:
                        return

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
            prompt_tokens=await self._planning.penalised(request, prompt),
        )
        take = partial(self._continuation_seat, work)
        telling = Telling(self.server, request, plan, self._entry.sampling, request.logprobs or 0, WordsReader, take)
        with await take() as seat:
            async with aclosing(telling.facts(seat)) as facts:
                async for fact in facts:
                    yield fact

    async def _seat(self, asked: "_Asked", prompt: Prompt) -> Seat:
        """Return a seat for a chat's prompt: that of its conversation, or one with what the cache has of it."""
        work, cached = asked.work, self._cached
        if cached is None:
            slot = await self.server.supervisor.slots.take(_resident(work))
            return Seat(slot, follows=slot.is_kept)
        tokens = await self.server.prompt_tokens(prompt)
        return await cached.chat(work, await self._prompts(), asked.offer, tokens)

    async def _continuation_seat(self, work: CompletionWork) -> Seat:
        if self._cached is None:
            return Seat(await self.server.supervisor.slots.take(), follows=False)
        prompt: Prompt = work.prompt if isinstance(work.prompt, str) else list(work.prompt)
        return await self._cached.completion(work, await self._prompts(), await self.server.prompt_tokens(prompt))

    async def _decided(self, step: Step, seat: Seat) -> Writing:
        """Ask the questions that come before the answer, in the seat that holds its beginning then."""
        first = step.prompt
        while isinstance(step, Question):
            call = question_call(step, Place(seat.number, seat.follows))
            reply = await hear(self.server, call, step.num_likeliest)
            seat.note_answered(reply.cached_tokens)
            step = step.decide(reply.heard)
        if self._cached is not None and step.prompt != first:
            seat.computes(TokenSequence(await self.server.prompt_tokens(step.prompt)))
        return step

    async def _telling(self, asked: "_Asked", writing: Writing) -> Telling[CallFact]:
        request = asked.work.request
        num_begun_tokens = await self._planning.num_begun_tokens(writing)
        return Telling(
            self.server,
            request,
            await self._planning.chat(request, writing, num_begun_tokens),
            self._entry.sampling,
            request.top_logprobs or 0,
            WordsReader if asked.offer is None else lambda index: CallReader(index, self._call_id, writing.called),
            partial(self._seat, asked, writing.prompt),
            num_begun_tokens,
        )

    async def _measured(self, asked: "_Asked", writing: Writing) -> PromptCounted | None:
        """Return the tokens of each message; None where they cannot be told, for which no answer may fail."""
        work, layouts = asked.work, await self._prompts()
        offer = asked.offer if writing.called is not None else asked.words_offer
        schema = work.response_schema
        with suppress(EngineError):
            lengths = await token_bytes(self.server, layouts.renderer.render(work.request, offer, schema))
            layout = await asyncio.to_thread(layouts.layout, _resident(work), work.request, offer, schema)
            return layout.counted(lengths)
        return None

    async def _prompts(self) -> Layouts:
        if self._layouts is None:
            vocabulary = await asyncio.to_thread(read_vocabulary, Path(self.server.config.model_path))
            self._layouts = Layouts(Renderer(vocabulary))
        return self._layouts

    def _call_id(self) -> str:
        return self._ids("call_")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A chat and what it has on offer."""

    work: ChatWork
    offer: Offer | None

    @property
    def words_offer(self) -> Offer | None:
        """What an answer in words is told of: after results, nothing but these."""
        return None if self.offer is not None and self.offer.answered else self.offer

    def first_step(self, renderer: Renderer) -> Step:
        """Return what is to be done first. Raises as `Renderer.render` does."""
        request, schema = self.work.request, self.work.response_schema
        prompt = renderer.render(request, self.offer, schema)
        words_prompt = prompt if self.words_offer is self.offer else renderer.render(request, None, schema)
        return first_step(prompt, self.offer, _answer_grammar(self.work), words_prompt)


def _resident(work: ChatWork) -> str | None:
    """Return under which name a conversation has a slot; nobody else has the same."""
    return None if work.conversation is None else f"{work.organization} {work.conversation}"


def _answer_grammar(work: ChatWork) -> str:
    if work.response_schema is not None:
        return work.response_schema.grammar()
    wanted = work.request.response_format
    return _any_object() if wanted is not None and wanted.type == "json_object" else ""


@lru_cache(maxsize=1)
def _any_object() -> str:
    return json_object_grammar()
