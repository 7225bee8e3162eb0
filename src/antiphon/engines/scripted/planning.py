"""From the steps of an answer to the beats of its performance: facts, silences and errors, in order.

Pure: everything that a script does is known before the first beat, `stop`, the limit of tokens and the count included.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import msgspec

from antiphon.engines.scripted.failures import error_of
from antiphon.engines.scripted.script import (
    Answer,
    CallFunction,
    CountUsage,
    Crash,
    Fail,
    Figures,
    Finish,
    Refuse,
    Say,
    Step,
    WaitFor,
)
from antiphon.engines.scripted.tokens import tokens_of
from antiphon.errors import AntiphonError, EngineFailed
from antiphon.generation.facts import (
    ArgumentsProduced,
    ChoiceFinished,
    RefusalProduced,
    TextProduced,
    ToolCallStarted,
    UsageCounted,
)
from antiphon.wire.chat.answer import FinishReason, TokenLogprob, TopLogprob

# The likelihood that an invented alternative begins at; each further one has half of it.
_ALTERNATIVE = 0.05


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for so long."""

    ms: int


Fact = TextProduced | RefusalProduced | ToolCallStarted | ArgumentsProduced | ChoiceFinished
Beat = Fact | UsageCounted | Wait | AntiphonError


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request asks of the form of the answer. `top_logprobs` is `None` where none are asked for."""

    num_choices: int
    max_tokens: int | None
    stops: tuple[str, ...]
    seed: int
    top_logprobs: int | None


def plan(answer: Answer, limits: Limits, prompt: UsageCounted, salt: str) -> Iterator[Beat]:
    """Yield the beats of an answer, its choices side by side. `salt` makes the ids of its calls this answer's own."""
    choices = [_Choice(index, limits, salt) for index in range(limits.num_choices)]
    for beats in zip_longest(*(choice.beats(answer) for choice in choices)):
        for beat in beats:
            if beat is not None:
                yield beat
            if isinstance(beat, AntiphonError):
                return
    completion_tokens = sum(choice.num_tokens for choice in choices)
    counted = msgspec.structs.replace(prompt, completion_tokens=completion_tokens)
    yield with_figures(counted, [step.usage for step in answer if isinstance(step, CountUsage)])


def with_figures(counted: UsageCounted, figures: Sequence[Figures]) -> UsageCounted:
    """Return the count with the figures of the script in place of its own, later ones first."""
    for one in figures:
        given = {name: value for name, value in msgspec.structs.asdict(one).items() if value is not None}
        counted = msgspec.structs.replace(counted, **given)
    return counted


def chosen(say: Say, seed: int, index: int) -> str:
    """Return the text that the seed chooses for a choice."""
    if isinstance(say.say, str):
        return say.say
    digest = hashlib.sha256(f"{seed} {index}".encode()).digest()
    return say.say[int.from_bytes(digest[:8], "big") % len(say.say)]


class _Choice:
    """The performance of one choice. Silences are kept by the first choice alone: they are the engine's."""

    def __init__(self, index: int, limits: Limits, salt: str) -> None:
        self.num_tokens = 0
        self._index = index
        self._limits = limits
        self._salt = salt
        self._num_calls = 0
        self._reason: FinishReason | None = None

    def beats(self, answer: Answer) -> Iterator[Beat]:
        """Yield the beats up to the choice's end."""
        steps = self._until_a_stop(answer)
        for step in steps:
            yield from self._perform(step)
            if self._reason is not None:
                break
        yield ChoiceFinished(self._index, self._reason or ("tool_calls" if self._num_calls else "stop"))

    def _until_a_stop(self, answer: Answer) -> list[Step]:
        """Return the steps up to the first stop string in what they say together, their texts chosen and cut."""
        texts = [chosen(step, self._limits.seed, self._index) if isinstance(step, Say) else "" for step in answer]
        content = "".join(texts)
        found = [place for stop in self._limits.stops if (place := content.find(stop)) >= 0]
        end = min(found, default=math.inf)
        steps: list[Step] = []
        said = 0
        for step, text in zip(answer, texts, strict=True):
            if isinstance(step, Say):
                kept = text[: int(min(end - said, len(text)))]
                steps.append(msgspec.structs.replace(step, say=kept))
                said += len(text)
                if said > end:
                    return [*steps, Finish("stop")]
            else:
                steps.append(step)
        return steps

    def _perform(self, step: Step) -> Iterator[Beat]:
        match step:
            case Say():
                yield from self._say(step)
            case Refuse():
                for token in self._affordable(step.refuse):
                    yield from self._pause(step.ms_per_token)
                    yield RefusalProduced(self._index, token)
            case CallFunction():
                yield from self._call(step)
            case WaitFor():
                yield from self._pause(step.wait_ms)
            case Finish():
                self._reason = step.finish
            case Fail():
                yield error_of(step.fail)
            case Crash():
                yield EngineFailed(step.crash)
            case CountUsage():
                pass

    def _say(self, step: Say) -> Iterator[Beat]:
        assert isinstance(step.say, str), "the text was chosen"
        for token in self._affordable(step.say):
            yield from self._pause(step.ms_per_token)
            yield TextProduced(self._index, token, self._logprobs(token, step.logprob))

    def _call(self, step: CallFunction) -> Iterator[Beat]:
        call = self._num_calls
        self._num_calls += 1
        digest = hashlib.sha256(f"{self._salt} {self._index} {call}".encode()).hexdigest()
        yield ToolCallStarted(self._index, call, step.id or f"call_{digest[:24]}", step.call)
        arguments = step.arguments
        text = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
        for token in self._affordable(text):
            yield ArgumentsProduced(self._index, call, token)

    def _pause(self, ms: int) -> Iterator[Beat]:
        if ms and self._index == 0:
            yield Wait(ms)

    def _affordable(self, text: str) -> Iterator[str]:
        """Yield tokens as long as the limit allows; one too many ends the choice."""
        for token in tokens_of(text):
            if self.num_tokens == self._limits.max_tokens:
                self._reason = "length"
                return
            self.num_tokens += 1
            yield token

    def _logprobs(self, token: str, logprob: float) -> tuple[TokenLogprob, ...]:
        if self._limits.top_logprobs is None:
            return ()
        ranked = [(token, logprob)]
        ranked += [(f"{token}~{place}", math.log(_ALTERNATIVE / 2**place)) for place in range(20)]
        others = [TopLogprob(other, value, list(other.encode())) for other, value in ranked]
        return (TokenLogprob(token, logprob, list(token.encode()), others[: self._limits.top_logprobs]),)
