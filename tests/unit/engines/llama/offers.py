"""Requests and offers that several tests make."""

from typing import Any

from antiphon.engines.llama.tools import Offer, offer_of
from antiphon.wire.chat.request import ChatRequest

WEATHER = {
    "name": "weather",
    "description": "Look at the sky.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TIME = {"name": "time"}


def request_of(*messages: dict[str, Any], functions: tuple[dict[str, Any], ...] = (), **fields: Any) -> ChatRequest:
    """A request with these messages, or one that says hello."""
    tools = {"tools": [{"type": "function", "function": function} for function in functions]} if functions else {}
    body = {"model": "m", "messages": list(messages) or [{"role": "user", "content": "Hello"}], **tools, **fields}
    return ChatRequest.model_validate(body)


def offered(*functions: dict[str, Any], **fields: Any) -> Offer:
    """The offer of a request that makes one."""
    offer = offer_of(request_of(functions=functions or (WEATHER, TIME), **fields))
    assert offer is not None
    return offer
