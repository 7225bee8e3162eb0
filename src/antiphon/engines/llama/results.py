"""Results of calls, told to a model that now has to answer with them.

After a result in the form of the protocol (`<tool_response>`) a small model repeats the result, the form or the call.
Where no more calls are to come, the question and what was found are put together in plain words, as somebody would ask
it who had looked it up himself; with that it answers.
"""

from collections.abc import Sequence

from antiphon.wire.chat.messages import (
    AssistantMessage,
    FunctionMessage,
    FunctionToolCall,
    Message,
    ToolMessage,
    UserMessage,
    text_of,
)


def with_results_told(messages: Sequence[Message], closing: str) -> list[Message]:
    """Return the messages with the results at their end put into the user's last words, and `closing` after them.

    Where the conversation does not end in a result, or the user has said nothing, it stays as it is.
    """
    asked_at = max((place for place, message in enumerate(messages) if isinstance(message, UserMessage)), default=-1)
    if asked_at < 0 or not isinstance(messages[-1], ToolMessage | FunctionMessage):
        return list(messages)
    *before, question = messages[: asked_at + 1]
    found = "\n".join(_found(messages[asked_at + 1 :]))
    content = f"{text_of(question.content)}\n\n{found}\n{closing}"
    return [*before, question.model_copy(update={"content": content})]


def _found(messages: Sequence[Message]) -> list[str]:
    """Return a line for each result, and one for what the assistant said in between."""
    calls: dict[str, str] = {}
    lines: list[str] = []
    for message in messages:
        if isinstance(message, AssistantMessage):
            calls |= _calls_of(message)
            lines += [said for said in (text_of(message.content),) if said]
        elif isinstance(message, ToolMessage):
            lines.append(f"{calls.get(message.tool_call_id, 'A function')} returned: {text_of(message.content)}")
        elif isinstance(message, FunctionMessage):
            lines.append(f"{calls.get(message.name, message.name)} returned: {text_of(message.content)}")
    return lines


def _calls_of(message: AssistantMessage) -> dict[str, str]:
    """Return the calls of a message as text, by their ids, or by the name where a call has no id."""
    calls = {
        call.id: f"{call.function.name}({call.function.arguments})"
        for call in message.tool_calls or ()
        if isinstance(call, FunctionToolCall)
    }
    if message.function_call is not None:
        calls[message.function_call.name] = f"{message.function_call.name}({message.function_call.arguments})"
    return calls
