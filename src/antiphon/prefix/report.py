"""What is told of a hit, in OpenAI's words and in DeepSeek's.

Both count from what the engine did not compute, by its own count, and neither ever tells more than that.
"""

from typing import NamedTuple

# OpenAI's contract of October 2024: hits from here on, in steps.
LEAST_CACHED_TOKENS = 1024
STEP_TOKENS = 128
# DeepSeek's: https://api-docs.deepseek.com/news/news0802.
UNIT_TOKENS = 64


class HitAndMiss(NamedTuple):
    """A prompt's tokens in DeepSeek's words; the sum is the prompt."""

    hit_tokens: int
    miss_tokens: int


def cached_tokens(saved_tokens: int, prompt_tokens: int) -> int:
    """Return `usage.prompt_tokens_details.cached_tokens`.

    `saved_tokens` is how many of the prompt's tokens the engine did not compute. Below 1,024 it is 0, and from there
    on a multiple of 128; at least one token of a prompt is always computed. A prompt of 2,006 tokens that was held
    whole tells of 1,920, as in OpenAI's own example.
    """
    tokens = min(saved_tokens, prompt_tokens - 1)
    return 0 if tokens < LEAST_CACHED_TOKENS else tokens // STEP_TOKENS * STEP_TOKENS


def hit_and_miss(saved_tokens: int, prompt_tokens: int) -> HitAndMiss:
    """Return `usage.prompt_cache_hit_tokens` and `prompt_cache_miss_tokens`, for users of DeepSeek's API.

    The first is in units of 64, which is also the least; at least one token of a prompt is always computed.
    """
    tokens = max(0, min(saved_tokens, prompt_tokens - 1)) // UNIT_TOKENS * UNIT_TOKENS
    return HitAndMiss(tokens, prompt_tokens - tokens)
