"""The contract of `CompletionEngine`, held by every engine: plain text goes on."""

import pytest
from tests.contract.engines.subjects import CONTEXT_TOKENS, Subject, gathered, reason, text, usage

from antiphon.errors import InvalidRequest
from antiphon.generation.facts import TextProduced

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNTING = "one, two, three, four, five, six, seven, eight, nine, ten, eleven,"


async def test_a_prompt_is_continued_up_to_the_limit(subject: Subject, streams: bool):
    """The continuation has as many tokens as were allowed."""
    facts = await gathered(subject.complete(COUNTING, stream=streams, max_tokens=4, temperature=0))
    assert text(facts)
    assert (reason(facts), usage(facts).completion_tokens) == ("length", 4)
    assert usage(facts).prompt_tokens > 0


async def test_a_continuation_without_a_limit_ends_at_16_tokens(subject: Subject):
    """OpenAI's older API has that default."""
    facts = await gathered(subject.complete(COUNTING, temperature=0))
    assert usage(facts).completion_tokens == 16


async def test_a_stop_string_ends_the_continuation_before_it(subject: Subject, streams: bool):
    """The continuation is that without a stop string, up to where the string would begin."""
    options = {"stream": streams, "max_tokens": 16, "temperature": 0, "seed": 7}
    unbounded = text(await gathered(subject.complete(COUNTING, **options)))
    stop = unbounded[len(unbounded) // 2 :][:3]
    facts = await gathered(subject.complete(COUNTING, stop=[stop], **options))
    assert text(facts) == unbounded[: unbounded.index(stop)]
    assert reason(facts) == "stop"


async def test_n_continuations_are_as_many_choices_and_one_count(subject: Subject, streams: bool):
    """Each choice says something and ends."""
    facts = await gathered(subject.complete(COUNTING, n=2, stream=streams, max_tokens=3))
    assert all(text(facts, index) for index in range(2))
    assert usage(facts).completion_tokens == 6


async def test_log_probabilities_are_of_the_tokens_of_the_text(subject: Subject, streams: bool):
    """In the older form too, there is one for each token, with the likeliest beside it."""
    facts = await gathered(subject.complete(COUNTING, logprobs=2, stream=streams, max_tokens=4, temperature=0))
    entries = [entry for fact in facts if isinstance(fact, TextProduced) for entry in fact.logprobs]
    assert "".join(entry.token for entry in entries) == text(facts)
    assert all(entry.logprob <= 0 for entry in entries)
    assert all(len(entry.top_logprobs) == 2 for entry in entries)


async def test_a_prompt_over_the_context_is_refused(subject: Subject, streams: bool):
    """The error is the caller's to mend."""
    with pytest.raises(InvalidRequest) as refusal:
        await gathered(subject.complete("over and over " * CONTEXT_TOKENS, stream=streams))
    assert refusal.value.code == "context_length_exceeded"


async def test_tokens_that_the_model_does_not_have_are_refused(subject: Subject):
    """A prompt of tokens is taken if it is the model's own, and refused in words if it is not."""
    with pytest.raises(InvalidRequest):
        await gathered(subject.complete((2**31 - 1, 2**31 - 2)))


async def test_closing_early_ends_the_work_within_a_second(subject: Subject):
    """Whoever stops listening frees the engine, to its last process."""
    facts = subject.complete(subject.story, stream=True, max_tokens=400)
    assert isinstance(await anext(facts), TextProduced)
    await facts.aclose()
    assert await subject.becomes_idle()
