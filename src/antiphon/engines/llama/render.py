"""From a chat request to the prompt of an embedded model.

The conversation is put into the roles that every chat template knows (system, user, assistant); what else a request
says is put into words: the schema of the answer and the functions on offer in the system message, calls and their
results in the form that `tools` fixes.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from antiphon.engines.llama.gguf_header import Vocabulary
from antiphon.engines.llama.injection import Prompt, Shield, unused_mark
from antiphon.engines.llama.layout import Layout, between, common
from antiphon.engines.llama.notation import type_of
from antiphon.engines.llama.results import with_results_told
from antiphon.engines.llama.template import ChatTemplate, TemplateMessage
from antiphon.engines.llama.tools import Offer, call_text, instructions, result_text
from antiphon.errors import InvalidRequest
from antiphon.schemas import Schema
from antiphon.wire.chat.messages import (
    AssistantMessage,
    FunctionMessage,
    FunctionToolCall,
    Message,
    RefusalPart,
    SystemMessage,
    ToolMessage,
    UserMessage,
    text_of,
)
from antiphon.wire.chat.request import ChatRequest

# What a model is told where only the server has something to say.
_DEFAULT_SYSTEM: Final = "You are a helpful assistant."


class Renderer:
    """Renders requests for one model."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._control_tokens = vocabulary.control_tokens
        self._template = ChatTemplate(vocabulary)

    def render(self, request: ChatRequest, offer: Offer | None = None, schema: Schema | None = None) -> Prompt:
        """Return the prompt after which the assistant speaks. `offer` and `schema` are what the request asks for.

        Without an offer the assistant is to answer in words, with the results of functions if there are any.
        Raises `InvalidRequest` where the model's template does not take the conversation.
        """
        whole = _whole(request, offer, schema)
        shield = Shield(self._control_tokens, unused_mark(whole))
        return shield.cut(self._template.render(shield.marked(whole)))

    @property
    def template_digest(self) -> str:
        """Return the SHA-256 of the model's chat template in hexadecimal."""
        return sha256((self._vocabulary.template or "").encode()).hexdigest()

    def text(self, request: ChatRequest, offer: Offer | None = None, schema: Schema | None = None) -> str:
        """Return the prompt of `render` as one text. Raises as `render` does."""
        return self._template.render(_whole(request, offer, schema))

    def beginning(self, request: ChatRequest, offer: Offer | None = None, schema: Schema | None = None) -> Prompt:
        """Return what the next prompt of a conversation is expected to begin with, up to where the user's words come.

        Where the user spoke last, the assistant is next, and that is the whole prompt. Raises as `render` does.
        """
        if request.messages[-1].role in {"user", "tool", "function"}:
            return self.render(request, offer, schema)
        words = unused_mark([message.content for message in request.messages])
        whole = _whole(_with_messages(request, [*request.messages, _user(words)]), offer, schema)
        shield = Shield(self._control_tokens, unused_mark(whole))
        text, _, _ = self._template.render(shield.marked(whole)).partition(words)
        return shield.cut(text)

    def layout(
        self,
        request: ChatRequest,
        offer: Offer | None = None,
        schema: Schema | None = None,
        known: Layout | None = None,
    ) -> Layout:
        """Return where the messages stand in the prompt of `render`. Raises as `render` does.

        `known` is the layout of an earlier request whose messages this one begins with: their places need not be found
        again, where its prompt is the beginning of this one.
        """
        messages = request.messages
        text = self.text(request, offer, schema)
        whole_system = self._before(request, 1, offer, schema)
        bare_system = self._before(request, 1, None, None)
        begins_with_system = messages[0].role in {"system", "developer"}
        alone = _whole(_with_messages(request, [_user(words := unused_mark(text))]), offer, schema)
        start = 0 if begins_with_system else common(text, self._template.render(alone).partition(words)[0])
        instructed = between(whole_system, bare_system) if begins_with_system else (0, 0)
        ends = list(known.ends) if known is not None and known.begins(text) else []
        for num_messages in range(len(ends) + 1, len(messages) + 1):
            end = common(text, self._before(request, num_messages, offer, schema))
            ends.append(max(end, ends[-1] if ends else start))
        return Layout(text, start, tuple(ends), instructed)

    def _before(self, request: ChatRequest, num_messages: int, offer: Offer | None, schema: Schema | None) -> str:
        """Return the first messages alone, as far as the template takes them so."""
        first = _with_messages(request, request.messages[:num_messages])
        try:
            return self._template.render(_whole(first, offer, schema), is_answered=False)
        except InvalidRequest:
            return ""


def _whole(request: ChatRequest, offer: Offer | None, schema: Schema | None) -> list[TemplateMessage]:
    """Return the conversation in the template's messages, with all that the request asks for."""
    told = with_results_told(request.messages, _closing(request)) if offer is None else request.messages
    before, after = _answer_instructions(request, schema), instructions(offer) if offer else ""
    return _with_instructions(_conversation(told), before, after)


def _with_messages(request: ChatRequest, messages: Sequence[Message]) -> ChatRequest:
    return request.model_copy(update={"messages": list(messages)})


def _user(content: str) -> UserMessage:
    return UserMessage(role="user", content=content)


def _closing(request: ChatRequest) -> str:
    wanted = request.response_format
    return "Answer with it, in words." if wanted is None or wanted.type == "text" else "Answer with it."


def _answer_instructions(request: ChatRequest, schema: Schema | None) -> str:
    if schema is not None:
        return f"Answer with JSON of this type alone: {type_of(schema.document)}"
    wanted = request.response_format
    return "Answer with one JSON object alone." if wanted is not None and wanted.type == "json_object" else ""


def _with_instructions(messages: Sequence[TemplateMessage], before: str, after: str) -> list[TemplateMessage]:
    """Put instructions around the system message, made up where there is none."""
    has_system = bool(messages) and messages[0]["role"] == "system"
    if not (before or after):
        return list(messages)
    system = messages[0]["content"] if has_system else _DEFAULT_SYSTEM
    content = "\n\n".join(part for part in (before, system, after) if part)
    return [{"role": "system", "content": content}, *messages[has_system:]]


def _conversation(messages: Sequence[Message]) -> list[TemplateMessage]:
    """Return the messages in the roles of templates; results of calls that follow one another are one message."""
    conversation: list[TemplateMessage] = []
    follows_result = False
    for message in messages:
        rendered = _message(message)
        is_result = isinstance(message, ToolMessage | FunctionMessage)
        if is_result and follows_result:
            conversation[-1]["content"] += "\n" + rendered["content"]
        else:
            conversation.append(rendered)
        follows_result = is_result
    return conversation


def _message(message: Message) -> TemplateMessage:
    match message:
        case SystemMessage():
            return {"role": "system", "content": text_of(message.content)}
        case UserMessage():
            return {"role": "user", "content": _said_by(message.name, text_of(message.content))}
        case AssistantMessage():
            return {"role": "assistant", "content": _assistant_text(message)}
        case ToolMessage() | FunctionMessage():
            return {"role": "user", "content": result_text(text_of(message.content))}


def _said_by(name: str | None, text: str) -> str:
    return f"{name}: {text}" if name else text


def _assistant_text(message: AssistantMessage) -> str:
    words = text_of(message.content) or message.refusal or _refusal_in(message)
    calls = [
        call_text(call.function.name, call.function.arguments)
        for call in message.tool_calls or ()
        if isinstance(call, FunctionToolCall)
    ]
    if message.function_call is not None:
        calls.append(call_text(message.function_call.name, message.function_call.arguments))
    return "\n".join(part for part in (words, *calls) if part)


def _refusal_in(message: AssistantMessage) -> str:
    parts = message.content if isinstance(message.content, list) else ()
    return "".join(part.refusal for part in parts if isinstance(part, RefusalPart))
