"""A grammar that llama.cpp would pass over in silence is refused before it is sent."""

import pytest

from antiphon.engines.llama.grammars import check_grammar
from antiphon.errors import InvalidRequest
from antiphon.schemas import json_object_grammar


@pytest.mark.parametrize("grammar", ["", json_object_grammar()])
def test_what_compiles_is_well(grammar: str):
    check_grammar(grammar)


@pytest.mark.parametrize("rule", ["start: /(/", "start: missing", 'start: "a'])
def test_what_does_not_compile_is_refused(rule: str):
    with pytest.raises(InvalidRequest, match="cannot be enforced"):
        check_grammar("%llguidance {}\n" + rule)
