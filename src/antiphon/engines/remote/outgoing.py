"""The bodies that are sent to an upstream: what the caller gave, under the upstream's own name for the model.

What this server carries out itself is not sent on: keeping the answer (`store`, `metadata`), the service tier, the
prompt that a continuation echoes, and the form of the answer (`stream`, `stream_options`), which is chosen here.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import TypeAdapter

from antiphon.generation.work import ChatWork, CompletionWork, EmbeddingWork
from antiphon.wire.chat.request import ChatRequest, StreamOptions
from antiphon.wire.completions import CompletionRequest

_CHAT = TypeAdapter(ChatRequest)
_COMPLETION = TypeAdapter(CompletionRequest)

_OURS = {"store", "metadata", "service_tier", "echo", "best_of"}
_CACHE_FIELDS: dict[str, Any] = {
    "prompt_cache_key": True,
    "prompt_cache_options": True,
    "prompt_cache_retention": True,
    "messages": {"__all__": {"content": {"__all__": {"prompt_cache_breakpoint": True}}}},
}
_USAGE_TOLD = StreamOptions(include_usage=True)


@dataclass(frozen=True, slots=True)
class CacheManners:
    """What an upstream is told of caching: `salt_key` is there if each organisation's prompts are salted for it."""

    salt_key: bytes | None = None
    takes_fields: bool = False

    def salt_of(self, organization: str) -> str | None:
        """Return an organisation's salt, which tells nobody without the key whose it is (HMAC-SHA-256, hexadecimal)."""
        if self.salt_key is None:
            return None
        return hmac.new(self.salt_key, organization.encode(), hashlib.sha256).hexdigest()


TELLING_NOTHING = CacheManners()


def chat_body(work: ChatWork, manners: CacheManners = TELLING_NOTHING) -> bytes:
    """Encode a chat; it is streamed if the caller's answer is."""
    request = work.request.model_copy(update=_form(work))
    left_out: dict[str, Any] = dict.fromkeys(_left_out(request), True)
    if not manners.takes_fields:
        left_out |= _CACHE_FIELDS
    body = _CHAT.dump_json(request, by_alias=True, exclude_unset=True, exclude=left_out)
    return _salted(body, manners.salt_of(work.organization))


def completion_body(work: CompletionWork, manners: CacheManners = TELLING_NOTHING) -> bytes:
    """Encode the continuation of one prompt."""
    prompt = work.prompt if isinstance(work.prompt, str) else list(work.prompt)
    request = work.request.model_copy(update={**_form(work), "prompt": prompt})
    body = _COMPLETION.dump_json(request, by_alias=True, exclude_unset=True, exclude=_left_out(request))
    return _salted(body, manners.salt_of(work.organization))


def embedding_body(work: EmbeddingWork) -> bytes:
    """Encode texts to embed. Vectors come back in base64, as the SDKs ask for too: numbers take longer to read."""
    body: dict[str, Any] = {"model": work.model, "input": work.inputs, "encoding_format": "base64"}
    if work.dimensions is not None:
        body["dimensions"] = work.dimensions
    return msgspec.json.encode(body)


def _salted(body: bytes, salt: str | None) -> bytes:
    """Return an object's JSON with one field more; the object has others, and the salt wants no escapes."""
    return body if salt is None else b'%s,"cache_salt":"%s"}' % (body[:-1], salt.encode())


def _form(work: ChatWork | CompletionWork) -> dict[str, Any]:
    if work.request.stream:
        return {"model": work.model, "stream": True, "stream_options": _USAGE_TOLD}
    return {"model": work.model, "stream": None, "stream_options": None}


def _left_out(request: ChatRequest | CompletionRequest) -> set[str]:
    """Return the fields that are not sent: ours, and those that are null, which means that they were not given."""
    return _OURS | {name for name in request.model_fields_set if getattr(request, name) is None}
