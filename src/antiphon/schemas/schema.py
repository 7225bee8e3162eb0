"""A schema that was read, and what is written from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from antiphon.schemas.grammar import HEADER, write_rules
from antiphon.schemas.loose import read_loose
from antiphon.schemas.nodes import Anything, Node, Record, Reference
from antiphon.schemas.owners import Place, SchemaOwner
from antiphon.schemas.references import ROOT
from antiphon.schemas.strict import read_strict


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema whose every answer a grammar enforces, for a `response_format` or for a function's arguments.

    `document` is the schema as it came, for showing it to a model; `definitions` is what was read of it.
    """

    name: str
    strict: bool
    document: Mapping[str, object]
    definitions: Mapping[str, Node] = field(repr=False)

    def grammar(self) -> str:
        """A grammar of the answer: a JSON text that fits the schema, and nothing else."""
        return HEADER + self.fragment("start")

    def fragment(self, rule: str) -> str:
        """Lark rules of which the one called `rule` derives the answer, to be placed in a larger grammar.

        `rule` is in lower case; all other names begin with `rule_`, terminals with `RULE_`.
        """
        return write_rules(rule, Reference(ROOT), self.definitions)


def read_schema(document: Mapping[str, object] | None, owner: SchemaOwner, *, strict: bool) -> Schema:
    """Read the schema of a `response_format` or of a function; None is one that was not given.

    Raises `InvalidRequest` with OpenAI's words: for a name that is none, for what is no JSON Schema, and, if `strict`,
    for all that is outside the strict subset.
    """
    owner.check_name()
    known = owner.absent_schema(strict=strict) if document is None else document
    definitions = (read_strict if strict else read_loose)(known, Place(owner))
    return Schema(owner.name, strict, known, definitions)


def json_object_grammar() -> str:
    """A grammar of any JSON object, for the `json_object` mode."""
    return HEADER + json_object_fragment("start")


def json_object_fragment(rule: str) -> str:
    """Lark rules of which the one called `rule` derives any JSON object; see `Schema.fragment`."""
    return write_rules(rule, Record((), others=Anything()), {})
