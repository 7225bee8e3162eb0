"""What a request says about sampling, and what stands where it says nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from antiphon.catalogue.entry import Sampling
from antiphon.engines.llama.choosing import Question
from antiphon.engines.llama.wire import CompletionCall, Prompt
from antiphon.wire.chat.request import ChatRequest
from antiphon.wire.completions import CompletionRequest

# llama.cpp takes 32 bits, of which the highest value means "random".
NUM_SEEDS = 2**32 - 1
# It takes 31 bits of an answer's length, and makes something else of more; no context is as long.
MOST_TOKENS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What all choices of a request share, beside its sampling.

    `max_tokens` is `None` for the rest of the context; `prompt_tokens` are wanted where a penalty is, see `logit_bias`.
    """

    prompt: Prompt
    grammar: str = ""
    max_tokens: int | None = None
    num_probabilities: int = 0
    prompt_tokens: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The slot in which a call is computed; `follows` says that the slot holds the beginning of the same work
    or conversation.
    """

    slot: int
    follows: bool = False


def call_of(
    request: ChatRequest | CompletionRequest, plan: Plan, defaults: Sampling, seed: int, place: Place
) -> CompletionCall:
    """Return the call for one choice.

    Where the request is silent the model's own defaults hold, then OpenAI's (temperature 1, top_p 1). Filters that
    OpenAI's API does not have are the model's, and off where it names none.
    """
    return CompletionCall(
        prompt=plan.prompt,
        n_predict=-1 if plan.max_tokens is None else min(plan.max_tokens, MOST_TOKENS),
        seed=seed % NUM_SEEDS,
        temperature=_first(request.temperature, defaults.temperature, 1.0),
        top_p=_first(request.top_p, defaults.top_p, 1.0),
        top_k=defaults.top_k or 0,
        min_p=defaults.min_p or 0.0,
        repeat_penalty=_first(None, defaults.repeat_penalty, 1.0),
        presence_penalty=request.presence_penalty or 0.0,
        frequency_penalty=request.frequency_penalty or 0.0,
        repeat_last_n=REACH_TOKENS if has_penalty(request) else 64,
        logit_bias=logit_bias(request, plan.prompt_tokens),
        n_probs=plan.num_probabilities,
        grammar=plan.grammar,
        id_slot=place.slot,
        cache_prompt=place.follows,
    )


def question_call(question: Question, place: Place) -> CompletionCall:
    """Return the call that asks for the likeliest tokens."""
    return msgspec.structs.replace(
        prompt_call(question.prompt, place),
        n_predict=question.max_tokens,
        n_probs=max(1, question.num_likeliest),
        grammar=question.grammar,
    )


def prompt_call(prompt: Prompt, place: Place) -> CompletionCall:
    """Return the call that computes a prompt and no more."""
    return CompletionCall(
        prompt=prompt,
        n_predict=0,
        seed=0,
        temperature=0,
        top_p=1,
        top_k=0,
        min_p=0,
        repeat_penalty=1,
        presence_penalty=0,
        frequency_penalty=0,
        repeat_last_n=0,
        logit_bias=[],
        n_probs=0,
        grammar="",
        id_slot=place.slot,
        cache_prompt=place.follows,
    )


# Further back than any context reaches.
REACH_TOKENS = 2**20


def has_penalty(request: ChatRequest | CompletionRequest) -> bool:
    """Whether tokens are to be penalised for having been written."""
    return bool(request.presence_penalty or request.frequency_penalty)


def logit_bias(request: ChatRequest | CompletionRequest, prompt_tokens: Sequence[int]) -> list[tuple[int, float]]:
    """Return what is added to logits: the request's own biases, and the penalties of the prompt's tokens undone.

    OpenAI penalises what the model wrote, llama.cpp what stands in the prompt too, the end of each message included,
    so that a penalised answer to a long chat would not find its end. A token of the prompt gets back
    `frequency_penalty` for each time it stands there, and `presence_penalty` once.
    """
    biases = {int(token): bias for token, bias in (request.logit_bias or {}).items()}
    if has_penalty(request):
        frequency, presence = request.frequency_penalty or 0.0, request.presence_penalty or 0.0
        for token, count in Counter(prompt_tokens).items():
            biases[token] = biases.get(token, 0.0) + frequency * count + presence
    return sorted(biases.items())


def _first(asked: float | None, own: float | None, otherwise: float) -> float:
    if asked is not None:
        return asked
    return own if own is not None else otherwise
