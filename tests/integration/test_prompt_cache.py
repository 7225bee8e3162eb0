"""The prompt cache with a real small model: the same answers with and without a hit, and nothing for anybody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random

import pytest
import pytest_asyncio
from tests.fixtures.cached_engine import CachedEngine, cached_engine, kept_tokens, words

from antiphon.errors import EngineError

pytestmark = pytest.mark.asyncio(loop_scope="module")

GREEDY = {"temperature": 0}
SEEDED = {"temperature": 1, "seed": 7}
QUESTION = "Which of these words is the longest?"
LONG_WORDS = 1_060  # a little more than the 1,024 tokens from which on a prompt is written to the disk
# So many prompts of random length, half of them short ones that stay in slots: `pytest -m chaos` on this file.
NUM_PROMPTS = 50
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "find_word",
            "description": "Finds a word in a book",
            "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
        },
    }
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def double(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CachedEngine]:
    """An engine of two slots."""
    async with cached_engine(tmp_path_factory.mktemp("two"), num_slots=2) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def cached(double: CachedEngine) -> CachedEngine:
    """An engine of two slots that holds nothing: what is larger would be the last to give way."""
    await double.cache.remove_all()
    return double


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def single(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CachedEngine]:
    """An engine of one slot, in which the choices of a request follow one another."""
    async with cached_engine(tmp_path_factory.mktemp("one"), num_slots=1) as one:
        yield one


async def same_from_a_slot(cached: CachedEngine, system: str) -> None:
    """Assert that a prompt has the same answers cold and with a hit in memory, to the last bit of each probability."""
    await cached.cache.remove_all()
    first, second = cached.new_organization(), cached.new_organization()
    cold = [await cached.ask(first, system, QUESTION, **GREEDY), await cached.ask(second, system, QUESTION, **SEEDED)]
    hits = [await cached.ask(second, system, QUESTION, **GREEDY), await cached.ask(first, system, QUESTION, **SEEDED)]
    assert hits == cold
    assert [one.usage.cached_tokens for one in cold] == [0, 0]
    for hit in hits:
        assert hit.usage.cached_tokens == kept_tokens(cached.engine.server, hit.usage.prompt_tokens - 1)


async def same_from_a_file(cached: CachedEngine, system: str) -> None:
    """Assert the same of a hit out of a file, once the process that computed it is gone."""
    await cached.cache.remove_all()
    first, second = cached.new_organization(), cached.new_organization()
    cold = [await cached.ask(first, system, QUESTION, **GREEDY), await cached.ask(second, system, QUESTION, **SEEDED)]
    assert [one.usage.cached_tokens for one in cold] == [0, 0]
    await cached.saved(first)
    await cached.saved(second)
    await cached.killed()
    restores = cached.watched.actions["restore"]
    hits = [await cached.ask(first, system, QUESTION, **GREEDY), await cached.ask(second, system, QUESTION, **SEEDED)]
    assert hits == cold
    assert cached.watched.actions["restore"] == restores + 2
    for hit in hits:
        assert hit.usage.cached_tokens == kept_tokens(cached.engine.server, hit.usage.prompt_tokens - 1)


@pytest.mark.parametrize("seed", range(8))
async def test_an_answer_is_the_same_with_a_hit_in_memory(cached: CachedEngine, seed: int):
    """Greedy and drawn with a seed, token for token."""
    await same_from_a_slot(cached, words(seed, Random(seed).randrange(150, 700)))


@pytest.mark.parametrize("seed", range(2))
async def test_an_answer_is_the_same_with_a_hit_out_of_a_file(cached: CachedEngine, seed: int):
    """Greedy and drawn with a seed, token for token, in another process."""
    await same_from_a_file(cached, words(100 + seed, LONG_WORDS + Random(seed).randrange(64)))


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_fifty_prompts_have_the_same_answers(cached: CachedEngine):
    """Prompts of random length, from memory and from files."""
    for seed in range(1_000, 1_000 + NUM_PROMPTS):
        random = Random(seed)
        await same_from_a_slot(cached, words(seed, random.randrange(150, 900)))
        await same_from_a_file(cached, words(seed, random.randrange(LONG_WORDS, 1_400)))


async def test_identical_prompts_of_other_organisations_are_computed_whole(cached: CachedEngine):
    """The first time that each asks, in ten random orders, by the engine's own count."""
    for seed in range(10):
        system = words(200 + seed, Random(seed).randrange(100, 200))
        order = [cached.new_organization() for _ in range(3)] * 2
        Random(seed).shuffle(order)
        begun = set[str]()
        for organization in order:
            answer = await cached.ask(organization, system, QUESTION, max_tokens=1)
            if organization not in begun:
                assert (answer.usage.cached_tokens, cached.watched.had[-1]) == (0, 0)
            begun.add(organization)


async def test_what_is_on_the_disk_is_for_its_organisation_alone(cached: CachedEngine):
    """Another one computes all of it, also after the process that had it is gone."""
    system, owner, other = words(300, LONG_WORDS), cached.new_organization(), cached.new_organization()
    await cached.ask(owner, system, QUESTION)
    await cached.saved(owner)
    await cached.killed()
    restores = cached.watched.actions["restore"]
    answer = await cached.ask(other, system, QUESTION)
    assert (answer.usage.cached_tokens, cached.watched.had[-1]) == (0, 0)
    assert cached.watched.actions["restore"] == restores


async def test_an_engine_killed_between_requests_holds_nothing(cached: CachedEngine):
    """The answer is the same, and nothing is told to have been there."""
    organization, system = cached.new_organization(), words(400, 150)
    first = await cached.ask(organization, system, QUESTION)
    cached.kill()
    again = await cached.ask(organization, system, QUESTION)
    assert again == first
    assert (again.usage.cached_tokens, cached.watched.had[-1]) == (0, 0)


async def test_an_engine_killed_within_a_prompt_leaves_no_claim(cached: CachedEngine):
    """Whether that request could be saved or not, the next one is answered right."""
    organization, system = cached.new_organization(), words(401, 600)
    first = await cached.ask(cached.new_organization(), system, QUESTION)
    asking = asyncio.create_task(cached.ask(organization, system, QUESTION))
    await cached.working()
    cached.kill()
    (killed,) = await asyncio.gather(asking, return_exceptions=True)
    assert killed == first or isinstance(killed, EngineError)
    again = await cached.ask(organization, system, QUESTION)
    assert again == first
    assert again.usage.cached_tokens <= cached.watched.had[-1]


@pytest.mark.parametrize("action", ["save", "restore"])
async def test_an_engine_killed_on_the_way_to_the_disk_or_back_answers_right(cached: CachedEngine, action: str):
    """What was not written whole is not there, and what could not be read is computed."""
    organization, other, system = cached.new_organization(), cached.new_organization(), words(402, LONG_WORDS)
    first = await cached.ask(other, system, QUESTION)
    await cached.saved(other)
    cached.kills_at = action
    await cached.ask(organization, system, QUESTION)
    if action == "restore":
        await cached.saved(organization)
        await cached.killed()
    else:
        async with asyncio.timeout(20):
            while cached.kills_at:  # noqa: ASYNC110  (nobody tells when a slot was saved)
                await asyncio.sleep(0.02)
    again = await cached.ask(organization, system, QUESTION)
    assert cached.kills_at == ""
    assert again == first
    assert again.usage.cached_tokens <= cached.watched.had[-1]


async def test_a_client_that_leaves_within_a_prompt_leaves_no_claim(cached: CachedEngine):
    """Of a prompt that was not computed to its end nothing counts as kept."""
    organization, system = cached.new_organization(), words(500, 800)
    asking = asyncio.create_task(cached.ask(organization, system, QUESTION))
    await cached.working()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert cached.entries(organization) == []
    again = await cached.ask(organization, system, QUESTION)
    assert again == await cached.ask(cached.new_organization(), system, QUESTION)
    assert again.usage.cached_tokens == 0


async def test_a_client_that_leaves_within_an_answer_leaves_the_prompt(cached: CachedEngine):
    """What was computed counts, and the next answer is the same with it."""
    organization, system = cached.new_organization(), words(501, 300)
    async with aclosing(cached.engine.chat(cached.work(organization, system, QUESTION, max_tokens=200))) as facts:
        await anext(facts)
    again = await cached.ask(organization, system, QUESTION)
    assert again == await cached.ask(cached.new_organization(), system, QUESTION)
    assert again.usage.cached_tokens == kept_tokens(cached.engine.server, again.usage.prompt_tokens - 1)


async def test_explicit_mode_without_a_breakpoint_keeps_and_finds_nothing(cached: CachedEngine):
    """Though an earlier request left all of it."""
    organization, system = cached.new_organization(), words(600, 150)
    first = await cached.ask(organization, system, QUESTION)
    asked = {"prompt_cache_options": {"mode": "explicit"}}
    for _ in range(2):
        answer = await cached.ask(organization, system, QUESTION, **asked)
        assert answer == first
        assert answer.usage.cached_tokens == 0
    assert await cached.ask(organization, system, QUESTION) == first


async def test_explicit_mode_keeps_what_ends_at_a_breakpoint(cached: CachedEngine):
    """And no more, be the rest the same again."""
    organization = cached.new_organization()
    marked = {"type": "text", "text": words(601, 200), "prompt_cache_breakpoint": {"mode": "explicit"}}
    parts = [marked, {"type": "text", "text": words(602, 200)}]
    asked = {"prompt_cache_options": {"mode": "explicit"}}
    first = await cached.ask(organization, parts, **asked)
    again = await cached.ask(organization, parts, **asked)
    tokens = await cached.engine.server.tokens(marked["text"], add_special=False, parse_special=False)
    assert again == first
    assert (first.usage.cached_tokens, cached.entries(organization)[0].num_tokens) == (0, again.usage.cached_tokens)
    # What the template puts before the user's words is less than a chunk.
    assert 0 <= again.usage.cached_tokens - kept_tokens(cached.engine.server, len(tokens)) <= 64
    assert again.usage.cached_tokens <= len(tokens) + 64


async def test_a_prompt_that_stays_in_memory_is_never_written(cached: CachedEngine):
    """It is a hit all the same; another request with the same words may be written."""
    organization, system = cached.new_organization(), words(700, LONG_WORDS)
    saves = cached.watched.actions["save"]
    first = await cached.ask(organization, system, QUESTION, prompt_cache_retention="in_memory")
    await asyncio.sleep(0.5)  # five times the time after which it would be written
    again = await cached.ask(organization, system, QUESTION, prompt_cache_retention="in_memory")
    (entry,) = cached.entries(organization)
    assert again == first
    assert again.usage.cached_tokens == entry.num_tokens
    assert (entry.tiers, cached.watched.actions["save"]) == (("memory",), saves)


@pytest.mark.parametrize("num_before", [1, 2])
async def test_what_is_saved_beside_a_request_does_not_change_its_answer(cached: CachedEngine, num_before: int):
    """Either slot is written while the other computes the only request that there is."""
    system, organization = words(702, 600), cached.new_organization()
    await cached.killed()
    first, *_ = [
        await cached.ask(cached.new_organization(), system, QUESTION, f"Answer in {number} words.")
        for number in range(num_before)
    ]
    await cached.cache.remove_all()
    await cached.ask(organization, words(703, LONG_WORDS), QUESTION)
    saves = cached.watched.actions["save"]
    again = await cached.answer(cached.work(cached.new_organization(), system, QUESTION, "Answer in 0 words."))
    assert cached.watched.actions["save"] > saves
    assert again == first


async def test_deletion_frees_the_slot_and_the_file(cached: CachedEngine):
    """The slot is erased, and the prompt is computed whole."""
    organization, system = cached.new_organization(), words(701, LONG_WORDS)
    first = await cached.ask(organization, system, QUESTION)
    entry = await cached.saved(organization)
    erasures = cached.watched.actions["erase"]
    await cached.cache.remove(entry.id)
    async with asyncio.timeout(20):
        while cached.watched.actions["erase"] == erasures:  # noqa: ASYNC110  (it happens behind the requests)
            await asyncio.sleep(0.01)
    assert not cached.has_file(entry)
    again = await cached.ask(organization, system, QUESTION)
    assert again == first
    assert (again.usage.cached_tokens, cached.watched.had[-1]) == (0, 0)


async def test_three_choices_are_the_same_with_a_hit(single: CachedEngine):
    """The second and the third find what the first left; only what was there before the request is told."""
    system, organization = words(800, 250), single.new_organization()
    asked = {"n": 3, "temperature": 1, "seed": 11}
    cold = await single.ask(organization, system, QUESTION, **asked)
    hit = await single.ask(organization, system, QUESTION, **asked)
    assert sorted(hit.facts, key=repr) == sorted(cold.facts, key=repr)
    assert cold.usage.cached_tokens == 0
    assert hit.usage.cached_tokens == kept_tokens(single.engine.server, hit.usage.prompt_tokens - 1)


@pytest.mark.parametrize("question", ["Please find the word 'lantern' in the book.", "Good morning, how are you?"])
async def test_a_request_with_functions_is_the_same_with_a_hit(single: CachedEngine, question: str):
    """Whether the model calls one or answers in words."""
    system, organization = words(801, 250), single.new_organization()
    asked = {"tools": TOOLS, "tool_choice": "auto", "max_tokens": 24, **GREEDY}
    cold = await single.ask(organization, system, question, **asked)
    hit = await single.ask(organization, system, question, **asked)
    assert hit == cold
    assert (cold.usage.cached_tokens, hit.usage.cached_tokens > 200) == (0, True)
