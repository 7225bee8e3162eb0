"""The rules of a conversation that no single message shows: who answers whom, and what JSON mode wants to read."""

from collections.abc import Sequence

from antiphon.errors import InvalidRequest
from antiphon.wire.chat.messages import AssistantMessage, Message, ToolMessage, text_of


def check_conversation(messages: Sequence[Message]) -> None:
    """Check that every tool call is answered, and every answer was asked for. Raises `InvalidRequest`."""
    waiting: set[str] = set()
    asked_at = 0
    for place, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            _check_was_called(message, place, waiting)
            waiting.discard(message.tool_call_id)
            continue
        if waiting:
            raise _unanswered(asked_at, waiting)
        if isinstance(message, AssistantMessage):
            _check_says_something(message, place)
            waiting = {call.id for call in message.tool_calls or ()}
            asked_at = place
    if waiting:
        raise _unanswered(asked_at, waiting)


def check_mentions_json(messages: Sequence[Message]) -> None:
    """Check that some message says JSON, without which a model in JSON mode may write blanks for ever.

    Raises `InvalidRequest` with OpenAI's text.
    """
    if not any("json" in text_of(message.content).lower() for message in messages):
        raise InvalidRequest(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            param="messages",
        )


def _check_was_called(message: ToolMessage, place: int, waiting: set[str]) -> None:
    if message.tool_call_id not in waiting:
        raise InvalidRequest(
            "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls', "
            f"and '{message.tool_call_id}' is not one of its calls or was answered already.",
            param=f"messages.[{place}].role",
        )


def _check_says_something(message: AssistantMessage, place: int) -> None:
    says = message.content is not None or message.refusal is not None or message.audio is not None
    if not (says or message.tool_calls or message.function_call):
        raise InvalidRequest(
            "Invalid value for 'content': expected a string, got null.", param=f"messages.[{place}].content"
        )


def _unanswered(place: int, waiting: set[str]) -> InvalidRequest:
    return InvalidRequest(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(sorted(waiting))}",
        param=f"messages.[{place}].tool_calls",
    )
