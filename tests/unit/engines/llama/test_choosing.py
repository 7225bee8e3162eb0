"""Whether to call, and which function, from what the model told."""

from dataclasses import replace

import pytest
from tests.unit.engines.llama.offers import WEATHER, offered

from antiphon.engines.llama.choosing import Heard, Question, Writing, first_step, with_text
from antiphon.engines.llama.tool_grammar import arguments_grammar, names_grammar, words_grammar
from antiphon.engines.llama.tools import BEFORE_NAME, Offer

ANSWER = "%llguidance {}\nstart: OF_THE_ANSWER\n"


def beginning(wish: float) -> list[Heard]:
    """A first token of which a call, in whatever form, is as likely as `wish`."""
    likeliest = [("Well", 1 - wish), ('{"', wish / 2), ("```", wish / 4), (" <", wish / 4)]
    return [Heard("Well", 1 - wish, likeliest)]


def name(text: str, probability: float = 1.0) -> list[Heard]:
    """A name in two tokens, the engine's end after it."""
    return [Heard(text[:2], probability), Heard(text[2:] + '",', 1.0), Heard("", 0.0)]


def asked(step: object) -> Question:
    """The step, which is a question."""
    assert isinstance(step, Question)
    return step


def test_without_an_offer_the_answer_is_written():
    assert first_step("prompt", None, ANSWER) == Writing("prompt", ANSWER)


def test_a_single_function_that_must_be_called_is_called():
    offer = offered(WEATHER, tool_choice="required", parallel_tool_calls=False)
    step = first_step("prompt ", offer)
    prompt = 'prompt <tool_call>\n{"name": "weather", "arguments": '
    assert step == Writing(prompt, arguments_grammar(offer.functions[0]), "weather")


def test_of_several_functions_the_likeliest_must_be_called():
    question = asked(first_step("prompt ", offered(tool_choice="required")))
    assert question.prompt == "prompt " + BEFORE_NAME
    step = question.decide(name("time", 0.001))
    assert isinstance(step, Writing)
    assert step.called == "time"


def test_whoever_wants_no_call_answers_in_words():
    step = asked(first_step("prompt", offered())).decide(beginning(0.1))
    assert step == Writing("prompt", words_grammar())


def test_whoever_wants_a_call_is_asked_which():
    question = asked(asked(first_step("prompt", offered())).decide(beginning(0.9)))
    step = question.decide(name("weather", 0.8))
    assert isinstance(step, Writing)
    assert step.called == "weather"


@pytest.mark.parametrize(("wish", "sureness", "called"), [(0.9, 0.1, None), (0.3, 0.9, "time"), (0.3, 0.3, None)])
def test_the_wish_and_the_name_decide_together(wish: float, sureness: float, called: str | None):
    question = asked(asked(first_step("prompt", offered())).decide(beginning(wish)))
    step = question.decide(name("time", sureness))
    assert isinstance(step, Writing)
    assert step.called == called


def test_where_the_answer_is_json_the_name_alone_decides():
    question = asked(first_step("prompt", offered(), ANSWER))
    assert question.prompt == "prompt" + BEFORE_NAME
    assert question.decide(name("time", 0.1)) == Writing("prompt", ANSWER)
    called = question.decide(name("time", 0.5))
    assert isinstance(called, Writing)
    assert called.called == "time"


def test_more_calls_may_follow_where_the_request_lets_them():
    offer = offered(tool_choice="required")
    step = asked(first_step("prompt", offer)).decide(name("time"))
    assert isinstance(step, Writing)
    assert step.grammar == arguments_grammar(offer.functions[1], offer.functions)


def test_a_name_that_was_not_finished_calls_nothing():
    question = asked(asked(first_step("prompt", offered())).decide(beginning(0.9)))
    assert question.decide([Heard("wea", 0.9)]) == Writing("prompt", words_grammar())


def test_an_engine_that_heard_nothing_answers_in_words():
    assert asked(first_step("prompt", offered())).decide([]) == Writing("prompt", words_grammar())


@pytest.mark.parametrize(
    ("prompt", "longer"), [("a", "ab"), ([1, "a"], [1, "ab"]), (["a", 1], ["a", 1, "b"]), ([], ["b"])]
)
def test_text_is_put_at_the_end_of_a_prompt(prompt: list[str | int], longer: list[str | int]):
    assert with_text(prompt, "b") == longer


def test_a_function_that_has_answered_is_called_again_where_a_call_must_be():
    offer = replace(offered(tool_choice="required"), answered=frozenset({"weather"}))
    step = asked(first_step("prompt", offer)).decide(name("weather", 1.0))
    assert isinstance(step, Writing)
    assert step.called == "weather"


def with_answered(*names: str) -> Offer:
    """The usual offer, where these functions have answered already."""
    return replace(offered(), answered=frozenset(names))


def test_what_has_answered_is_not_asked_for_again():
    question = asked(asked(first_step("prompt", with_answered("weather"), "", "words")).decide(beginning(0.9)))
    assert question.grammar == names_grammar(offered().functions[1:])
    assert question.decide(name("time", 0.001)) == Writing("words", words_grammar())


def test_where_all_have_answered_nothing_is_asked():
    assert first_step("prompt", with_answered("weather", "time"), "", "words") == Writing("words", words_grammar())
