"""Layouts that are found from turn to turn."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.engines.llama.gguf_header import Vocabulary
from antiphon.engines.llama.measuring import MAX_REMEMBERED, Layouts
from antiphon.engines.llama.render import Renderer
from antiphon.engines.llama.tools import offer_of
from antiphon.wire.chat.request import ChatRequest

RENDERER = Renderer(Vocabulary(None, "<s>", "</s>", {"<|im_start|>": 1, "<|im_end|>": 2}))
TOOLS = [{"type": "function", "function": {"name": "look", "description": "Looks"}}]
CALL = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
PIECES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "What is it?"},
    {"role": "assistant", "content": "A boat."},
    {"role": "assistant", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c", "content": "It is old."},
]


def request(messages: list[dict], tools: list[dict] | None = None) -> ChatRequest:
    """Return a request."""
    return ChatRequest.model_validate({"model": "m", "messages": messages, "tools": tools})


def spans(messages: list[dict], tools: list[dict] | None = None) -> list[str]:
    """Return each message's text in the prompt, after what goes before the first."""
    asked = request(messages, tools)
    layout = RENDERER.layout(asked, offer_of(asked))
    bounds = [0, layout.start, *layout.ends]
    return [layout.text[start:end] for start, end in pairwise(bounds)]


def test_each_message_has_its_frame():
    assert spans(PIECES[:3]) == [
        "",
        "<|im_start|>system\nBe brief.<|im_end|>\n",
        "<|im_start|>user\nWhat is it?<|im_end|>\n",
        "<|im_start|>assistant\nA boat.<|im_end|>\n",
    ]


def test_what_functions_there_are_stands_in_the_first_message_and_is_told_apart():
    asked = request(PIECES[:2], TOOLS)
    layout = RENDERER.layout(asked, offer_of(asked))
    written = layout.text[slice(*layout.instructed)]
    assert written.strip().startswith("# Functions")
    assert "Be brief." not in written
    assert layout.text[layout.ends[0] : layout.ends[1]] == "<|im_start|>user\nWhat is it?<|im_end|>\n"


def test_instructions_that_are_made_up_are_nobodys():
    """With functions and no system message there is one that the server wrote."""
    before, user = spans(PIECES[1:2], TOOLS)
    assert "# Functions" in before
    assert user == "What is it?<|im_end|>\n"


def test_a_result_that_is_told_with_its_question_counts_as_the_result():
    """The call that led to it is not in the prompt."""
    _, _, question, call, result = spans([*PIECES[:2], *PIECES[3:]])
    assert question == "<|im_start|>user\nWhat is it?"
    assert call == ""
    assert result.startswith("\n\nlook({}) returned: It is old.")


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=3), min_size=1, max_size=5))
def test_a_layout_is_the_same_whether_earlier_turns_are_known_or_not(turns: list[list[dict]]):
    """Whatever was added, results among it."""
    layouts = Layouts(RENDERER)
    messages: list[dict] = [PIECES[0]]
    for turn in turns:
        messages = [*messages, *turn]
        asked = request(messages, TOOLS)
        offer = offer_of(asked)
        words_offer = None if offer is not None and offer.answered else offer
        expected = RENDERER.layout(asked, words_offer)
        assert layouts.layout("conv_1", asked, words_offer, None) == expected


def test_a_conversation_that_was_cut_is_measured_anew():
    layouts = Layouts(RENDERER)
    whole = [*PIECES[:3], *PIECES[1:3], PIECES[1]]
    for messages in (whole, whole[:1] + whole[3:], [PIECES[0]], whole):
        asked = request(messages)
        assert layouts.layout("c", asked, None, None) == RENDERER.layout(asked)


def test_no_more_is_remembered_than_was_said(monkeypatch: pytest.MonkeyPatch):
    """The conversation that was silent longest is forgotten, and measured anew."""
    layouts = Layouts(RENDERER)
    known = []
    measure = RENDERER.layout
    monkeypatch.setattr(RENDERER, "layout", lambda *given: known.append(given[3]) or measure(*given))
    asked = request(PIECES[:3] + PIECES[1:2])
    for number in [*range(MAX_REMEMBERED + 1), MAX_REMEMBERED, 0]:
        layouts.layout(f"conv_{number}", asked, None, None)
    assert known[-2] is not None
    assert known[-1] is None
