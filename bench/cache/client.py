"""One streamed chat, timed from the outside by what the client reads."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.cache.prompts import Messages

_TIMEOUT_S = 300


class AskFailed(Exception):
    """A server did not answer, or not with a stream that ends."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a request got: when its first text came, and of how many tokens of the prompt so many were cached."""

    first_ms: float
    prompt_tokens: int
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask: the server's address without `/v1`, the model's name there, and a key where one is required."""

    address: str
    model: str
    key: str = "none"

    def ask(self, messages: Messages, max_tokens: int = 4) -> Seen:
        """Send the request and read the stream to its end. Raises `AskFailed`."""
        body = {
            "model": self.model,
            "messages": messages,
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=_TIMEOUT_S)
        sent = json.dumps(body)
        start = time.perf_counter()
        try:
            connection.request("POST", "/v1/chat/completions", sent, headers)
            return _read(connection.getresponse(), start)
        except (OSError, http.client.HTTPException) as failure:
            raise AskFailed(f"{self.address}: {failure}") from failure
        finally:
            connection.close()


def _read(response: http.client.HTTPResponse, start: float) -> Seen:
    if response.status != 200:
        raise AskFailed(f"{response.status}: {response.read()[:500].decode(errors='replace')}")
    first_s: float | None = None
    usage: dict[str, Any] | None = None
    for line in response:
        if not line.startswith(b"data: {"):
            continue
        chunk = json.loads(line[6:])
        if first_s is None and any(_says(choice) for choice in chunk.get("choices") or ()):
            first_s = time.perf_counter() - start
        usage = chunk.get("usage") or usage
    if first_s is None or usage is None:
        raise AskFailed("the stream ended without a text or without its usage")
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Seen(first_s * 1000, usage["prompt_tokens"], cached)


def _says(choice: dict[str, Any]) -> bool:
    """Whether it has text, or says that there is none to come."""
    return bool(choice["delta"].get("content")) or choice.get("finish_reason") is not None
