"""The `usage` object of an answer."""

import msgspec
from msgspec import UNSET, UnsetType


class PromptTokensDetails(msgspec.Struct, frozen=True):
    """What the prompt's tokens were."""

    cached_tokens: int = 0
    audio_tokens: int = 0
    cache_write_tokens: int = 0


class CompletionTokensDetails(msgspec.Struct, frozen=True):
    """What the answer's tokens were."""

    reasoning_tokens: int = 0
    audio_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0


class CompletionUsage(msgspec.Struct, frozen=True):
    """Tokens in, tokens out, and their details, which are always there.

    The last two are DeepSeek's, there where the operator's price policy is, and add up to the prompt.
    """

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails = PromptTokensDetails()
    completion_tokens_details: CompletionTokensDetails = CompletionTokensDetails()
    prompt_cache_hit_tokens: int | UnsetType = UNSET
    prompt_cache_miss_tokens: int | UnsetType = UNSET


class EmbeddingUsage(msgspec.Struct, frozen=True):
    """Tokens in; an embedding has none out."""

    prompt_tokens: int
    total_tokens: int
