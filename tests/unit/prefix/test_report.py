"""What is told of a hit never exceeds what was saved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.prefix.report import HitAndMiss, cached_tokens, hit_and_miss

TOKENS = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("saved_tokens", "prompt_tokens", "told"),
    [
        (0, 5000, 0),
        (1023, 5000, 0),
        (1024, 5000, 1024),
        (1151, 5000, 1024),
        (1152, 5000, 1152),
        (2005, 2006, 1920),
        (2006, 2006, 1920),
        (1024, 1024, 0),
        (1025, 1025, 1024),
        (0, 0, 0),
    ],
)
def test_openai_is_told_of_1024_tokens_and_steps_of_128(saved_tokens: int, prompt_tokens: int, told: int):
    """As in its contract of October 2024."""
    assert cached_tokens(saved_tokens, prompt_tokens) == told


@pytest.mark.parametrize(
    ("saved_tokens", "prompt_tokens", "told"),
    [
        (63, 100, HitAndMiss(0, 100)),
        (64, 100, HitAndMiss(64, 36)),
        (128, 128, HitAndMiss(64, 64)),
        (0, 0, HitAndMiss(0, 0)),
    ],
)
def test_deepseek_is_told_of_units_of_64(saved_tokens: int, prompt_tokens: int, told: HitAndMiss):
    """What does not fill a unit is a miss."""
    assert hit_and_miss(saved_tokens, prompt_tokens) == told


@given(TOKENS, TOKENS)
def test_openai_is_never_told_of_more_than_was_saved(saved_tokens: int, prompt_tokens: int):
    """Nor of the last token; and it is the formula of the contract, written otherwise."""
    told, matched = cached_tokens(saved_tokens, prompt_tokens), min(saved_tokens, prompt_tokens - 1)
    assert told == (0 if matched < 1024 else 1024 + 128 * ((matched - 1024) // 128))
    assert told <= max(0, matched)


@given(TOKENS, TOKENS)
def test_deepseek_is_told_of_every_token_once(saved_tokens: int, prompt_tokens: int):
    """As a hit or as a miss, and of no more hits than were saved."""
    told = hit_and_miss(saved_tokens, prompt_tokens)
    assert told.hit_tokens + told.miss_tokens == prompt_tokens
    assert 0 <= told.hit_tokens <= saved_tokens
    assert told.miss_tokens >= min(1, prompt_tokens)
