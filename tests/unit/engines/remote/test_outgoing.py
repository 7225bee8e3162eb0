"""What is sent to an upstream: what was given, and nothing of ours."""

import json
from typing import Any

import pytest

from antiphon.engines.remote.outgoing import CacheManners, chat_body, completion_body, embedding_body
from antiphon.generation.legacy import with_tools
from antiphon.generation.work import ChatWork, CompletionWork, EmbeddingWork
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

MESSAGES = [{"role": "user", "content": "hi"}]
EVERYTHING = {
    "frequency_penalty": 0.5,
    "logit_bias": {"5": -100},
    "logprobs": True,
    "max_completion_tokens": 5,
    "n": 2,
    "parallel_tool_calls": False,
    "presence_penalty": 0.25,
    "reasoning_effort": "low",
    "seed": 7,
    "stop": ["a", "b"],
    "temperature": 0.0,
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "tools": [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "default": None}}},
    ],
    "top_logprobs": 0,
    "top_p": 0.9,
    "user": "u",
}


def chat(**fields: Any) -> dict[str, Any]:
    """Return the body that is sent for a chat."""
    request = ChatRequest.model_validate({"model": "ours", "messages": MESSAGES, **fields})
    return json.loads(chat_body(ChatWork("id", "org", "theirs", request)))


def test_what_was_given_is_sent_as_it_was_given():
    """Every option arrives under its own name, nulls inside a schema included, and nothing is added."""
    assert chat(**EVERYTHING) == {"model": "theirs", "messages": MESSAGES, **EVERYTHING}


def test_the_model_has_the_upstreams_name():
    """The caller's name for it stays here."""
    assert chat() == {"model": "theirs", "messages": MESSAGES}


def test_a_stream_always_asks_for_its_usage():
    """The upstream must count, whether the caller wants to see it or not."""
    asked = chat(stream=True, stream_options={"include_usage": False, "include_obfuscation": True})
    assert (asked["stream"], asked["stream_options"]) == (True, {"include_usage": True})


@pytest.mark.parametrize("stream", [None, False])
def test_an_answer_that_is_not_streamed_does_not_mention_streams(stream: bool | None):
    """No is what the upstream takes for granted."""
    assert chat(stream=stream) == {"model": "theirs", "messages": MESSAGES}


def test_what_this_server_does_itself_is_not_sent():
    """Answers are kept here and not at the upstream, and the tier is ours."""
    assert chat(store=True, metadata={"a": "b"}, service_tier="flex") == {"model": "theirs", "messages": MESSAGES}


def test_a_null_option_is_one_that_was_not_given():
    """Strict upstreams refuse nulls."""
    assert chat(temperature=None, tools=None, stop=None) == {"model": "theirs", "messages": MESSAGES}


def test_a_schema_has_its_own_name():
    """The field is `schema`, whatever it is called here."""
    response_format = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    assert chat(response_format=response_format)["response_format"] == response_format


def test_messages_keep_their_parts_and_nulls():
    """An image keeps its detail, a message that calls its null content."""
    messages = [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "what?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "42"},
    ]
    assert chat(messages=messages)["messages"] == messages


def test_the_older_functions_are_sent_as_tools_alone():
    """A request that was rewritten leaves no trace of its older form."""
    request = ChatRequest.model_validate(
        {"model": "ours", "messages": MESSAGES, "functions": [{"name": "f"}], "function_call": {"name": "f"}}
    )
    body = json.loads(chat_body(ChatWork("id", "org", "theirs", with_tools(request))))
    assert body == {
        "model": "theirs",
        "messages": MESSAGES,
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "parallel_tool_calls": False,
    }


@pytest.mark.parametrize("prompt", ["once", (1, 2)])
def test_a_continuation_is_of_one_prompt_and_echoes_nothing(prompt: str | tuple[int, ...]):
    """The prompt of the work takes the place of the request's, and this server echoes it itself."""
    request = CompletionRequest.model_validate(
        {"model": "ours", "prompt": ["once", "twice"], "echo": True, "best_of": 2, "n": 2, "max_tokens": 3}
    )
    body = json.loads(completion_body(CompletionWork("id", "org", "theirs", prompt, request)))
    sent = prompt if isinstance(prompt, str) else list(prompt)
    assert body == {"model": "theirs", "prompt": sent, "n": 2, "max_tokens": 3}


def test_texts_and_tokens_to_embed_are_sent_as_they_are():
    """The vectors are asked for in the form that is read fastest."""
    body = json.loads(embedding_body(EmbeddingWork("id", "org", "theirs", ("a", (1, 2)), 64)))
    assert body == {"model": "theirs", "input": ["a", [1, 2]], "encoding_format": "base64", "dimensions": 64}


CACHED = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "t", "prompt_cache_breakpoint": {"mode": "explicit"}}]},
    ],
    "prompt_cache_key": "tenant",
    "prompt_cache_options": {"mode": "explicit"},
    "prompt_cache_retention": "24h",
}


def cached(manners: CacheManners, organization: str = "acme") -> dict[str, Any]:
    """Return the body that is sent for a chat that says how to cache it."""
    request = ChatRequest.model_validate({"model": "ours", **CACHED})
    return json.loads(chat_body(ChatWork("id", organization, "theirs", request), manners))


def test_an_upstream_that_knows_no_caching_is_told_nothing_of_it():
    """Neither the fields nor the marks on parts of messages; all else is there."""
    plain = [CACHED["messages"][0], {"role": "user", "content": [{"type": "text", "text": "t"}]}]
    assert cached(CacheManners()) == {"model": "theirs", "messages": plain}


def test_an_upstream_that_knows_caching_is_told_what_was_given():
    """Under the names that it was given."""
    assert cached(CacheManners(takes_fields=True)) == {"model": "theirs", **CACHED}


def test_organizations_have_salts_of_their_own():
    """The same for each request of one, and nothing in it of the organisation's name."""
    manners = CacheManners(salt_key=b"secret")
    ours, again, theirs = (cached(manners, name)["cache_salt"] for name in ("acme", "acme", "other"))

    assert ours == again != theirs
    assert ours != cached(CacheManners(salt_key=b"another"))["cache_salt"]
    assert "acme" not in ours


def test_a_continuation_is_salted_too():
    """With the same salt as the organisation's chats."""
    manners = CacheManners(salt_key=b"secret")
    work = CompletionWork("id", "acme", "theirs", "Once", CompletionRequest(model="ours", prompt="Once"))

    assert json.loads(completion_body(work, manners))["cache_salt"] == manners.salt_of("acme")
