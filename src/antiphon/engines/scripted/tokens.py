"""How the scripted model counts: a documented rule that anybody can repeat, since it has no vocabulary.

A token is up to eight letters, digits or underscores, or up to eight other signs, with the one blank before them; any
other white space is a token for each character.
"""

import re

from antiphon.engines.scripted.media import audio_tokens, image_tokens
from antiphon.wire.chat.messages import (
    AssistantMessage,
    AudioPart,
    FunctionToolCall,
    ImagePart,
    Message,
    ToolMessage,
    UserPart,
    text_of,
)
from antiphon.wire.chat.request import ChatRequest, JsonSchemaFormat

_TOKEN = re.compile(r" ?\w{1,8}| ?[^\w\s]{1,8}|\s")
TOKENS_PER_MESSAGE = 4  # its role and its ends


def tokens_of(text: str) -> list[str]:
    """Divide a text into tokens; joined, they are the text."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """Return how many tokens a text is."""
    return sum(1 for _ in _TOKEN.finditer(text))


def prompt_audio_tokens(request: ChatRequest) -> int:
    """Return how many tokens of a chat's prompt are audio: ten for each second."""
    return sum(
        audio_tokens(part.input_audio)
        for message in request.messages
        for part in _parts(message)
        if isinstance(part, AudioPart)
    )


def prompt_tokens(request: ChatRequest) -> int:
    """Return how many tokens a chat's prompt is: its messages with what they show and play, its tools, its schema."""
    return sum(map(message_tokens, request.messages)) + offered_tokens(request)


def message_tokens(message: Message) -> int:
    """Return how many tokens a message is, with what it shows and plays."""
    shown = sum(image_tokens(part.image_url) for part in _parts(message) if isinstance(part, ImagePart))
    played = sum(audio_tokens(part.input_audio) for part in _parts(message) if isinstance(part, AudioPart))
    return TOKENS_PER_MESSAGE + count(_words(message)) + shown + played


def offered_tokens(request: ChatRequest) -> int:
    """Return how many tokens a request's tools and its schema are."""
    total = sum(count(tool.model_dump_json(by_alias=True, exclude_unset=True)) for tool in request.tools or ())
    if isinstance(request.response_format, JsonSchemaFormat):
        total += count(request.response_format.json_schema.model_dump_json(by_alias=True, exclude_unset=True))
    return total


def _words(message: Message) -> str:
    """Return all that a message says in words: its text, its refusal, the calls it makes or answers."""
    words = [text_of(message.content)]
    if isinstance(message, AssistantMessage):
        words.append(message.refusal or "")
        for call in message.tool_calls or ():
            if isinstance(call, FunctionToolCall):
                words += [call.id, call.function.name, call.function.arguments]
    elif isinstance(message, ToolMessage):
        words.append(message.tool_call_id)
    return " ".join(filter(None, words))


def _parts(message: Message) -> list[UserPart]:
    return message.content if message.role == "user" and not isinstance(message.content, str) else []
