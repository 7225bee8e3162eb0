"""What all choices of a request share beside its sampling, and the engine has to know before the first is written."""

from dataclasses import dataclass

from antiphon.catalogue.entry import Entry
from antiphon.engines.llama.choosing import Writing
from antiphon.engines.llama.sampling import Plan, has_penalty
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.tools import AFTER_NAME, BEFORE_NAME
from antiphon.engines.llama.wire import Prompt
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans for one model, `entry`; its server counts tokens. Every method raises an `EngineError`."""

    server: LlamaServer
    entry: Entry

    async def chat(self, request: ChatRequest, writing: Writing, num_begun_tokens: int) -> Plan:
        """Return the plan of a chat, of whose answer so many tokens stand in the prompt already."""
        asked = request.max_completion_tokens or request.max_tokens or self.entry.limits.answer_tokens
        return Plan(
            writing.prompt,
            writing.grammar,
            max_tokens=None if asked is None else max(1, asked - num_begun_tokens),
            num_probabilities=max(1, request.top_logprobs or 0) if request.logprobs else 0,
            prompt_tokens=await self.penalised(request, writing.prompt),
        )

    async def penalised(self, request: ChatRequest | CompletionRequest, prompt: Prompt) -> list[int]:
        """Return the tokens of the prompt where penalties have to be undone for them; see `sampling.logit_bias`."""
        return await self.server.prompt_tokens(prompt) if has_penalty(request) else []

    async def num_begun_tokens(self, writing: Writing) -> int:
        """Return how many tokens of the answer stand in the prompt: a call up to its arguments, or none."""
        if writing.called is None:
            return 0
        begun = BEFORE_NAME + writing.called + AFTER_NAME
        return len(await self.server.tokens(begun, add_special=False, parse_special=True))
