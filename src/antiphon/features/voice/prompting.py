"""A conversation as a chat request, and what an engine counted of the one as counts of the other. Pure.

A chat wants every call of a function answered right after it; in a spoken conversation its result may come later, or
not yet. So a result moves up to its call, and a call without one is told to be under way.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from antiphon.audio.files import wav_head
from antiphon.audio.formats import AudioFormat
from antiphon.generation.facts import PromptCounted
from antiphon.realtime.config import NamedTool, Tool
from antiphon.realtime.effects import Prompt
from antiphon.realtime.items import (
    AudioContent,
    Content,
    FunctionCallItem,
    FunctionOutputItem,
    ImageContent,
    Item,
    MessageItem,
    TextContent,
)
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.reading import read_value

_UNDER_WAY = json.dumps({"status": "in_progress"})

JsonObject = dict[str, Any]


@dataclass(slots=True)
class _Line:
    """A message, and the items that it is made of with their lengths in characters."""

    message: JsonObject
    sources: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class WrittenPrompt:
    """A prompt as a request. `sources` has for each message the items that it is made of, with their lengths."""

    request: ChatRequest
    sources: tuple[tuple[tuple[int, int], ...], ...]
    num_items: int

    def measured(self, counted: PromptCounted) -> tuple[int, tuple[int, ...]]:
        """Return the tokens of instructions and tools, and those of each item.

        The tokens of a message that several items went into are shared out by their lengths; all add up to the prompt.
        """
        instructions_tokens = counted.rest_tokens
        item_tokens = [0] * self.num_items
        for num_tokens, sources in zip(counted.message_tokens, self.sources, strict=False):
            if not sources:
                instructions_tokens += num_tokens
                continue
            for item, share in _shared_out(num_tokens, sources):
                item_tokens[item] += share
        return instructions_tokens, tuple(item_tokens)


def written(prompt: Prompt, model: str, *, takes_audio: bool) -> WrittenPrompt:
    """Write a prompt for a model, which gets the user's audio itself where it `takes_audio`.

    Raises `InvalidRequest` for functions that no model can be given.
    """
    lines = [_Line({"role": "system", "content": prompt.instructions}, [])] if prompt.instructions else []
    lines += _lines(prompt.items, takes_audio=takes_audio)
    if not lines:  # a chat needs something to answer
        lines.append(_Line({"role": "user", "content": ""}, []))
    body: JsonObject = {"model": model, "messages": [line.message for line in lines], "stream": True}
    if prompt.tools:
        body["tools"] = [_tool(tool) for tool in prompt.tools]
        body["tool_choice"] = _tool_choice(prompt)
        if prompt.parallel_tool_calls is not None:
            body["parallel_tool_calls"] = prompt.parallel_tool_calls
    if prompt.temperature is not None:
        body["temperature"] = prompt.temperature
    if prompt.max_output_tokens is not None:
        body["max_completion_tokens"] = prompt.max_output_tokens
    sources = tuple(tuple(line.sources) for line in lines)
    return WrittenPrompt(read_value(ChatRequest, body), sources, len(prompt.items))


def _lines(items: Sequence[Item], *, takes_audio: bool) -> list[_Line]:
    outputs = {item.call_id: (place, item.output) for place, item in _outputs(items)}
    called = {item.call_id for item in items if isinstance(item, FunctionCallItem) and _is_whole(item)}
    lines: list[_Line] = []
    asking: _Line | None = None  # the answer that the calls which follow belong to
    for place, item in enumerate(items):
        if isinstance(item, MessageItem):
            line = _message_line(place, item, takes_audio=takes_audio)
            if line is None:
                continue
            lines.append(line)
            asking = line if item.role == "assistant" else None
        elif isinstance(item, FunctionCallItem):
            if not _is_whole(item):
                continue
            if asking is None:
                asking = _Line({"role": "assistant", "content": None}, [])
                lines.append(asking)
            asking.message.setdefault("tool_calls", []).append(_call(item))
            asking.sources.append((place, len(item.name) + len(item.arguments)))
            lines.append(_result_line(item, outputs))
        else:
            asking = None
            if item.call_id not in called:
                text = f"The function call {item.call_id} gave: {item.output}"
                lines.append(_Line({"role": "system", "content": text}, [(place, len(text))]))
    return lines


def _outputs(items: Sequence[Item]) -> Iterator[tuple[int, FunctionOutputItem]]:
    return ((place, item) for place, item in enumerate(items) if isinstance(item, FunctionOutputItem))


def _is_whole(call: FunctionCallItem) -> bool:
    """Whether a call was not broken off: its arguments would be no JSON."""
    return call.status != "incomplete"


def _result_line(call: FunctionCallItem, outputs: dict[str, tuple[int, str]]) -> _Line:
    found = outputs.get(call.call_id)
    content, sources = (_UNDER_WAY, []) if found is None else (found[1], [(found[0], max(1, len(found[1])))])
    message = {"role": "tool", "tool_call_id": call.call_id, "content": content}
    return _Line(message, sources)


def _message_line(place: int, item: MessageItem, *, takes_audio: bool) -> _Line | None:
    """Return a message, None for an answer of which nothing was heard."""
    text = "\n".join(filter(None, map(_text, item.content)))
    length = max(1, len(text))
    if item.role != "user":
        return _Line({"role": item.role, "content": text}, [(place, length)]) if text else None
    if all(isinstance(part, TextContent) or not _is_shown(part, takes_audio=takes_audio) for part in item.content):
        return _Line({"role": "user", "content": text}, [(place, length)])
    parts = [_user_part(part, takes_audio=takes_audio) for part in item.content]
    return _Line({"role": "user", "content": parts}, [(place, length)])


def _is_shown(part: Content, *, takes_audio: bool) -> bool:
    return isinstance(part, ImageContent) or (takes_audio and isinstance(part, AudioContent) and bool(part.audio))


def _text(part: Content) -> str:
    if isinstance(part, TextContent):
        return part.text
    return (part.transcript or "").strip() if isinstance(part, AudioContent) else ""


def _user_part(part: Content, *, takes_audio: bool) -> JsonObject:
    if isinstance(part, ImageContent):
        return {"type": "image_url", "image_url": {"url": part.url, "detail": part.detail}}
    if takes_audio and isinstance(part, AudioContent) and part.audio:
        data = b64encode(wav(part.audio, part.format)).decode()
        return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    return {"type": "text", "text": _text(part)}


def _call(item: FunctionCallItem) -> JsonObject:
    return {"id": item.call_id, "type": "function", "function": {"name": item.name, "arguments": item.arguments}}


def _tool(tool: Tool) -> JsonObject:
    function: JsonObject = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = dict(tool.parameters)
    return {"type": "function", "function": function}


def _tool_choice(prompt: Prompt) -> str | JsonObject:
    choice = prompt.tool_choice
    return {"type": "function", "function": {"name": choice.name}} if isinstance(choice, NamedTool) else choice


def _shared_out(num_tokens: int, sources: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Share tokens out by lengths in whole numbers that add up to them."""
    total = sum(length for _, length in sources)
    seen = given = 0
    for item, length in sources:
        seen += length
        upto = num_tokens * seen // total
        yield item, upto - given
        given = upto


def wav(audio: bytes, audio_format: AudioFormat) -> bytes:
    """Return audio of a session as a WAV file of 16-bit samples (RIFF, one channel)."""
    samples = audio_format.decode(audio).astype("<i2").tobytes()
    return wav_head(len(samples), audio_format.rate_hz) + samples
