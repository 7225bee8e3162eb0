"""What a cache without bounds would serve. Pure."""

from collections.abc import Hashable, Iterable, Sequence

# OpenAI's contract: nothing counts under this many tokens, and above it whole steps.
LEAST_TOKENS = 1024
STEP_TOKENS = 128


def unbounded(requests: Iterable[tuple[Hashable, Sequence[int]]]) -> list[int]:
    """Return of each request, an owner and the tokens of a prompt, how many tokens its owner's earlier prompts hold.

    That is the longest prefix in common with any earlier prompt of the same owner; the last token is always computed,
    since the answer's first one comes of it.
    """
    earlier: dict[Hashable, list[Sequence[int]]] = {}
    held: list[int] = []
    for owner, tokens in requests:
        known = earlier.setdefault(owner, [])
        longest = max((num_in_common(tokens, other) for other in known), default=0)
        held.append(min(longest, max(0, len(tokens) - 1)))
        known.append(tokens)
    return held


def counted(num_tokens: int) -> int:
    """Return how many of so many matched tokens the contract counts."""
    return num_tokens - num_tokens % STEP_TOKENS if num_tokens >= LEAST_TOKENS else 0


def num_in_common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two prompts begin with alike."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))
