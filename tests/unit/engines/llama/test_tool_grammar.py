"""The grammars' text; that the engine takes them is tested with the engine."""

from tests.unit.engines.llama.offers import offered

from antiphon.engines.llama.tool_grammar import MAX_MORE_CALLS, arguments_grammar, names_grammar, words_grammar
from antiphon.schemas import HEADER

FUNCTIONS = offered().functions


def test_names_end_where_their_token_does():
    assert names_grammar(FUNCTIONS) == HEADER + 'start: "weather\\"," | "time\\","\n'


def test_a_single_call_is_its_arguments_alone():
    weather = FUNCTIONS[0]
    assert arguments_grammar(weather) == weather.schema.grammar()


def test_more_calls_may_follow_up_to_a_bound():
    grammar = arguments_grammar(FUNCTIONS[1], FUNCTIONS)
    assert f'start: f1 "}}\\n</tool_call>" ("\\n" call){{0,{MAX_MORE_CALLS}}}\n' in grammar
    assert '"<tool_call>\\n{\\"name\\": \\"weather\\", \\"arguments\\": " f0 "}\\n</tool_call>"' in grammar


def test_a_rule_is_written_once():
    lines = arguments_grammar(FUNCTIONS[1], FUNCTIONS).splitlines()
    names = [line.split(":")[0] for line in lines if ":" in line]
    assert len(names) == len(set(names))


def test_an_answer_in_words_holds_no_call():
    assert "<tool_call>" in words_grammar()
