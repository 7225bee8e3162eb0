"""A schema that was read, and the grammar of its answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from antiphon.schemas.grammar import RulesTooLarge, write_rules
from antiphon.schemas.loose import read_loose
from antiphon.schemas.nodes import Anything, Node, Record
from antiphon.schemas.owners import Place, SchemaOwner
from antiphon.schemas.references import ROOT
from antiphon.schemas.strict import read_strict

HEADER = "%llguidance {}\n"

# In the rules of a schema these stand for the name that they will get, in lower and in upper case. JSON escapes
# both characters, so neither is in any text of a grammar.
_RULE, _TERMINAL = "\x01", "\x02"

_ANY_OBJECT: Mapping[str, Node] = {ROOT: Record((), others=Anything())}


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema that a grammar enforces, of a `response_format` or of a function's arguments.

    `document` is the schema as it came, for showing it to a model.
    """

    name: str
    strict: bool
    document: Mapping[str, object]
    rules: str = field(repr=False)

    def grammar(self) -> str:
        """A grammar of the answer: a JSON text that fits the schema, and nothing else."""
        return HEADER + self.fragment("start")

    def fragment(self, rule: str) -> str:
        """Lark rules of which the one called `rule` derives the answer, to be placed in a larger grammar.

        `rule` is in lower case; all other names begin with `rule_`, terminals with `RULE_`.
        """
        return _named(self.rules, rule)


def read_schema(document: Mapping[str, object] | None, owner: SchemaOwner, *, strict: bool) -> Schema:
    """Read the schema of a `response_format` or of a function; None is one that was not given.

    Raises `InvalidRequest` with OpenAI's words: for a name that is none, for what is no JSON Schema, and, if `strict`,
    for all that is outside the strict subset.
    """
    owner.check_name()
    known = owner.absent_schema(strict=strict) if document is None else document
    place = Place(owner)
    definitions = (read_strict if strict else read_loose)(known, place)
    try:
        rules = _rules(definitions)
    except RulesTooLarge as error:
        if strict:
            raise place.malformed("it is too large to be enforced.") from error
        rules = _rules(_ANY_OBJECT)
    return Schema(owner.name, strict, known, rules)


def json_object_grammar() -> str:
    """A grammar of any JSON object, for the `json_object` mode."""
    return HEADER + json_object_fragment("start")


def json_object_fragment(rule: str) -> str:
    """Lark rules of which the one called `rule` derives any JSON object; see `Schema.fragment`."""
    return _named(_rules(_ANY_OBJECT), rule)


def _rules(definitions: Mapping[str, Node]) -> str:
    return write_rules(ROOT, definitions, (_RULE, _TERMINAL))


def _named(rules: str, rule: str) -> str:
    return rules.replace(_RULE, rule).replace(_TERMINAL, rule.upper())
