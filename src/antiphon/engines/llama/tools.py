"""What a request offers the model to call, and how that is put into words for it.

The wording is ours for every model. Measured on small ones, functions as short types are understood as well as the
JSON of the models' own templates and cost half the tokens; and most templates of small models know no tools at all.
The form of a call is the one that Qwen and Hermes models were trained on.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from antiphon.engines.llama.notation import fields_of
from antiphon.schemas import Schema, SchemaOwner, read_schema
from antiphon.wire.chat.messages import AssistantMessage, FunctionMessage, FunctionToolCall, Message, ToolMessage
from antiphon.wire.chat.request import AllowedTools, ChatRequest, FunctionTool, NamedFunction, ToolChoice

CALL_BEGINS: Final = "<tool_call>"
BEFORE_NAME: Final = CALL_BEGINS + '\n{"name": "'
AFTER_NAME: Final = '", "arguments": '
CALL_ENDS: Final = "</tool_call>"
AFTER_ARGUMENTS: Final = "}\n" + CALL_ENDS

# Worded by trial on the development set of `bench/`. A small model takes the form of a call, and when there is none to
# make, from the examples; in the conversation itself they would be taken for what was said.
_HOW_TO_CALL: Final = f"""\
Which of these functions does what the user asks? Reply with its call alone:
{CALL_BEGINS}
{{"name": <function name>, "arguments": <JSON object>}}
{CALL_ENDS}
If none of them does, answer the user in plain words.

Examples, with a function get_time(city):
"What time is it in Rome?" -> {BEFORE_NAME}get_time{AFTER_NAME}{{"city": "Rome"}}{AFTER_ARGUMENTS}
"Who was Caesar?" -> Julius Caesar was a Roman general."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function on offer."""

    name: str
    description: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Offer:
    """The functions, one or more, that may be called.

    `must_call` leaves no answer in words; `may_repeat` allows several calls. The functions `answered` have given their
    results since the user spoke: a small model that may choose would call them again without end.
    """

    functions: tuple[Function, ...]
    must_call: bool
    may_repeat: bool
    answered: frozenset[str] = frozenset()


def offer_of(request: ChatRequest) -> Offer | None:
    """Return what the request offers, or None where nothing may be called. Raises `InvalidRequest` for a bad schema."""
    choice: ToolChoice = request.tool_choice or "auto"
    if not request.tools or choice == "none":
        return None
    functions = tuple(
        _function(tool, place) for place, tool in enumerate(request.tools) if isinstance(tool, FunctionTool)
    )
    names = {function.name for function in functions}
    must_call = choice == "required"
    if isinstance(choice, NamedFunction):
        names, must_call = {choice.function.name}, True
    if isinstance(choice, AllowedTools):
        allowed = choice.allowed_tools
        names, must_call = {tool.function.name for tool in allowed.tools}, allowed.mode == "required"
    among = tuple(function for function in functions if function.name in names)
    may_repeat = request.parallel_tool_calls is not False and not isinstance(choice, NamedFunction)
    return Offer(among, must_call, may_repeat, _answered(request.messages)) if among else None


def _answered(messages: Sequence[Message]) -> frozenset[str]:
    """Return the names of the functions whose results stand after the last words of the user."""
    spoken_at = max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)
    since = messages[spoken_at + 1 :]
    results = {message.tool_call_id for message in since if isinstance(message, ToolMessage)}
    calls = [call for message in since if isinstance(message, AssistantMessage) for call in message.tool_calls or ()]
    named = {call.function.name for call in calls if isinstance(call, FunctionToolCall) and call.id in results}
    return frozenset(named | {message.name for message in since if isinstance(message, FunctionMessage)})


def _function(tool: FunctionTool, place: int) -> Function:
    function = tool.function
    owner = SchemaOwner.function(function.name, f"tools[{place}].function")
    schema = read_schema(function.parameters, owner, strict=bool(function.strict))
    return Function(function.name, function.description or "", schema)


def instructions(offer: Offer) -> str:
    """Return the words that tell the model of the functions and of the form of a call."""
    listed = "\n".join(_listed(function) for function in offer.functions)
    return f"# Functions\n{listed}\n\n{_HOW_TO_CALL}"


def _listed(function: Function) -> str:
    description = function.description.rstrip(".")
    return f"- {function.name}: {description}{description and '. '}Arguments: {fields_of(function.schema.document)}"


def call_text(name: str, arguments: str) -> str:
    """Return a call as the model writes it; `arguments` is JSON text, spaced as we decode it where it is readable."""
    return f"{BEFORE_NAME}{name}{AFTER_NAME}{_spaced(arguments)}{AFTER_ARGUMENTS}"


def result_text(content: str) -> str:
    """Return a function's result as the model reads it."""
    return f"<tool_response>\n{content}\n</tool_response>"


def _spaced(arguments: str) -> str:
    try:
        value: Mapping[str, object] = json.loads(arguments)
    except ValueError:
        return arguments
    return json.dumps(value, ensure_ascii=False)
