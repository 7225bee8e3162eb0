"""The fold of an engine's facts into a chat completion, whole or in chunks.

Both folds hold to OpenAI's order: a choice's first chunk says the role, its last the finish reason, and usage comes
after every choice. The prompt's tokens by message have no place on the wire: both pass them over.
"""

from dataclasses import dataclass, field

import msgspec
from msgspec import UNSET

from antiphon.generation.caching import UNSAID, CacheWishes
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChatFact,
    ChoiceFinished,
    PromptCounted,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.generation.usage import usage_of
from antiphon.wire.chat.answer import (
    AnsweredFunction,
    AnsweredToolCall,
    AnswerMessage,
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChoiceLogprobs,
    ChunkChoice,
    Delta,
    FinishReason,
    FunctionDelta,
    ServiceTier,
    TokenLogprob,
    ToolCallDelta,
)
from antiphon.wire.usage import CompletionUsage


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """What every part of one answer repeats.

    `created` is in seconds since 1970. `calls_functions` asks for the API's older `function_call` in place of tool
    calls. `tells_logprobs` puts log-probabilities beside the text. `caching` says how cached tokens are told, and with
    `tells_misses` they are told in DeepSeek's words too.
    """

    id: str
    created: int
    model: str
    fingerprint: str
    service_tier: ServiceTier = "default"
    calls_functions: bool = False
    tells_logprobs: bool = False
    caching: CacheWishes = UNSAID
    tells_misses: bool = False

    def usage(self, counted: UsageCounted) -> CompletionUsage:
        """Put the engine's count in the form of the wire."""
        return usage_of(counted, self.caching, tells_misses=self.tells_misses)


@dataclass(slots=True)
class _ToolCall:
    id: str
    name: str
    arguments: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class _Choice:
    text: list[str] = field(default_factory=list[str])
    refusal: list[str] = field(default_factory=list[str])
    logprobs: list[TokenLogprob] = field(default_factory=list[TokenLogprob])
    calls: list[_ToolCall] = field(default_factory=list[_ToolCall])
    reason: FinishReason | None = None

    def add(self, fact: ChatFact) -> None:
        match fact:
            case TextProduced():
                self.text.append(fact.text)
                self.logprobs.extend(fact.logprobs)
            case ArgumentsProduced():
                self.calls[fact.call].arguments.append(fact.text)
            case ToolCallStarted():
                self.calls.append(_ToolCall(fact.id, fact.name))
            case RefusalProduced():
                self.refusal.append(fact.text)
            case ChoiceFinished():
                self.reason = fact.reason
            case UsageCounted() | PromptCounted():
                raise AssertionError("counts belong to no choice")


class WholeAnswer:
    """Gathers facts until the answer is whole."""

    def __init__(self, head: AnswerHead, num_choices: int) -> None:
        self._head = head
        self._choices = [_Choice() for _ in range(num_choices)]
        self._usage: UsageCounted | None = None

    def add(self, fact: ChatFact) -> None:
        """Take the next fact."""
        if isinstance(fact, UsageCounted):
            self._usage = fact
        elif not isinstance(fact, PromptCounted):
            self._choices[fact.index].add(fact)

    def completion(self) -> ChatCompletion:
        """Return the answer. It must be whole."""
        assert self._usage is not None, "the engine must count before it ends"
        return ChatCompletion(
            id=self._head.id,
            created=self._head.created,
            model=self._head.model,
            choices=[self._finished(index, choice) for index, choice in enumerate(self._choices)],
            usage=self._head.usage(self._usage),
            service_tier=self._head.service_tier,
            system_fingerprint=self._head.fingerprint,
        )

    def _finished(self, index: int, choice: _Choice) -> Choice:
        assert choice.reason is not None, "every choice must finish"
        return Choice(
            index=index,
            message=self._message(choice),
            logprobs=ChoiceLogprobs(content=choice.logprobs) if self._head.tells_logprobs else None,
            finish_reason=_named_for(self._head, choice.reason),
        )

    def _message(self, choice: _Choice) -> AnswerMessage:
        functions = [AnsweredFunction(call.name, "".join(call.arguments)) for call in choice.calls]
        refusal = "".join(choice.refusal) or None
        content = "".join(choice.text) if choice.text or not (functions or refusal) else None
        if functions and self._head.calls_functions:
            return AnswerMessage(content=content, refusal=refusal, function_call=functions[0])
        calls = [
            AnsweredToolCall(id=call.id, function=function)
            for call, function in zip(choice.calls, functions, strict=True)
        ]
        return AnswerMessage(content=content, refusal=refusal, tool_calls=calls or UNSET)


class StreamedAnswer:
    """Turns each fact into the chunks that tell it."""

    def __init__(self, head: AnswerHead, *, includes_usage: bool) -> None:
        self._head = head
        self._includes_usage = includes_usage
        self._begun: set[int] = set()

    def chunks(self, fact: ChatFact) -> list[ChatCompletionChunk]:
        """Return the chunks for the next fact; the first of a choice is preceded by one that says the role."""
        if isinstance(fact, UsageCounted):
            return [self._chunk([], self._head.usage(fact))] if self._includes_usage else []
        if isinstance(fact, PromptCounted):
            return []
        chunk = self._chunk([self._choice(fact)])
        if fact.index in self._begun:
            return [chunk]
        self._begun.add(fact.index)
        return [self._chunk([self._opening(fact)]), chunk]

    def _chunk(self, choices: list[ChunkChoice], usage: CompletionUsage | None = None) -> ChatCompletionChunk:
        head = self._head
        return ChatCompletionChunk(
            id=head.id,
            created=head.created,
            model=head.model,
            service_tier=head.service_tier,
            system_fingerprint=head.fingerprint,
            choices=choices,
            usage=usage if self._includes_usage else UNSET,
        )

    def _opening(self, fact: ChatFact) -> ChunkChoice:
        content = None if isinstance(fact, (ToolCallStarted, RefusalProduced)) else ""
        return ChunkChoice(index=_index(fact), delta=Delta(role="assistant", content=content, refusal=None))

    def _choice(self, fact: ChatFact) -> ChunkChoice:
        match fact:
            case TextProduced():
                logprobs = ChoiceLogprobs(content=list(fact.logprobs)) if self._head.tells_logprobs else None
                return ChunkChoice(index=fact.index, delta=Delta(content=fact.text), logprobs=logprobs)
            case RefusalProduced():
                return ChunkChoice(index=fact.index, delta=Delta(refusal=fact.text))
            case ToolCallStarted():
                return ChunkChoice(index=fact.index, delta=self._call_started(fact))
            case ArgumentsProduced():
                return ChunkChoice(index=fact.index, delta=self._arguments(fact))
            case ChoiceFinished():
                reason = _named_for(self._head, fact.reason)
                return ChunkChoice(index=fact.index, delta=Delta(), finish_reason=reason)
            case UsageCounted() | PromptCounted():
                raise AssertionError("counts belong to no choice")

    def _call_started(self, fact: ToolCallStarted) -> Delta:
        function = FunctionDelta(name=fact.name, arguments="")
        if self._head.calls_functions:
            return Delta(function_call=function)
        return Delta(tool_calls=[ToolCallDelta(index=fact.call, id=fact.id, type="function", function=function)])

    def _arguments(self, fact: ArgumentsProduced) -> Delta:
        function = FunctionDelta(arguments=fact.text)
        if self._head.calls_functions:
            return Delta(function_call=function)
        return Delta(tool_calls=[ToolCallDelta(index=fact.call, function=function)])


def with_obfuscation(chunk: ChatCompletionChunk, obfuscation: str) -> ChatCompletionChunk:
    """Return the chunk with padding that hides how long its text is from who sees only lengths."""
    return msgspec.structs.replace(chunk, obfuscation=obfuscation)


def _index(fact: ChatFact) -> int:
    assert not isinstance(fact, UsageCounted | PromptCounted)
    return fact.index


def _named_for(head: AnswerHead, reason: FinishReason) -> FinishReason:
    return "function_call" if head.calls_functions and reason == "tool_calls" else reason
