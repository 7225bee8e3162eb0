"""What requests wish of the prompt cache."""

import pytest
from pydantic import ValidationError

from antiphon.generation.caching import CacheWishes, cache_wishes, told_cached_tokens
from antiphon.generation.facts import UsageCounted
from antiphon.wire.chat.request import ChatRequest

EXPLICIT = {"mode": "explicit"}


def request(messages: list[dict] | None = None, **fields: object) -> ChatRequest:
    given = messages or [{"role": "user", "content": "Hi"}]
    return ChatRequest.model_validate({"model": "m", "messages": given, **fields})


def marked(num_parts: int, **fields: object) -> ChatRequest:
    parts = [{"type": "text", "text": "t", "prompt_cache_breakpoint": EXPLICIT} for _ in range(num_parts)]
    return request([{"role": "system", "content": "Be brief."}, {"role": "user", "content": parts}], **fields)


def test_a_request_that_says_nothing_wishes_the_defaults():
    """Caching needs no word of the caller's."""
    assert cache_wishes(request()) == CacheWishes()


@pytest.mark.parametrize(
    ("given", "meant"), [("in_memory", "in_memory"), ("in-memory", "in_memory"), ("24h", "disk"), (None, "disk")]
)
def test_only_a_prompt_that_is_to_stay_in_memory_is_kept_off_the_disk(given: str | None, meant: str):
    """Both spellings of the API keep the prompt off the disk."""
    assert cache_wishes(request(prompt_cache_retention=given)).retention == meant


def test_breakpoints_are_told_by_message_and_part():
    """Places are those of the request, not counted along marked parts only."""
    plain = {"type": "text", "text": "t"}
    end = {**plain, "prompt_cache_breakpoint": EXPLICIT}
    messages = [{"role": "system", "content": [end]}, {"role": "user", "content": [plain, end]}]

    assert cache_wishes(request(messages)).breakpoints == ((0, 0), (1, 1))


@pytest.mark.parametrize(("mode", "first_written"), [("implicit", 3), ("explicit", 2)])
def test_the_latest_breakpoints_are_written(mode: str, first_written: int):
    """Four writes are all there are, and the prompt itself takes one of them in implicit mode."""
    wishes = cache_wishes(marked(6, prompt_cache_options={"mode": mode}))

    assert wishes.mode == mode
    assert wishes.written == tuple((1, part) for part in range(first_written, 6))


def test_no_more_than_fifty_places_are_looked_for():
    """The latest fifty count."""
    assert cache_wishes(marked(60)).breakpoints == tuple((1, part) for part in range(10, 60))


def test_the_longest_time_to_live_holds():
    """Times are minimums, so the longest meets them all."""
    part = {"type": "text", "text": "t", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}
    wishes = cache_wishes(request([{"role": "user", "content": [part]}], prompt_cache_options={"ttl": "30m"}))

    assert wishes.ttl_s == 12 * 3600


def test_a_breakpoint_without_a_time_lives_for_half_an_hour():
    """Thirty minutes is the API's default."""
    assert cache_wishes(marked(1)).ttl_s == 30 * 60


def test_a_key_has_at_most_64_characters():
    """A key is kept with every entry, so its length is bounded."""
    assert cache_wishes(request(prompt_cache_key="k" * 64)).key == "k" * 64
    with pytest.raises(ValidationError, match="at most 64"):
        request(prompt_cache_key="k" * 65)


def test_a_breakpoint_on_a_message_is_refused():
    """Only content parts can be marked."""
    with pytest.raises(ValidationError, match="prompt_cache_breakpoint"):
        request([{"role": "user", "content": "Hi", "prompt_cache_breakpoint": EXPLICIT}])


@pytest.mark.parametrize(
    ("wishes", "saved", "told"),
    [
        (CacheWishes(), 1023, 0),
        (CacheWishes(), 2006, 1920),
        (CacheWishes(mode="explicit"), 1023, 1023),
        (CacheWishes(mode="explicit"), 2006, 2005),
        (CacheWishes(discounted=False), 2006, 0),
    ],
)
def test_usage_tells_steps_or_the_exact_number_or_nothing(wishes: CacheWishes, saved: int, told: int):
    """By the mode, and only to who gets the discount."""
    assert told_cached_tokens(UsageCounted(2006, 1, saved), wishes) == told
