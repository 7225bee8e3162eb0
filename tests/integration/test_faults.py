"""What callers see when an engine dies, and what the server does when callers leave."""

import os
import signal
import time

import httpx
import openai
import pytest
from openai import OpenAI

MODEL = "gpt-4o"
STORY = [{"role": "user", "content": "Write a very long story about the sea."}]
# An answer that cannot end early, whatever the model would like: four hundred numbers are over a thousand tokens.
NUMBERS = {
    "type": "json_schema",
    "json_schema": {
        "name": "numbers",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"numbers": {"type": "array", "items": {"type": "integer"}, "minItems": 400}},
            "required": ["numbers"],
            "additionalProperties": False,
        },
    },
}


@pytest.fixture
def client(served: str):
    """The SDK, which must not try again by itself."""
    with OpenAI(base_url=f"{served}/v1", api_key="sk-any", max_retries=0) as client:
        yield client


def engine(served: str) -> dict:
    """Return what the server says of the engine that answers interactive chats."""
    engines = httpx.get(f"{served}/antiphon/v1/engines", timeout=10).json()["data"]
    return next(engine for engine in engines if engine["urgency"] == "interactive" and MODEL in engine["aliases"])


def wait_until_idle(served: str, within_s: float) -> float:
    """Return how many seconds pass until no slot of the engine works."""
    start = time.monotonic()
    while engine(served)["num_slots_busy"] and time.monotonic() < start + within_s + 5:
        time.sleep(0.02)  # the engine's state can only be asked for
    return time.monotonic() - start


def test_an_engine_killed_in_mid_stream_ends_the_stream_in_words_and_is_back_within_five_seconds(
    served: str, client: OpenAI
):
    stream = client.chat.completions.create(
        model=MODEL, messages=STORY, response_format=NUMBERS, max_tokens=1000, stream=True
    )
    chunks = iter(stream)
    for _ in range(4):
        next(chunks)

    os.kill(engine(served)["pid"], signal.SIGKILL)
    with pytest.raises(openai.APIError, match="try again"):
        list(chunks)
    killed_at = time.monotonic()
    answer = client.chat.completions.create(model=MODEL, messages=STORY, max_tokens=3)

    assert answer.choices[0].message.content
    assert time.monotonic() - killed_at < 5
    assert engine(served)["num_restarts"] >= 1


def test_a_caller_that_leaves_a_stream_stops_its_generation_within_a_second(served: str, client: OpenAI):
    stream = client.chat.completions.create(
        model=MODEL, messages=STORY, response_format=NUMBERS, max_tokens=2000, stream=True
    )
    next(iter(stream))
    assert engine(served)["num_slots_busy"] == 1

    stream.close()

    assert wait_until_idle(served, 1) < 1


def test_a_caller_that_leaves_before_the_answer_stops_its_generation_within_a_second(served: str):
    body = {"model": MODEL, "messages": STORY, "response_format": NUMBERS, "max_tokens": 2000}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{served}/v1/chat/completions", json=body, timeout=1.5)

    assert wait_until_idle(served, 1) < 1


def test_the_same_seed_gives_the_same_text(client: OpenAI):
    """Twenty times over, on an engine that has nothing else to do."""
    texts = {
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Name an animal and say why you like it."}],
            seed=42,
            temperature=1,
            max_tokens=20,
        )
        .choices[0]
        .message.content
        for _ in range(20)
    }

    assert len(texts) == 1


def test_another_seed_gives_another_text(client: OpenAI):
    texts = {
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Name an animal and say why you like it."}],
            seed=seed,
            temperature=1,
            max_tokens=20,
        )
        .choices[0]
        .message.content
        for seed in range(5)
    }

    assert len(texts) > 1
