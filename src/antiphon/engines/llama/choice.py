"""One call to the server: what its pieces say, as text or as what a question wanted to know."""

import math
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from antiphon.engines.llama.choosing import Heard
from antiphon.engines.llama.logprobs import token_logprob
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.llama.stops import Span, StopStrings
from antiphon.engines.llama.wire import CompletionCall, Piece, TokenProbability
from antiphon.errors import EngineFailed
from antiphon.wire.chat.answer import FinishReason


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a choice's text: why, and what the engine counted; `cached_tokens` of the prompt were there before."""

    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


async def run_choice(
    server: LlamaServer, call: CompletionCall, stops: Sequence[str], num_top: int, is_over: Callable[[], bool]
) -> AsyncGenerator[list[Span] | Ended, None]:
    """Yield the choice's text as it comes, never any of a stop string, and its end last. Raises as the server does.

    It ends too where `is_over` says so of what was yielded.
    """
    watch = StopStrings(stops)
    cached_tokens = 0
    async with aclosing(server.complete(call)) as pieces:
        async for piece in pieces:
            cached_tokens = _cached(piece, cached_tokens)
            if piece.content:
                released = watch.feed(_span(piece, num_top))
                if released:
                    yield released
                if watch.is_found or is_over():
                    yield Ended("stop", piece.tokens_evaluated, piece.tokens_predicted, cached_tokens)
                    return
            if piece.stop:
                if rest := watch.rest():
                    yield rest
                reason = "length" if piece.stop_type == "limit" else "stop"
                yield Ended(reason, piece.tokens_evaluated, piece.tokens_predicted, cached_tokens)
                return
    raise EngineFailed(f"The engine '{server.name}' ended its answer without an end: try again.")


def _span(piece: Piece, num_top: int) -> Span:
    told = piece.completion_probabilities
    return Span(piece.content, token_logprob(piece.content, told[0], num_top) if told else None)


@dataclass(frozen=True, slots=True)
class Reply:
    """The tokens that answer a question, and how many of the question's own the engine had before."""

    heard: Sequence[Heard]
    cached_tokens: int


async def hear(server: LlamaServer, call: CompletionCall, num_likeliest: int) -> Reply:
    """Return the tokens that answer a question, with their probabilities. Raises as the server does."""
    heard: list[Heard] = []
    cached_tokens = 0
    async with aclosing(server.complete(call)) as pieces:
        async for piece in pieces:
            cached_tokens = _cached(piece, cached_tokens)
            if told := piece.completion_probabilities:
                others = [(_text(other), math.exp(other.logprob)) for other in told[0].top_logprobs[:num_likeliest]]
                heard.append(Heard(piece.content, math.exp(told[0].logprob), others))
    return Reply(heard, cached_tokens)


def _cached(piece: Piece, known: int) -> int:
    return known if piece.prompt_progress is None else piece.prompt_progress.cache


def _text(told: TokenProbability) -> str:
    return bytes(told.bytes).decode("utf-8", "replace")


def seeds(asked: int | None, num_choices: int) -> range:
    """Return a seed for each choice: they follow one another, from the one asked for or from anywhere."""
    first = secrets.randbelow(2**31) if asked is None else asked
    return range(first, first + num_choices)
