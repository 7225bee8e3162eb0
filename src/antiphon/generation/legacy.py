"""The API's older functions, rewritten as tools; a call or a result that stands alone stays as it is."""

from antiphon.wire.chat.messages import (
    AssistantMessage,
    FunctionCall,
    FunctionMessage,
    FunctionToolCall,
    Message,
    ToolMessage,
)
from antiphon.wire.chat.request import ChatRequest, FunctionTool, NamedFunction, ToolChoice


def calls_functions(request: ChatRequest) -> bool:
    """Whether the caller speaks the older form, and is answered in it."""
    return request.functions is not None


def with_tools(request: ChatRequest) -> ChatRequest:
    """Return the request with `functions`, `function_call` and function messages in the form of tools."""
    update: dict[str, object] = {}
    if request.functions is not None:
        update["tools"] = [FunctionTool(type="function", function=function) for function in request.functions]
        update["tool_choice"] = _tool_choice(request)
        update["parallel_tool_calls"] = False  # the older form has room for one call
        update["functions"] = None
        update["function_call"] = None
    if any(_is_older(message) for message in request.messages):
        update["messages"] = _with_tool_messages(request.messages)
    return request.model_copy(update=update) if update else request


def _tool_choice(request: ChatRequest) -> ToolChoice | None:
    choice = request.function_call
    if choice is None or isinstance(choice, str):
        return choice
    return NamedFunction(type="function", function=choice)


def _is_older(message: Message) -> bool:
    return isinstance(message, FunctionMessage) or (
        isinstance(message, AssistantMessage) and message.function_call is not None
    )


def _with_tool_messages(messages: list[Message]) -> list[Message]:
    """Rewrite each call with the result right after it; the older form allows either alone, which then stays."""
    rewritten: list[Message] = []
    call_id = ""
    for place, message in enumerate(messages):
        if isinstance(message, AssistantMessage) and message.function_call is not None:
            call_id = f"call_{place}" if isinstance(_after(messages, place), FunctionMessage) else ""
            rewritten.append(_with_tool_call(message, message.function_call, call_id) if call_id else message)
        elif isinstance(message, FunctionMessage) and call_id:
            rewritten.append(ToolMessage(role="tool", content=message.content or "", tool_call_id=call_id))
            call_id = ""
        else:
            rewritten.append(message)
    return rewritten


def _after(messages: list[Message], place: int) -> Message | None:
    return messages[place + 1] if place + 1 < len(messages) else None


def _with_tool_call(message: AssistantMessage, called: FunctionCall, call_id: str) -> AssistantMessage:
    call = FunctionToolCall(id=call_id, type="function", function=called)
    return message.model_copy(update={"function_call": None, "tool_calls": [call]})
