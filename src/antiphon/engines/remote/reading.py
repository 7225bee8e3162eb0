"""An upstream's answer, whole or in chunks, read into facts that keep the order which `generation.facts` promises."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec

from antiphon.engines.http import UpstreamRefusal
from antiphon.engines.remote.incoming import (
    CHAT_ANSWER,
    TEXT_ANSWER,
    AnswerDetails,
    ChatChoice,
    Logprob,
    Message,
    PromptDetails,
    TextChoice,
    TextLogprobs,
    ToolCall,
    Usage,
    decoded,
)
from antiphon.errors import EngineFailed, UpstreamFailed
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChatFact,
    ChoiceFinished,
    CompletionFact,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.ids import Ids
from antiphon.wire.chat.answer import FinishReason, TokenLogprob, TopLogprob

# Other servers' words for OpenAI's. What is not here, such as "eos" or "stop_sequence", is a way to stop.
_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
_BREAKDOWNS = frozenset({"abort", "error"})


@dataclass(slots=True)
class _Choice:
    """What was told of a choice; `calls` holds the upstream's index of each call that began."""

    calls: list[int | None] = field(default_factory=list[int | None])
    is_finished: bool = False


class ChatReader:
    """Reads one chat of `num_choices` choices. `ids` names the calls that the upstream left without an id."""

    def __init__(self, num_choices: int, ids: Ids) -> None:
        self._choices = [_Choice() for _ in range(num_choices)]
        self._ids = ids
        self._usage: Usage | None = None

    def read(self, data: bytes) -> list[ChatFact]:
        """Return the facts of a chunk, or of a whole answer.

        Raises `UpstreamRefusal` where it is an error, `UpstreamFailed` where it cannot be read, and `EngineFailed`
        where the upstream says that it broke down.
        """
        answer = decoded(CHAT_ANSWER, data)
        if answer.error is not None:
            raise refusal_in(data, answer.error)
        if answer.usage is not None:
            self._usage = answer.usage
        facts: list[ChatFact] = []
        for piece in answer.choices or ():
            choice = _of_index(self._choices, piece.index)
            if not choice.is_finished:
                self._read_piece(piece, choice, facts)
        return facts

    @property
    def is_counted(self) -> bool:
        """Whether the upstream told what the answer cost."""
        return self._usage is not None

    def end(self) -> UsageCounted:
        """Return the count, once all has been read. Raises `EngineFailed` if the answer is not whole."""
        _check_finished(self._choices)
        return counted(self._usage)

    def _read_piece(self, piece: ChatChoice, choice: _Choice, facts: list[ChatFact]) -> None:
        message = piece.delta or piece.message
        logprobs = _token_logprobs(piece.logprobs.content or ()) if piece.logprobs is not None else ()
        if message is not None:
            if message.content or logprobs:
                facts.append(TextProduced(piece.index, message.content or "", logprobs))
            if message.refusal:
                facts.append(RefusalProduced(piece.index, message.refusal))
            if message.tool_calls:
                self._read_calls(piece.index, message, choice, facts, in_pieces=piece.delta is not None)
        if piece.finish_reason:
            choice.is_finished = True
            facts.append(ChoiceFinished(piece.index, _reason(piece.finish_reason, calls=bool(choice.calls))))

    def _read_calls(
        self, index: int, message: Message, choice: _Choice, facts: list[ChatFact], *, in_pieces: bool
    ) -> None:
        for piece in message.tool_calls or ():
            function = piece.function
            name = function.name if function is not None else None
            call = _call_of(piece, choice) if in_pieces else None
            if call is None:
                if not name:
                    raise UpstreamFailed("The engine sent a piece of a tool call that never began.")
                call = len(choice.calls)
                choice.calls.append(piece.index)
                facts.append(ToolCallStarted(index, call, piece.id or self._ids("call_"), name))
            arguments = function.arguments if function is not None else None
            if arguments:
                text = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
                facts.append(ArgumentsProduced(index, call, text))


class TextReader:
    """Reads one continuation of `num_choices` choices."""

    def __init__(self, num_choices: int) -> None:
        self._choices = [_Choice() for _ in range(num_choices)]
        self._usage: Usage | None = None

    def read(self, data: bytes) -> list[CompletionFact]:
        """Return the facts of a chunk, or of a whole answer; raises as `ChatReader.read` does."""
        answer = decoded(TEXT_ANSWER, data)
        if answer.error is not None:
            raise refusal_in(data, answer.error)
        if answer.usage is not None:
            self._usage = answer.usage
        facts: list[CompletionFact] = []
        for piece in answer.choices or ():
            choice = _of_index(self._choices, piece.index)
            if not choice.is_finished:
                _read_text(piece, choice, facts)
        return facts

    @property
    def is_counted(self) -> bool:
        """Whether the upstream told what the answer cost."""
        return self._usage is not None

    def end(self) -> UsageCounted:
        """Return the count, once all has been read. Raises `EngineFailed` if the answer is not whole."""
        _check_finished(self._choices)
        return counted(self._usage)


def counted(usage: Usage | None) -> UsageCounted:
    """Return the upstream's count; what it did not count is 0."""
    if usage is None:
        return UsageCounted(prompt_tokens=0, completion_tokens=0)
    prompt = usage.prompt_tokens_details or PromptDetails()
    answer = usage.completion_tokens_details or AnswerDetails()
    return UsageCounted(
        prompt_tokens=usage.prompt_tokens or 0,
        completion_tokens=usage.completion_tokens or 0,
        cached_tokens=prompt.cached_tokens or usage.prompt_cache_hit_tokens or usage.cache_read_input_tokens or 0,
        reasoning_tokens=answer.reasoning_tokens or 0,
        prompt_audio_tokens=prompt.audio_tokens or 0,
        completion_audio_tokens=answer.audio_tokens or 0,
        accepted_prediction_tokens=answer.accepted_prediction_tokens or 0,
        rejected_prediction_tokens=answer.rejected_prediction_tokens or 0,
        cache_write_tokens=prompt.cache_write_tokens or usage.cache_creation_input_tokens or 0,
    )


def refusal_in(data: bytes, error: object) -> UpstreamRefusal:
    """Return the refusal that an answer of status 200 turned out to be; some put the status in the error's code."""
    status = cast("dict[str, object]", error).get("code") if isinstance(error, dict) else None
    return UpstreamRefusal(status if isinstance(status, int) and 400 <= status < 600 else 500, data, {})


def _of_index(choices: list[_Choice], index: int) -> _Choice:
    if not 0 <= index < len(choices):
        raise UpstreamFailed(f"The engine answered with a choice {index}, and was asked for {len(choices)}.")
    return choices[index]


def _check_finished(choices: list[_Choice]) -> None:
    if not all(choice.is_finished for choice in choices):
        raise EngineFailed("The engine ended its answer before it was whole: try again.")


def _call_of(piece: ToolCall, choice: _Choice) -> int | None:
    """Return which call of the choice a streamed piece continues, or `None` if it begins one.

    The index decides, as OpenAI has it. Where a server gives none, a piece that names a function begins a call.
    """
    if piece.index is not None:
        return choice.calls.index(piece.index) if piece.index in choice.calls else None
    names_function = piece.function is not None and bool(piece.function.name)
    return len(choice.calls) - 1 if choice.calls and not names_function else None


def _reason(told: str, *, calls: bool) -> FinishReason:
    """Return OpenAI's word. A choice that calls says so, whatever a server says when the call was forced."""
    if told in _BREAKDOWNS:
        raise EngineFailed("The engine broke down while it answered: try again.")
    reason = _REASONS.get(told, "stop")
    return "tool_calls" if reason == "stop" and calls else reason


def _token_logprobs(entries: Sequence[Logprob]) -> tuple[TokenLogprob, ...]:
    return tuple(
        TokenLogprob(
            token=entry.token,
            logprob=_number(entry.logprob),
            bytes=entry.bytes,
            top_logprobs=[
                TopLogprob(token=other.token, logprob=_number(other.logprob), bytes=other.bytes)
                for other in entry.top_logprobs or ()
            ],
        )
        for entry in entries
    )


def _read_text(piece: TextChoice, choice: _Choice, facts: list[CompletionFact]) -> None:
    logprobs = _text_logprobs(piece.logprobs) if piece.logprobs is not None else ()
    if piece.text or logprobs:
        facts.append(TextProduced(piece.index, piece.text or "", logprobs))
    if piece.finish_reason:
        choice.is_finished = True
        facts.append(ChoiceFinished(piece.index, _reason(piece.finish_reason, calls=False)))


def _text_logprobs(logprobs: TextLogprobs) -> tuple[TokenLogprob, ...]:
    if logprobs.content is not None:
        return _token_logprobs(logprobs.content)
    tokens = logprobs.tokens or []
    chosen = logprobs.token_logprobs or [None] * len(tokens)
    others = logprobs.top_logprobs or [None] * len(tokens)
    return tuple(
        TokenLogprob(
            token=token,
            logprob=_number(logprob),
            bytes=None,
            top_logprobs=[TopLogprob(token=other, logprob=value, bytes=None) for other, value in (top or {}).items()],
        )
        for token, logprob, top in zip(tokens, chosen, others, strict=False)
    )


def _number(logprob: float | None) -> float:
    """Return a log-probability that is not known as not-a-number, which JSON writes as null."""
    return math.nan if logprob is None else logprob
