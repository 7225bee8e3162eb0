"""What is wrong with a request is the request's fault: OpenAI's status, type and code, through real HTTP."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

MODEL = "antiphon-scripted"
USER = {"role": "user", "content": "Hello"}
CHAT = "/v1/chat/completions"
MIB = 1024 * 1024


@dataclass(frozen=True)
class Case:
    """A request, and what its answer has to be: `type` is OpenAI's for a request's fault unless said otherwise."""

    name: str
    body: object
    status: int = 400
    code: str | None = None
    param: str | None = None
    says: str = ""
    path: str = CHAT
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict[str, str])


def chat(**fields: object) -> dict[str, object]:
    return {"model": MODEL, "messages": [USER], **fields}


def image(url: str) -> dict[str, object]:
    part = {"type": "image_url", "image_url": {"url": url}}
    return chat(messages=[{"role": "user", "content": [{"type": "text", "text": "What is it?"}, part]}])


def image_case(name: str, url: str, code: str = "invalid_image_url", says: str = "") -> Case:
    return Case(name, image(url), code=code, says=says)


NOT_JSON = "We could not parse the JSON body"

BODIES = [
    Case("no body", b"", says=NOT_JSON),
    Case("half a body", b'{"model": "gpt-4o", "messages": [', says=NOT_JSON),
    Case("a form", b"model=gpt-4o&messages=hello", says=NOT_JSON),
    Case("not UTF-8", b'{"model": "\xff\xfe"}', says=NOT_JSON),
    Case("a lone surrogate", b'{"model": "\\ud800"}', says=NOT_JSON),
    Case("not a number", b'{"model": "m", "messages": [], "temperature": NaN}', says=NOT_JSON),
    Case("a depth bomb", b'{"model": ' + b"[" * 200_000, says=NOT_JSON),
    Case("a list", [], code="invalid_type"),
    Case("a compressed body", b"\x1f\x8b\x08", code="unsupported_content_encoding",
         headers={"content-encoding": "gzip"}),
    Case("a huge body", b" " * (64 * MIB + 1), status=413, code="request_too_large"),
    Case("a million faults", b'{"model": "m", "messages": [' + b"1," * 1_000_000 + b"1]}", code="invalid_type",
         param="messages[0]"),
]  # fmt: skip

CHATS = [
    Case("no model", {"messages": [USER]}, code="missing_required_parameter", param="model"),
    Case("no messages", {"model": MODEL}, code="missing_required_parameter", param="messages"),
    Case("empty messages", chat(messages=[]), code="empty_array", param="messages"),
    Case("an unknown model", chat(model="no-such-model"), status=404, code="model_not_found", says="no-such-model"),
    Case("a model with odd characters", chat(model="../../etc/passwd\u0000"), status=404, code="model_not_found"),
    Case("an empty model", chat(model=""), status=404, code="model_not_found"),
    Case("a model that embeds", chat(model="text-embedding-3-small"), says="text-embedding-3-small"),
    Case("a temperature in words", chat(temperature="hot"), code="invalid_type", param="temperature"),
    Case("a temperature too high", chat(temperature=2.1), code="decimal_above_max_value", param="temperature"),
    Case("no answer", chat(n=0), code="integer_below_min_value", param="n"),
    Case("half an answer", chat(n=1.5), code="invalid_type", param="n"),
    Case("a number without end", chat(seed=10**400), code="integer_above_max_value", param="seed"),
    Case("a stream in words", chat(stream="yes"), code="invalid_type", param="stream"),
    Case("an unknown role", chat(messages=[{"role": "narrator", "content": ""}]), code="invalid_value",
         param="messages[0].role"),
    Case("content of no kind", chat(messages=[{"role": "user", "content": 5}]), code="invalid_type",
         param="messages[0].content"),
    Case("an unknown part", chat(messages=[{"role": "user", "content": [{"type": "smell"}]}]), code="invalid_value",
         param="messages[0].content[0].type"),
    Case("an unknown field", chat(mood="sad"), says="Unrecognized request argument supplied: mood"),
    Case("an unknown field inside", chat(messages=[{**USER, "mood": "sad"}]), code="unknown_parameter",
         param="messages[0].mood"),
    Case("too much to stop at", chat(stop=list("abcde")), code="array_above_max_length", param="stop"),
    Case("too much metadata", chat(metadata={str(number): "" for number in range(17)}),
         code="object_above_max_properties", param="metadata"),
    Case("a bias on words", chat(logit_bias={"hello": 1}), code="invalid_value", param="logit_bias"),
    Case("a tool without a name", chat(tools=[{"type": "function", "function": {}}]),
         code="missing_required_parameter", param="tools[0].function.name"),
    Case("a format of no kind", chat(response_format={"type": "xml"}), code="invalid_value",
         param="response_format.type"),
]  # fmt: skip

IMAGES = [
    image_case("no URL", "hello"),
    image_case("a data URL without data", "data:image/png;base64"),
    image_case("data that are not base64", "data:image/png;base64,%%%"),
    image_case("data that are no image", "data:image/png;base64,aGVsbG8=", code="invalid_image"),
    image_case("text in a data URL", "data:text/plain;base64,aGVsbG8="),
    image_case("plain http", "http://example.com/a.png", says="only https"),
    image_case("a file", "file:///etc/passwd"),
    image_case("this machine", "https://127.0.0.1/a.png", says="not public"),
    image_case("this machine by name", "https://localhost/a.png", says="not public"),
    image_case("this machine in disguise", "https://[::ffff:127.0.0.1]/a.png", says="not public"),
    image_case("a cloud's inner address", "https://169.254.169.254/latest/meta-data/", says="not public"),
    image_case("an inner network", "https://10.0.0.1/a.png", says="not public"),
    image_case("a host that is not there", "https://nothing.invalid/a.png"),
]

EDGES = [
    Case("a foreign host", chat(), status=403, code="host_not_allowed", headers={"host": "evil.example"}),
    Case("a foreign page", chat(), status=403, code="origin_not_allowed", headers={"origin": "https://evil.example"}),
    Case("a page from nowhere", chat(), status=403, code="origin_not_allowed", headers={"origin": "null"}),
    Case("a path that is not there", {}, status=404, path="/v1/chat/completion", says="Invalid URL (POST"),
    Case("a method that is not there", b"", status=405, code="method_not_supported", method="DELETE"),
    Case("a key without measure", chat(), code="invalid_idempotency_key", headers={"idempotency-key": "k" * 300}),
]

OTHERS = [
    Case("no input", {"model": MODEL}, code="missing_required_parameter", param="input", path="/v1/embeddings"),
    Case("an empty input", {"model": MODEL, "input": ""}, code="empty_string", param="input", path="/v1/embeddings"),
    Case("an input of no kind", {"model": MODEL, "input": {}}, code="invalid_type", param="input",
         path="/v1/embeddings"),
    Case("a mixed input", {"model": MODEL, "input": [1, "a"]}, code="invalid_type", param="input[1]",
         path="/v1/embeddings"),
    Case("an unknown model to embed", {"model": "no-such-model", "input": "a"}, status=404, code="model_not_found",
         path="/v1/embeddings"),
    Case("a prompt of no kind", {"model": MODEL, "prompt": 5}, code="invalid_type", param="prompt",
         path="/v1/completions"),
    Case("an unknown model to describe", b"", status=404, code="model_not_found", path="/v1/models/no-such-model",
         method="GET"),
    Case("what is not supported yet", {"model": MODEL, "input": "a"}, status=404, code="unsupported_endpoint",
         path="/v1/responses"),
]  # fmt: skip


@pytest.mark.parametrize("case", [*BODIES, *CHATS, *IMAGES, *EDGES, *OTHERS], ids=lambda case: case.name)
def test_bad_input_is_told_as_openai_tells_it(served: str, case: Case):
    """Status, type, code and param are OpenAI's, and the message says what is wrong."""
    body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    headers = {"content-type": "application/json", **case.headers}
    answer = httpx.request(case.method, served + case.path, content=body, headers=headers, timeout=30)
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert answer.status_code == case.status, error
    assert error["type"] == "invalid_request_error"
    assert error["code"] == case.code or case.code is None, error
    assert error["param"] == case.param or case.param is None, error
    assert case.says in error["message"]
    assert answer.headers["x-request-id"].startswith("req_")


def test_a_prompt_that_is_too_long_is_told_both_numbers(served: str):
    """What fits, and what came."""
    body: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "word " * 100_000}]}
    answer = httpx.post(served + CHAT, json=body, timeout=60)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "context_length_exceeded", "messages")
    assert len([word for word in error["message"].split() if word.isdigit()]) == 2
