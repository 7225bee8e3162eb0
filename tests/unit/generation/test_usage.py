"""Counts of engines become usage: OpenAI's words, and DeepSeek's where the operator wants them."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CompletionUsage as SdkUsage

from antiphon.generation.caching import CacheWishes
from antiphon.generation.facts import UsageCounted
from antiphon.generation.usage import summed, usage_of, usage_of_prompts
from antiphon.wire.usage import CompletionUsage

UNDISCOUNTED = CacheWishes(discounted=False)


@st.composite
def counts(draw: st.DrawFn) -> UsageCounted:
    prompt_tokens = draw(st.integers(1, 5000))
    return UsageCounted(prompt_tokens, draw(st.integers(0, 100)), draw(st.integers(0, prompt_tokens)))


def misses(usage: CompletionUsage) -> tuple[object, object]:
    return usage.prompt_cache_hit_tokens, usage.prompt_cache_miss_tokens


def test_counts_of_several_prompts_add_up():
    """Each figure with its own kind."""
    assert summed([UsageCounted(2, 3, 1), UsageCounted(5, 7, cache_write_tokens=4)]) == UsageCounted(
        7, 10, 1, cache_write_tokens=4
    )


def test_prompts_of_one_request_are_held_to_openais_steps_each():
    """Two hits that are too short do not make a long one."""
    usage = usage_of_prompts([UsageCounted(800, 1, 700), UsageCounted(1500, 1, 1200)])

    assert usage.prompt_tokens_details.cached_tokens == 1152


def test_prompts_of_one_request_are_summed_before_deepseeks_units_are_taken():
    """The units are of the request, as it is billed: 63 and 65 saved tokens are two units."""
    usage = usage_of_prompts([UsageCounted(100, 1, 63), UsageCounted(100, 1, 65)], tells_misses=True)

    assert misses(usage) == (128, 72)


def test_deepseeks_words_are_left_out_unless_they_are_wanted():
    """Nothing is added to what the protocol defines."""
    encoded = json.loads(msgspec.json.encode(usage_of(UsageCounted(2006, 1, 1900))))

    assert set(encoded) == set(SdkUsage.model_fields)


def test_deepseeks_words_stand_beside_openais():
    """Both are read from the same count, each by its own contract."""
    usage = usage_of(UsageCounted(2006, 1, 2000), tells_misses=True)

    assert usage.prompt_tokens_details.cached_tokens == 1920
    assert misses(usage) == (1984, 22)


def test_work_without_the_discount_tells_only_misses():
    """Neither word tells of what was saved."""
    usage = usage_of(UsageCounted(2006, 1, 2000), UNDISCOUNTED, tells_misses=True)

    assert usage.prompt_tokens_details.cached_tokens == 0
    assert misses(usage) == (0, 2006)


def test_what_was_written_is_told_unadjusted():
    """OpenAI takes no steps of it."""
    assert usage_of(UsageCounted(2006, 1, cache_write_tokens=1999)).prompt_tokens_details.cache_write_tokens == 1999


@pytest.mark.parametrize("wishes", [CacheWishes(), CacheWishes(mode="explicit"), UNDISCOUNTED])
@given(told=st.lists(counts(), min_size=1, max_size=4))
def test_no_figure_ever_tells_more_than_was_saved(wishes: CacheWishes, told: list[UsageCounted]):
    """Hits and misses add up to the prompts, and neither word tells of a token too many."""
    usage = usage_of_prompts(told, wishes, tells_misses=True)
    saved_tokens = sum(count.cached_tokens for count in told)

    assert usage.prompt_tokens_details.cached_tokens <= saved_tokens
    assert isinstance(usage.prompt_cache_hit_tokens, int)
    assert isinstance(usage.prompt_cache_miss_tokens, int)
    assert usage.prompt_cache_hit_tokens <= saved_tokens
    assert usage.prompt_cache_hit_tokens + usage.prompt_cache_miss_tokens == usage.prompt_tokens
