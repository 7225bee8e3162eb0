"""The prompt cache as one model's engine uses it: seats for chats and continuations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from antiphon.engines.llama.asking import Asking
from antiphon.engines.llama.cache.asked import AskedPrompt
from antiphon.engines.llama.cache.keeper import PromptKeeper
from antiphon.engines.llama.measuring import Layouts
from antiphon.engines.llama.seat import Seat
from antiphon.engines.llama.tools import Offer
from antiphon.generation.work import ChatWork, CompletionWork


@dataclass(frozen=True, slots=True)
class CachedModel:
    """Seats by the cache; `asking` knows the model, `keeper` the process."""

    asking: Asking
    keeper: PromptKeeper

    async def chat(self, work: ChatWork, layouts: Layouts, offer: Offer | None, tokens: Sequence[int]) -> Seat:
        """Return a seat for a chat's prompt. Raises an `EngineError`."""
        return await self._seat(await self._asking(layouts).chat(work, layouts, offer, tokens))

    async def completion(self, work: CompletionWork, layouts: Layouts, tokens: Sequence[int]) -> Seat:
        """Return a seat for the prompt of a continuation. Raises an `EngineError`."""
        return await self._seat(self._asking(layouts).completion(work, tokens))

    def _asking(self, layouts: Layouts) -> Asking:
        digest = layouts.renderer.template_digest
        return replace(self.asking, key=replace(self.asking.key, template_digest=digest))

    async def _seat(self, asked: AskedPrompt) -> Seat:
        seat = await self.keeper.take(asked)
        seat.computes(asked.prompt.sequence)
        return seat
