"""An engine's counts in the form of the wire, of one prompt or of several, and in the words of one API or of two."""

from collections.abc import Sequence

import msgspec

from antiphon.generation.caching import UNSAID, CacheWishes, told_cached_tokens
from antiphon.generation.facts import UsageCounted
from antiphon.prefix.report import hit_and_miss
from antiphon.wire.usage import CompletionTokensDetails, CompletionUsage, PromptTokensDetails


def usage_of(counted: UsageCounted, caching: CacheWishes = UNSAID, *, tells_misses: bool = False) -> CompletionUsage:
    """Put an engine's count in the form of the wire.

    `caching` says how its cached tokens are told; with `tells_misses` they are told in DeepSeek's words too.
    """
    return usage_of_prompts([counted], caching, tells_misses=tells_misses)


def usage_of_prompts(
    counts: Sequence[UsageCounted], caching: CacheWishes = UNSAID, *, tells_misses: bool = False
) -> CompletionUsage:
    """Add up what an engine counted for the prompts of one request, as `usage_of` tells it.

    OpenAI's steps hold for each prompt, since two short hits do not make a long one; DeepSeek's units for their sum.
    """
    total = summed(counts)
    usage = CompletionUsage(
        prompt_tokens=total.prompt_tokens,
        completion_tokens=total.completion_tokens,
        total_tokens=total.prompt_tokens + total.completion_tokens,
        prompt_tokens_details=PromptTokensDetails(
            cached_tokens=sum(told_cached_tokens(counted, caching) for counted in counts),
            audio_tokens=total.prompt_audio_tokens,
            cache_write_tokens=total.cache_write_tokens,
        ),
        completion_tokens_details=CompletionTokensDetails(
            reasoning_tokens=total.reasoning_tokens,
            audio_tokens=total.completion_audio_tokens,
            accepted_prediction_tokens=total.accepted_prediction_tokens,
            rejected_prediction_tokens=total.rejected_prediction_tokens,
        ),
    )
    return _with_misses(usage, total.cached_tokens if caching.discounted else 0) if tells_misses else usage


def summed(counts: Sequence[UsageCounted]) -> UsageCounted:
    """Add up what an engine counted for several prompts, figure by figure."""
    every = [msgspec.structs.astuple(counted) for counted in counts]
    return UsageCounted(*map(sum, zip(*every, strict=True)))


def _with_misses(usage: CompletionUsage, saved_tokens: int) -> CompletionUsage:
    told = hit_and_miss(saved_tokens, usage.prompt_tokens)
    return msgspec.structs.replace(
        usage, prompt_cache_hit_tokens=told.hit_tokens, prompt_cache_miss_tokens=told.miss_tokens
    )
