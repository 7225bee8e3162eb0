"""Schemas as Lark rules of llguidance, the grammar engine inside llama.cpp.

White space is fixed as `json.dumps` has it: one space after `:` and after `,`, none else. Keys come in the order of
the schema. Each fragment carries all that it needs, under names that begin with the name it was given, so that
several stand in one grammar side by side.
"""

import json
from collections.abc import Iterator, Mapping

from antiphon.schemas.nodes import Anything, List, Literal, Node, Number, Property, Record, Reference, Text, Union
from antiphon.schemas.numbers import ANY_NUMBER, number_expression
from antiphon.schemas.spelling import ANY_CHARACTER, text_expression

HEADER = "%llguidance {}\n"

# How deep a value may nest where a schema says nothing: as deep as the strict subset lets a schema go.
MAX_FREE_DEPTH = 10
# Keys that the model makes up itself end somewhere.
MAX_FREE_KEY_CHARACTERS = 60

_EMPTY = '""'
_QUOTE = '"\\""'
_FREE_KEY = f'{_QUOTE} /(?:{ANY_CHARACTER}){{1,{MAX_FREE_KEY_CHARACTERS}}}/ "\\": "'


def write_rules(rule: str, root: Node, definitions: Mapping[str, Node]) -> str:
    """Lark rules of which the one called `rule` derives exactly the JSON texts of `root`.

    Every other name begins with `rule_` (rules) or `RULE_` (terminals).
    """
    writer = _Writer(rule, definitions)
    writer.rule(rule, writer.expression(root))
    return writer.text()


class _Writer:
    """The rules of one fragment as they come up; what is written the same way has one name."""

    def __init__(self, prefix: str, definitions: Mapping[str, Node]) -> None:
        self._prefix = prefix
        self._definitions = definitions
        self._lines: list[str] = []
        self._names: dict[tuple[str, str], str] = {}
        self._references: dict[str, str] = {}

    def text(self) -> str:
        """All rules so far, one a line."""
        return "".join(f"{line}\n" for line in self._lines)

    def rule(self, name: str, body: str) -> None:
        """Add a rule."""
        self._lines.append(f"{name}: {body}")

    def expression(self, node: Node) -> str:
        """The name of the rule or terminal that stands for the node."""
        match node:
            case Literal(texts):
                name = self._terminal(" | ".join(_lark(text) for text in texts))
            case Text():
                name = self._terminal(_quoted(node))
            case Number():
                name = self._terminal(number_expression(node, self._terminal))
            case List():
                name = self._named(self._list(node))
            case Record():
                name = self._named(self._record(node))
            case Union(options):
                name = self._named(" | ".join(dict.fromkeys(self.expression(option) for option in options)))
            case Reference(definition):
                name = self._reference(definition)
            case Anything():
                name = self._anything(MAX_FREE_DEPTH)
        return name

    def _terminal(self, body: str) -> str:
        """The name of the terminal with this body."""
        return self._name(f"{self._prefix.upper()}_T", body)

    def _named(self, body: str) -> str:
        """The name of the rule with this body."""
        return self._name(f"{self._prefix}_r", body)

    def _name(self, stem: str, body: str) -> str:
        name = self._names.get((stem, body))
        if name is None:
            name = f"{stem}{len(self._names)}"
            self._names[stem, body] = name
            self.rule(name, body)
        return name

    def _reference(self, definition: str) -> str:
        name = self._references.get(definition)
        if name is None:
            name = f"{self._prefix}_d{len(self._references)}"
            self._references[definition] = name
            self.rule(name, self.expression(self._definitions[definition]))
        return name

    def _list(self, node: List) -> str:
        if node.max_items == 0:
            return '"[]"'
        least = max(node.min_items - 1, 0)
        most = "" if node.max_items is None else node.max_items - 1
        item = self.expression(node.items)
        filled = f'"[" {item} (", " {item}){{{least},{most}}} "]"'
        return filled if node.min_items > 0 else f'"[]" | {filled}'

    def _record(self, node: Record) -> str:
        """An object, from its last property to its first.

        `after` is what follows a pair, last thing first; `alone` is what follows the brace if no pair was written yet.
        """
        after, alone = self._others(node)
        for prop, leads in _with_whether_it_leads(node.properties):
            key, value = f"{_json(prop.key)}: ", self.expression(prop.node)
            if prop.required:
                if leads:
                    alone = _row(_lark(key), value, *reversed(after))
                after += [value, _lark(f", {key}")]
                continue
            rest = after[0] if len(after) == 1 else self._named(_row(*reversed(after))) if after else _EMPTY
            alone = self._named(f"{_row(_lark(key), value, rest)} | {alone or _EMPTY}")
            after = [self._named(f"{_row(_lark(f', {key}'), value, rest)} | {rest}")]
        return f'"{{" {alone} "}}"' if alone else '"{}"'

    def _others(self, node: Record) -> tuple[list[str], str]:
        """What may follow the named properties, after one of them and without any before it."""
        if node.others is None:
            return [], ""
        pair = f"{self._terminal(_FREE_KEY)} {self.expression(node.others)}"
        more = self._named(f'(", " {pair})*')
        return [more], self._named(f"{_EMPTY} | {pair} {more}")

    def _anything(self, depth: int) -> str:
        """A JSON value with so many levels of arrays and objects in it at most."""
        options = [
            self._terminal(" | ".join(_lark(text) for text in ("null", "true", "false"))),
            self._terminal(ANY_NUMBER),
            self._terminal(_quoted(Text())),
        ]
        if depth > 0:
            value = self._anything(depth - 1)
            pair = f"{self._terminal(_FREE_KEY)} {value}"
            options.append(self._named(f'"[]" | "[" {value} (", " {value})* "]"'))
            options.append(self._named(f'"{{}}" | "{{" {pair} (", " {pair})* "}}"'))
        return self._named(" | ".join(options))


def _with_whether_it_leads(properties: tuple[Property, ...]) -> Iterator[tuple[Property, bool]]:
    """The properties, last first, and whether each may be the first that is written."""
    first_required = next((at for at, prop in enumerate(properties) if prop.required), len(properties))
    for at in range(len(properties) - 1, -1, -1):
        yield properties[at], at <= first_required


def _quoted(node: Text) -> str:
    """A JSON string with its quotes."""
    texts = [text_expression(pattern) for pattern in node.patterns]
    if node.min_length > 0 or node.max_length is not None or not texts:
        most = "" if node.max_length is None else node.max_length
        texts.append(f"/(?:{ANY_CHARACTER}){{{node.min_length},{most}}}/")
    return f"{_QUOTE} ({' & '.join(texts)}) {_QUOTE}"


def _row(*parts: str) -> str:
    return " ".join(part for part in parts if part != _EMPTY)


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _lark(text: str) -> str:
    """A text as a Lark string. Lark's strings are JSON's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
