"""Which answer the scripted model gives to a chat or a prompt: that of a script, or one drawn from the request."""

from collections.abc import Sequence

import msgspec

from antiphon.engines.scripted.instances import minimal_instance
from antiphon.engines.scripted.media import words_in
from antiphon.engines.scripted.script import Answer, CallFunction, Refuse, Say, is_script, read_script
from antiphon.errors import InvalidRequest
from antiphon.wire.chat.messages import (
    AssistantMessage,
    AudioPart,
    Message,
    SystemMessage,
    TextPart,
    UserMessage,
    text_of,
)
from antiphon.wire.chat.request import (
    AllowedTools,
    ChatRequest,
    FunctionDefinition,
    FunctionTool,
    JsonObjectFormat,
    JsonSchemaFormat,
    NamedFunction,
)

# What is said of a message without words.
WORDLESS = "..."


def chat_answer(request: ChatRequest) -> Answer:
    """Return the answer to a chat. Raises `InvalidRequest` for a malformed script."""
    place = _script_place(request.messages)
    if place is not None:
        answers = read_script(said_in(request.messages[place])).answers
        turn = sum(isinstance(message, AssistantMessage) for message in request.messages[place:])
        if turn < len(answers):
            return answers[turn]
    return _unscripted(request)


def prompt_answer(prompt: str) -> Answer:
    """Return the continuation of a prompt: a script's answer, or the prompt once more.

    Raises `InvalidRequest` for a malformed script, and for one that calls or refuses, which only a chat can.
    """
    if not is_script(prompt):
        return (Say(prompt),)
    answer = read_script(prompt).answers[0]
    if any(isinstance(step, (CallFunction, Refuse)) for step in answer):
        raise InvalidRequest("A script for a completion cannot 'call' or 'refuse'.", param="prompt")
    return answer


def said_in(message: Message) -> str:
    """Return what a message says, in writing and in tones."""
    if not isinstance(message, UserMessage) or isinstance(message.content, str):
        return text_of(message.content)
    parts = message.content
    return "".join(
        part.text if isinstance(part, TextPart) else words_in(part.input_audio)
        for part in parts
        if isinstance(part, TextPart | AudioPart)
    )


def _script_place(messages: Sequence[Message]) -> int | None:
    """Return where the script is: the last user's message if it is one, or else the last system message that is."""
    said = [place for place, message in enumerate(messages) if isinstance(message, UserMessage)]
    told = [place for place, message in enumerate(messages) if isinstance(message, SystemMessage)]
    for place in (*said[-1:], *reversed(told)):
        if is_script(said_in(messages[place])):
            return place
    return None


def _unscripted(request: ChatRequest) -> Answer:
    function = _forced_function(request)
    if function is not None:
        value = minimal_instance(function.parameters or {"type": "object"})
        return (CallFunction(function.name, msgspec.json.encode(value).decode()),)
    wanted = request.response_format
    if isinstance(wanted, JsonSchemaFormat):
        value = minimal_instance(wanted.json_schema.schema_ or {"type": "object"})
        return (Say(msgspec.json.encode(value).decode()),)
    if isinstance(wanted, JsonObjectFormat):
        return (Say("{}"),)
    return (Say(said_in(request.messages[-1]) or WORDLESS),)


def _forced_function(request: ChatRequest) -> FunctionDefinition | None:
    """Return the function that must be called: the one that is named, or the first that may be."""
    choice = request.tool_choice
    allowed = [tool.function for tool in request.tools or () if isinstance(tool, FunctionTool)]
    if isinstance(choice, NamedFunction):
        allowed = [function for function in allowed if function.name == choice.function.name]
    elif isinstance(choice, AllowedTools) and choice.allowed_tools.mode == "required":
        names = [tool.function.name for tool in choice.allowed_tools.tools]
        allowed = [function for function in allowed if function.name in names]
    elif choice != "required":
        return None
    return next(iter(allowed), None)
