"""Whether llama.cpp will hold an answer to a grammar.

It answers freely, with a line in its log and nothing on the wire, where it cannot compile one. The same compiler is
therefore asked beforehand: a bound that cannot be kept is refused, and never ignored.
"""

from functools import lru_cache

from llguidance import LLMatcher

from antiphon.errors import InvalidRequest

# A grammar has at most a few hundred kilobytes, and a server sees the same few again and again.
_NUM_REMEMBERED = 32
_MAX_FAULT_CHARS = 300


def check_grammar(grammar: str) -> None:
    """Raise `InvalidRequest` for a grammar that cannot be compiled; an empty one binds nothing and is well."""
    fault = _fault(grammar) if grammar else ""
    if fault:
        raise InvalidRequest(
            f"The schemas of this request cannot be enforced together: {fault[:_MAX_FAULT_CHARS]}. Simplify them.",
            code="invalid_json_schema",
        )


@lru_cache(maxsize=_NUM_REMEMBERED)
def _fault(grammar: str) -> str:
    """Return what is wrong with a grammar, in the compiler's words."""
    return " ".join(str(LLMatcher.validate_grammar(grammar)).split())
