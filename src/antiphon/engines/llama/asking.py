"""From a request to the prompt that the cache is asked for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import cast

from antiphon.engines.llama.cache.asked import AskedPrompt
from antiphon.engines.llama.cache.segments import LazySegments, segments_of
from antiphon.engines.llama.layout import common
from antiphon.engines.llama.measuring import Layouts
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.token_lengths import token_bytes
from antiphon.engines.llama.tools import Offer
from antiphon.generation.work import ChatWork, CompletionWork
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.placement import Prompt
from antiphon.prefix.record import Segments
from antiphon.prefix.sequence import TokenSequence
from antiphon.wire.chat.request import ChatRequest


@dataclass(frozen=True, slots=True)
class Asking:
    """Makes asked prompts of one model's requests; `key` is the model's, with no organisation in it."""

    server: LlamaServer
    model: str
    key: PrefixKey

    async def chat(self, work: ChatWork, layouts: Layouts, offer: Offer | None, tokens: Sequence[int]) -> AskedPrompt:
        """Return the prompt of a chat. Raises an `EngineError`."""
        request, schema = work.request, work.response_schema

        async def find_segments() -> Segments:
            layout = await asyncio.to_thread(layouts.renderer.layout, request, offer, schema)
            return segments_of(request, layout, await token_bytes(self.server, layout.text))

        return AskedPrompt(
            request_id=work.id,
            model=self.model,
            prompt=self._prompt(work.organization, tokens, work.caching.key),
            tokens=tokens,
            caching=work.caching,
            wanted_tokens=await self._wanted_tokens(work, layouts, offer),
            opening=_opening(request),
            segments=LazySegments(find_segments),
            extra_bytes=4 * len(tokens),  # the request's text, which is of about this length
        )

    def completion(self, work: CompletionWork, tokens: Sequence[int]) -> AskedPrompt:
        """Return the prompt of a continuation."""
        return AskedPrompt(work.id, self.model, self._prompt(work.organization, tokens, None), tokens)

    def _prompt(self, organization: str, tokens: Sequence[int], cache_key: str | None) -> Prompt:
        key = replace(self.key, organization=organization)
        return Prompt(key, TokenSequence(list(tokens)), self.server.config.batch_tokens, cache_key)

    async def _wanted_tokens(self, work: ChatWork, layouts: Layouts, offer: Offer | None) -> int | None:
        """Return where the last breakpoint stands of a request that wants nothing else kept."""
        if work.caching.mode != "explicit":
            return None
        if not work.caching.written:
            return 0
        message_index, part_index = work.caching.written[-1]
        request, schema = work.request, work.response_schema
        text = layouts.renderer.text(request, offer, schema)
        begun = layouts.renderer.text(_up_to(request, message_index, part_index), offer, schema)
        end_byte = len(text[: common(text, begun)].encode())
        lengths, num_tokens, num_bytes = await token_bytes(self.server, text), 0, 0
        for length in lengths:
            num_bytes += length
            if num_bytes > end_byte:
                break
            num_tokens += 1
        return num_tokens


def _up_to(request: ChatRequest, message_index: int, part_index: int) -> ChatRequest:
    """Return the request as if it ended with a content part."""
    *before, last = request.messages[: message_index + 1]
    content = getattr(last, "content", None)
    parts = cast("list[object]", content)[: part_index + 1] if isinstance(content, list) else content
    return request.model_copy(update={"messages": [*before, last.model_copy(update={"content": parts})]})


def _opening(request: ChatRequest) -> str:
    """Return a digest of the first message, which is the same for every model."""
    return sha256(request.messages[0].model_dump_json().encode()).hexdigest() if request.messages else ""
