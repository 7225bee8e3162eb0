"""The bodies that are sent to an upstream: what the caller gave, under the upstream's own name for the model.

What this server carries out itself is not sent on: keeping the answer (`store`, `metadata`), the service tier, the
prompt that a continuation echoes, and the form of the answer (`stream`, `stream_options`), which is chosen here.
"""

from typing import Any

import msgspec
from pydantic import TypeAdapter

from antiphon.generation.work import ChatWork, CompletionWork, EmbeddingWork
from antiphon.wire.chat.request import ChatRequest, StreamOptions
from antiphon.wire.completions import CompletionRequest

_CHAT = TypeAdapter(ChatRequest)
_COMPLETION = TypeAdapter(CompletionRequest)

_OURS = {"store", "metadata", "service_tier", "echo", "best_of"}
_USAGE_TOLD = StreamOptions(include_usage=True)


def chat_body(work: ChatWork) -> bytes:
    """Encode a chat; it is streamed if the caller's answer is."""
    request = work.request.model_copy(update=_form(work))
    return _CHAT.dump_json(request, by_alias=True, exclude_unset=True, exclude=_left_out(request))


def completion_body(work: CompletionWork) -> bytes:
    """Encode the continuation of one prompt."""
    prompt = work.prompt if isinstance(work.prompt, str) else list(work.prompt)
    request = work.request.model_copy(update={**_form(work), "prompt": prompt})
    return _COMPLETION.dump_json(request, by_alias=True, exclude_unset=True, exclude=_left_out(request))


def embedding_body(work: EmbeddingWork) -> bytes:
    """Encode texts to embed. Vectors come back in base64, as the SDKs ask for too: numbers take longer to read."""
    body: dict[str, Any] = {"model": work.model, "input": work.inputs, "encoding_format": "base64"}
    if work.dimensions is not None:
        body["dimensions"] = work.dimensions
    return msgspec.json.encode(body)


def _form(work: ChatWork | CompletionWork) -> dict[str, Any]:
    if work.request.stream:
        return {"model": work.model, "stream": True, "stream_options": _USAGE_TOLD}
    return {"model": work.model, "stream": None, "stream_options": None}


def _left_out(request: ChatRequest | CompletionRequest) -> set[str]:
    """Return the fields that are not sent: ours, and those that are null, which means that they were not given."""
    return _OURS | {name for name in request.model_fields_set if getattr(request, name) is None}
