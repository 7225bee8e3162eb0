"""Items, parts of sessions and usage as the server shows them, in the words of either generation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from antiphon.realtime import config as setup
from antiphon.realtime.items import (
    AudioContent,
    Content,
    FunctionCallItem,
    ImageContent,
    Item,
    MessageItem,
    TextContent,
    num_told_bytes,
)
from antiphon.realtime.server_events import Fault, ResponseView, TokenSplit, Usage
from antiphon.wire.realtime import objects

# With the rest of the frame, this stays under the MiB that clients of old take.
_MOST_TOLD_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ItemWords:
    """What the generations call differently in items and usage."""

    object: Literal["realtime.item"] | UnsetType
    text_part: type[objects.OutputTextPart]
    audio_part: type[objects.OutputAudioPart]
    tells_images: bool


def item_view(item: Item, words: ItemWords, *, with_audio: bool = False) -> objects.AnyItem:
    """Return an item as the wire shows it.

    Audio is left out unless asked for. What of audio and pictures a frame could not hold beside the words is left out,
    too, each whole.
    """
    if isinstance(item, MessageItem):
        room = _MOST_TOLD_BYTES - num_told_bytes(item)
        content = list[objects.AnyPart]()
        for part in item.content:
            num_bytes = _num_media_bytes(part, with_audio=with_audio)
            fits = num_bytes <= room
            room -= num_bytes if fits else 0
            content.append(_part_view(part, item.role, words, with_audio=with_audio and fits, with_picture=fits))
        return objects.Message(id=item.id, object=words.object, status=item.status, role=item.role, content=content)
    if isinstance(item, FunctionCallItem):
        return objects.FunctionCall(
            id=item.id,
            object=words.object,
            status=item.status,
            name=item.name,
            call_id=item.call_id,
            arguments=item.arguments,
        )
    return objects.FunctionCallOutput(
        id=item.id, object=words.object, status=item.status, call_id=item.call_id, output=item.output
    )


def usage_view(response: ResponseView, words: ItemWords) -> objects.Usage | None:
    """Return what a response took, None while it goes on; afterwards all figures are there, zeros at the least."""
    if response.status == "in_progress":
        return None
    usage = response.usage or Usage()
    given = _tokens_view(usage.input, words)
    return objects.Usage(
        total_tokens=usage.input.total + usage.output.total,
        input_tokens=usage.input.total,
        output_tokens=usage.output.total,
        input_token_details=objects.InputTokens(
            text_tokens=given.text_tokens,
            audio_tokens=given.audio_tokens,
            image_tokens=given.image_tokens,
            cached_tokens=usage.cached.total,
            cached_tokens_details=_tokens_view(usage.cached, words),
        ),
        output_token_details=objects.TokensByKind(text_tokens=usage.output.text, audio_tokens=usage.output.audio),
    )


def details_view(response: ResponseView) -> objects.StatusDetails | None:
    """Return how a response ended and why, None while it goes on."""
    details = response.details
    if details is None:
        return None
    return objects.StatusDetails(
        type=response.status,
        reason=UNSET if details.reason is None else details.reason,
        error=UNSET if details.fault is None else msgspec.structs.replace(fault_view(details.fault), param=UNSET),
    )


def fault_view(fault: Fault) -> objects.Error:
    """Return an error that is no event of its own. Its code is a text always: clients insist."""
    return objects.Error(
        type=fault.type,
        code=fault.code or fault.type,
        message=fault.message,
        param=UNSET if fault.param is None else fault.param,
    )


def tools_view(tools: tuple[setup.Tool, ...]) -> list[objects.Tool]:
    """Return the functions that the model may call."""
    return [
        objects.Tool(
            name=tool.name,
            description=UNSET if tool.description is None else tool.description,
            parameters=UNSET if tool.parameters is None else tool.parameters,
        )
        for tool in tools
    ]


def tool_choice_view(choice: setup.ToolChoice) -> str | objects.NamedTool:
    """Return which function must be called, if any."""
    return objects.NamedTool(name=choice.name) if isinstance(choice, setup.NamedTool) else choice


def turn_detection_view(
    vad: setup.TurnDetection | None, *, tells_idle: bool, tells_responses: bool = True
) -> objects.ServerVad | objects.SemanticVad | None:
    """Return how turns are told; a session that answers nothing tells nothing of responses."""
    if vad is None:
        return None
    responses: Mapping[str, Any] = (
        {"create_response": vad.create_response, "interrupt_response": vad.interrupt_response}
        if tells_responses
        else {}
    )
    if isinstance(vad, setup.SemanticVad):
        return objects.SemanticVad(eagerness=vad.eagerness, **responses)
    return objects.ServerVad(
        threshold=vad.threshold,
        prefix_padding_ms=vad.prefix_padding_ms,
        silence_duration_ms=vad.silence_duration_ms,
        idle_timeout_ms=vad.idle_timeout_ms if tells_idle else UNSET,
        **responses,
    )


def noise_view(config: setup.SessionConfig) -> objects.NoiseReduction | None:
    """Return which microphone's noise is taken out."""
    if config.noise_reduction is None:
        return None
    strength = config.passed.get("noise_strength")
    return objects.NoiseReduction(type=config.noise_reduction, strength=UNSET if strength is None else strength)


def max_tokens_view(limit: int | None) -> int | Literal["inf"]:
    """Return a limit on output."""
    return "inf" if limit is None else limit


def _num_media_bytes(part: Content, *, with_audio: bool) -> int:
    """Return how many bytes of JSON a picture or audio takes, which comes as base64."""
    if isinstance(part, ImageContent):
        return len(part.url)
    return -(-len(part.audio) // 3) * 4 if with_audio and isinstance(part, AudioContent) else 0


def _part_view(part: Content, role: str, words: ItemWords, *, with_audio: bool, with_picture: bool) -> objects.AnyPart:
    if isinstance(part, TextContent):
        return words.text_part(text=part.text) if role == "assistant" else objects.Part(text=part.text)
    if isinstance(part, ImageContent):
        return objects.InputImagePart(image_url=part.url if with_picture else UNSET, detail=part.detail)
    is_whole = with_audio and not part.num_dropped_bytes
    audio = part.audio if is_whole else UNSET
    packing = part.format.value if is_whole else UNSET
    if role == "assistant":
        return words.audio_part(transcript=part.transcript or "", audio=audio, format=packing)
    return objects.InputAudioPart(transcript=part.transcript, audio=audio, format=packing)


def _tokens_view(tokens: TokenSplit, words: ItemWords) -> objects.TokensByKind:
    return objects.TokensByKind(
        text_tokens=tokens.text,
        audio_tokens=tokens.audio,
        image_tokens=tokens.image if words.tells_images else UNSET,
    )
