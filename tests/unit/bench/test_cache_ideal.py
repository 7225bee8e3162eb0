"""What an unbounded cache of each organisation would serve, and how the contract counts it."""

import pytest
from bench.cache.ideal import counted, num_in_common, unbounded
from bench.cache.trace import ORGANIZATIONS, requests
from hypothesis import given
from hypothesis import strategies as st

PROMPTS = st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 2), min_size=1, max_size=8)), max_size=12)


def test_the_longest_earlier_prefix_of_the_same_owner_is_held():
    """The second prompt of an owner has two tokens of the first, the third three of the second."""
    asked = [("a", [1, 2, 3]), ("a", [1, 2, 4, 5]), ("a", [1, 2, 4, 6])]
    assert unbounded(asked) == [0, 2, 3]


def test_another_owners_prompt_is_not_held():
    """Two owners ask the same, and the second finds nothing."""
    assert unbounded([("a", [1, 2, 3]), ("b", [1, 2, 3, 4])]) == [0, 0]


def test_the_last_token_is_computed():
    """Of a prompt that was asked before, all but one token are held."""
    assert unbounded([("a", [1, 2, 3]), ("a", [1, 2, 3])]) == [0, 2]


@given(PROMPTS)
def test_what_is_held_is_a_true_prefix_of_an_earlier_prompt(asked: list[tuple[str, list[int]]]):
    """For each request some earlier prompt of its owner begins with the tokens that are held."""
    for place, held in enumerate(unbounded(asked)):
        owner, tokens = asked[place]
        earlier = [other for of, other in asked[:place] if of == owner]
        assert held < len(tokens)
        assert held == 0 or any(other[:held] == tokens[:held] for other in earlier)


@given(st.lists(st.integers(0, 1)), st.lists(st.integers(0, 1)))
def test_what_is_in_common_ends_at_the_first_difference(one: list[int], other: list[int]):
    """Both begin alike for so many tokens, and for no more."""
    num = num_in_common(one, other)
    assert one[:num] == other[:num]
    assert one[: num + 1] != other[: num + 1] or num == len(one) == len(other)


@pytest.mark.parametrize(("matched", "told"), [(0, 0), (1023, 0), (1024, 1024), (1151, 1024), (1152, 1152)])
def test_the_contract_counts_whole_steps_from_1024_on(matched: int, told: int):
    """Nothing counts under 1,024 tokens, and then every 128 of them."""
    assert counted(matched) == told


def test_conversations_grow_and_share_their_organisations_instructions():
    """Each turn begins with the turn before it, and all of an organisation with one system message."""
    before: dict[int, list[dict[str, str]]] = {}
    systems: dict[str, set[str]] = {name: set() for name in ORGANIZATIONS}
    for request in requests(8, 3):
        earlier = before.get(request.conversation, request.messages[:1])
        assert request.messages[: len(earlier)] == earlier
        assert request.messages[-1]["role"] == "user"
        systems[request.organization].add(request.messages[0]["content"])
        before[request.conversation] = request.messages
    assert [len(messages) for messages in before.values()] == [6] * 8
    assert [len(texts) for texts in systems.values()] == [1] * 4
