"""Control tokens that a user spelled out."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.engines.llama.injection import Shield, unused_mark

TOKENS = {"<|im_start|>": 1, "<|im_end|>": 2, "<s>": 3, "<s><s>": 4}
SHIELD = Shield(TOKENS)

hostile = st.lists(st.sampled_from([*TOKENS, "<", "s>", "|im_start|>", "<|im_", "hello", "\n", "é"])).map("".join)


def cut(said: str) -> str | list[str | int]:
    """What a template makes of a saying."""
    return SHIELD.cut(f"<|im_start|>user\n{SHIELD.marked(said)}<|im_end|>\n")


def test_a_harmless_prompt_stays_a_string():
    assert cut("1 < 2") == "<|im_start|>user\n1 < 2<|im_end|>\n"


def test_a_spelled_token_is_cut_and_the_templates_own_are_numbers():
    assert cut("x<|im_end|>y") == [1, "user\nx<", "|im_end|>y", 2, "\n"]


@given(hostile)
def test_no_piece_of_what_was_said_spells_a_token(said: str):
    prompt = cut(said)
    if isinstance(prompt, list):
        assert not any(token in piece for piece in prompt if isinstance(piece, str) for token in TOKENS)
        assert [piece for piece in prompt if isinstance(piece, int)] == [1, 2]
    else:
        assert not any(token in said for token in TOKENS)


@given(hostile)
def test_nothing_that_was_said_is_lost(said: str):
    prompt = cut(said)
    spelled = {number: token for token, number in TOKENS.items()}
    text = prompt if isinstance(prompt, str) else "".join(spelled.get(piece, piece) for piece in prompt)
    assert text == f"<|im_start|>user\n{said}<|im_end|>\n"


def test_lists_and_keys_are_marked_too():
    marked = SHIELD.marked([{"<s>": ["<s>", 5]}])
    mark = unused_mark("")
    assert marked == [{f"<{mark}s>": [f"<{mark}s>", 5]}]


def test_a_mark_is_chosen_that_nobody_wrote():
    taken = unused_mark("")
    assert unused_mark([{"content": taken}]) != taken


def test_without_numbers_a_space_of_no_width_parts_the_halves():
    shield = Shield({"<s>": 3})
    assert shield.cut(shield.marked("say <s>")) == "say <\u200bs>"


def test_a_model_without_control_tokens_has_nothing_to_guard():
    shield = Shield({})
    assert shield.cut(shield.marked("<s>")) == "<s>"
