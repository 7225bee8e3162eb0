"""Grammars of what may follow a prompt with tools: a function's name, the arguments of a call, an answer in words."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from antiphon.engines.llama.tools import AFTER_ARGUMENTS, AFTER_NAME, BEFORE_NAME, CALL_BEGINS, Function
from antiphon.schemas import HEADER

# A small model that is allowed to repeat itself without end does.
MAX_MORE_CALLS: Final = 7

# The first character of whatever a model writes instead of a call that it was not allowed: bare or fenced JSON.
_NO_CALL_BEGINS: Final = r"[^\s{\[<`]"


def names_grammar(functions: Sequence[Function]) -> str:
    """Return a grammar of the functions' names, up to the comma: models write it in one token with the quote."""
    return HEADER + "start: " + " | ".join(_lark(f'{function.name}",') for function in functions) + "\n"


@lru_cache(maxsize=64)
def words_grammar() -> str:
    """Return a grammar of an answer in words, in which no call begins, neither in our form nor in another."""
    anything = r"(?s:.*)"
    return HEADER + f"start: WORDS\nWORDS: /{_NO_CALL_BEGINS}{anything}/ & ~/{anything}{CALL_BEGINS}{anything}/\n"


def arguments_grammar(called: Function, repeatable: Sequence[Function] = ()) -> str:
    """Return a grammar of the arguments of `called`, then of more calls, if any of `repeatable`.

    Without these it ends with the arguments themselves: the rest of the call's form says nothing that we do not know.
    """
    if not repeatable:
        return HEADER + called.schema.fragment("start")
    rules = {function.name: f"f{place}" for place, function in enumerate(repeatable)}
    first = rules.get(called.name, "first")
    lines = [
        f"start: {first} {_lark(AFTER_ARGUMENTS)} ({_lark(chr(10))} call){{0,{MAX_MORE_CALLS}}}",
        "call: " + " | ".join(_call(name, rule) for name, rule in rules.items()),
    ]
    fragments = [function.schema.fragment(rules[function.name]) for function in repeatable]
    if called.name not in rules:
        fragments.append(called.schema.fragment(first))
    return HEADER + "\n".join(lines) + "\n" + "".join(fragments)


def _call(name: str, rule: str) -> str:
    return f"{_lark(BEFORE_NAME + name + AFTER_NAME)} {rule} {_lark(AFTER_ARGUMENTS)}"


def _lark(text: str) -> str:
    return json.dumps(text)
