"""Upstreams' errors, as real servers word them, and what the caller reads."""

import json
from typing import Any

import pytest

from antiphon.engines.http import UpstreamRefusal
from antiphon.engines.remote.refusals import MAX_MESSAGE_CHARACTERS, Asked, Failure, failure_of
from antiphon.errors import (
    BodyTooLarge,
    ContextLengthExceeded,
    EngineTimedOut,
    InvalidRequest,
    RateLimited,
    UpstreamFailed,
)

KEY = "sk-proj-0123456789abcdef"


def failure(status: int, body: Any, headers: dict[str, str] | None = None) -> Failure:
    """Judge an answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return failure_of(UpstreamRefusal(status, data, headers or {}), Asked("vllm", "qwen", KEY), now=0)


def openai_error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **fields}}


def test_a_bad_request_comes_back_with_the_upstreams_words_field_and_code():
    """OpenAI's form of an error passes through whole."""
    told = failure(400, openai_error("Invalid 'temperature'.", param="temperature", code="decimal_above_max_value"))
    assert isinstance(told.error, InvalidRequest)
    assert (told.error.message, told.error.param, told.error.code) == (
        "Invalid 'temperature'.",
        "temperature",
        "decimal_above_max_value",
    )
    assert not told.is_transient
    assert not told.is_upstreams


@pytest.mark.parametrize(
    "body",
    [
        openai_error("too hot", type="BadRequestError", code=400),  # vLLM
        {"object": "error", "message": "too hot", "type": "BadRequestError", "param": None, "code": 400},  # SGLang
        {"error": "too hot"},  # Ollama
        {"detail": "too hot"},  # FastAPI
    ],
)
def test_the_message_is_found_in_each_form_of_an_error(body: dict[str, Any]):
    """Servers put it in different places; a code that is a number is the status again, and no code."""
    told = failure(400, body)
    assert isinstance(told.error, InvalidRequest)
    assert (told.error.message, told.error.code) == ("too hot", None)


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[]", b'"no"', b"\xff", {"error": None}])
@pytest.mark.parametrize("status", [400, 422, 429, 502])
def test_an_error_without_a_readable_message_still_says_who_and_what(status: int, body: Any):
    """Whatever the body is, there is an error with a sentence."""
    told = failure(status, body)
    assert "'vllm'" in told.error.message
    assert "<html>" not in told.error.message


def test_a_validation_error_of_422_is_a_bad_request():
    """FastAPI's status for what OpenAI calls 400."""
    assert failure(422, {"detail": [{"loc": ["body", "n"], "msg": "too many"}]}).error.status == 400


def test_llama_servers_overflow_has_both_numbers():
    """It counts beside its sentence."""
    told = failure(
        400,
        {
            "error": {
                "code": 400,
                "message": "request (700 tokens) exceeds the available context size (512 tokens), try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 700,
                "n_ctx": 512,
            }
        },
    )
    assert isinstance(told.error, ContextLengthExceeded)
    assert "512" in told.error.message
    assert "700" in told.error.message


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 2048 tokens. However, you requested 2100 tokens.",
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    ],
)
def test_an_overflow_has_openais_code_whoever_tells_of_it(message: str):
    """vLLM and SGLang say it in the message alone."""
    told = failure(400, openai_error(message, type="BadRequestError", code=400))
    assert (told.error.message, told.error.code) == (message, "context_length_exceeded")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_the_operators_and_is_never_shown(status: int):
    """The caller reads that the operator's key was refused, and nothing of the key."""
    told = failure(status, openai_error(f"Incorrect API key provided: {KEY[:7]}***cdef.", code="invalid_api_key"))
    assert isinstance(told.error, UpstreamFailed)
    assert "operator" in told.error.message
    assert KEY[:7] not in told.error.message
    assert not told.is_transient


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_key_that_a_message_repeats_is_blotted_out(status: int):
    """No upstream's sentence can carry it to a caller."""
    told = failure(status, openai_error(f"You sent {KEY}!"))
    assert KEY not in told.error.message
    assert "You sent ***!" in told.error.message


def test_a_missing_model_names_the_engine_and_the_model():
    """It is the operator's table that is wrong, not the caller's request."""
    told = failure(404, openai_error("The model `qwen` does not exist.", code="model_not_found"))
    assert isinstance(told.error, UpstreamFailed)
    assert "'vllm'" in told.error.message
    assert "`qwen`" in told.error.message


def test_too_many_requests_say_when_to_come_back():
    """The upstream's wait is passed on, and another try may succeed."""
    told = failure(429, openai_error("Slow down."), {"retry-after": "7"})
    assert isinstance(told.error, RateLimited)
    assert (told.error.retry_after_s, told.retry_after_s, told.is_transient) == (7.0, 7.0, True)


def test_too_many_requests_without_a_time_may_come_back_in_a_second():
    """The caller always gets a number."""
    told = failure(429, openai_error("Slow down."))
    assert isinstance(told.error, RateLimited)
    assert (told.error.retry_after_s, told.retry_after_s) == (1.0, None)


@pytest.mark.parametrize("fields", [{"code": "insufficient_quota"}, {"type": "insufficient_quota"}])
def test_a_quota_that_is_used_up_is_the_operators(fields: dict[str, str]):
    """Waiting would not help, so nothing is tried again and the caller is not told to."""
    told = failure(429, openai_error("You exceeded your current quota.", **fields))
    assert isinstance(told.error, UpstreamFailed)
    assert not told.is_transient


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529])
def test_a_failure_of_the_upstream_may_pass_and_counts_against_it(status: int):
    """Servers fail for a moment; the breaker counts it."""
    told = failure(status, openai_error("CUDA out of memory."))
    assert isinstance(told.error, UpstreamFailed)
    assert f"status {status}: CUDA out of memory." in told.error.message
    assert told.is_transient
    assert told.is_upstreams


@pytest.mark.parametrize(("status", "kind"), [(408, EngineTimedOut), (413, BodyTooLarge), (302, UpstreamFailed)])
def test_other_statuses_have_their_errors(status: int, kind: type[Exception]):
    """A wait that ended, a body that is too large, and an address that points elsewhere."""
    assert isinstance(failure(status, openai_error("no")).error, kind)


def test_a_very_long_message_is_cut():
    """An upstream cannot fill our logs, nor the caller's."""
    assert len(failure(400, openai_error("x" * 100_000)).error.message) == MAX_MESSAGE_CHARACTERS


@pytest.mark.parametrize("code", [[], {}, ["insufficient_quota"]])
def test_a_code_that_is_no_text_says_nothing(code: Any):
    """Whatever stands there, the caller reads the upstream's words."""
    told = failure(400, openai_error("too hot", code=code))
    assert isinstance(told.error, InvalidRequest)
    assert (told.error.message, told.error.code) == ("too hot", None)
