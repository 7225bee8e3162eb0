"""What a request says about sampling, as llama.cpp is told."""

from typing import Any

import pytest

from antiphon.catalogue.entry import Sampling
from antiphon.engines.llama.sampling import MOST_TOKENS, NUM_SEEDS, Place, Plan, call_of
from antiphon.engines.llama.wire import CompletionCall
from antiphon.wire.chat.request import ChatRequest

PLAN = Plan("prompt")


def call(plan: Plan = PLAN, defaults: Sampling | None = None, seed: int = 1, **options: Any) -> CompletionCall:
    """Return the call for a request of some options."""
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **options}
    return call_of(ChatRequest.model_validate(body), plan, defaults or Sampling(), seed, Place(0))


def test_a_silent_request_is_sampled_as_openai_does():
    """Temperature 1, every token in play, no penalty."""
    made = call()
    assert (made.temperature, made.top_p, made.top_k, made.min_p, made.repeat_penalty) == (1, 1, 0, 0, 1)
    assert (made.presence_penalty, made.frequency_penalty, made.logit_bias) == (0, 0, [])


def test_the_models_own_sampling_holds_where_the_request_is_silent():
    """And nowhere else."""
    own = Sampling(temperature=0.7, top_p=0.8, top_k=20)
    assert (call(defaults=own).temperature, call(defaults=own).top_p, call(defaults=own).top_k) == (0.7, 0.8, 20)
    asked = call(defaults=own, temperature=0, top_p=1)
    assert (asked.temperature, asked.top_p) == (0, 1)


@pytest.mark.parametrize("seed", [-(2**63), -1, 0, NUM_SEEDS, 2**63 - 1])
def test_every_seed_is_one_that_llama_takes_and_none_means_chance(seed: int):
    """The highest 32 bits mean 'random' there."""
    assert 0 <= call(seed=seed).seed < NUM_SEEDS


def test_biases_are_numbers_of_tokens_with_what_is_added():
    """JSON's keys are text, llama's tokens are not."""
    assert call(logit_bias={"7": -100, "3": 2.5}).logit_bias == [(3, 2.5), (7, -100)]


def test_penalties_do_not_count_the_prompt():
    """What llama.cpp will take off for the prompt's tokens is put on them beforehand."""
    plan = Plan("prompt", prompt_tokens=(5, 6, 5))
    made = call(plan, frequency_penalty=0.5, presence_penalty=1, logit_bias={"6": -3})
    assert made.logit_bias == [(5, 0.5 * 2 + 1), (6, 0.5 + 1 - 3)]
    assert made.repeat_last_n > 100_000


def test_without_penalties_the_prompts_tokens_are_left_alone():
    """There is nothing to make up for."""
    assert call(Plan("prompt", prompt_tokens=(5, 6))).logit_bias == []


def test_no_limit_means_the_rest_of_the_context():
    """And a limit is passed on."""
    assert (call().n_predict, call(Plan("p", max_tokens=5)).n_predict) == (-1, 5)


def test_more_tokens_than_llama_can_count_are_as_many_as_it_can():
    """Beyond 31 bits it would wrap around, to an answer of no tokens."""
    assert call(Plan("prompt", max_tokens=2**32)).n_predict == MOST_TOKENS
