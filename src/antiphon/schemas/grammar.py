"""Schemas as Lark rules of llguidance, the grammar engine inside llama.cpp.

White space is fixed as `json.dumps` has it: one space after `:` and after `,`, none else. Keys come in the order of
the schema. Recursion ends: a small model that opened a value inside a value would else not stop doing so.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from antiphon.schemas.nodes import Anything, List, Literal, Node, Number, Property, Record, Reference, Text, Union
from antiphon.schemas.numbers import number_expression
from antiphon.schemas.recursion import circles, heights
from antiphon.schemas.spelling import ANY_CHARACTER, text_expression

# How deep a value may nest where a schema says nothing, and how many values of one definition may stand inside each
# other: as deep as the strict subset lets a schema go.
MAX_FREE_DEPTH = 10
MAX_RECURSION = 10
# Keys that the model makes up itself end somewhere.
MAX_FREE_KEY_CHARACTERS = 60

# llguidance takes up to 2.5 million characters of the rules that are hardest for it (sieves of multiples); beyond its
# limit llama.cpp would answer without a grammar and say nothing.
MAX_RULES_CHARACTERS = 1_000_000

_EMPTY = '""'
_QUOTE = '"\\""'
_FREE_KEY = f'{_QUOTE} /(?:{ANY_CHARACTER}){{1,{MAX_FREE_KEY_CHARACTERS}}}/ "\\": "'


class RulesTooLarge(Exception):
    """The rules of the schema would be more than the grammar engine takes."""


def write_rules(definition: str, definitions: Mapping[str, Node], prefixes: tuple[str, str]) -> str:
    """Lark rules that derive exactly the JSON texts of a definition, all of whose references end.

    The first prefix is the name of the rule that derives them, and begins the names of all others; the second begins
    the names of terminals. Raises `RulesTooLarge`.
    """
    writer = _Writer(definitions, prefixes)
    writer.write(definition)
    return writer.text()


@dataclass(frozen=True, slots=True)
class _Room:
    """A circle of definitions, and how many references inside it are left to a value."""

    circle: frozenset[str] = frozenset()
    references: int = 0


class _Writer:
    """The rules of one schema as they come up; what is written the same way has one name."""

    def __init__(self, definitions: Mapping[str, Node], prefixes: tuple[str, str]) -> None:
        self._rule_prefix, self._terminal_prefix = prefixes
        self._definitions = definitions
        self._circles = circles(definitions)
        self._heights: dict[str, int] = {}
        for circle in set(self._circles.values()):
            self._heights |= heights(definitions, circle)
        self._lines: list[str] = []
        self._num_characters = 0
        self._names: dict[tuple[str, str], str] = {}
        self._scalars: dict[Node, str] = {}
        self._references: dict[tuple[str, _Room], str] = {}
        self._waiting: list[tuple[str, str, _Room]] = []

    def text(self) -> str:
        """All rules so far, one a line."""
        return "".join(f"{line}\n" for line in self._lines)

    def write(self, definition: str) -> None:
        """Write the rule named as the prefix, for a definition, and all that it needs."""
        self._add(self._rule_prefix, self._reference(definition, _Room()) or _EMPTY)
        while self._waiting:
            name, waiting, room = self._waiting.pop()
            self._add(name, self._expression(self._definitions[waiting], room) or _EMPTY)

    def _add(self, name: str, body: str) -> None:
        self._lines.append(f"{name}: {body}")
        self._num_characters += len(self._lines[-1])
        if self._num_characters > MAX_RULES_CHARACTERS:
            raise RulesTooLarge

    def _expression(self, node: Node, room: _Room) -> str | None:
        """The name of the rule or terminal that stands for the node, or None if no value fits in the room."""
        match node:
            case Literal() | Text() | Number():
                return self._scalar(node)
            case Anything():
                return self._anything(MAX_FREE_DEPTH)
            case Reference(definition):
                return self._reference(definition, room)
            case List():
                body = self._list(node, room)
            case Record():
                body = self._record(node, room)
            case Union(options):
                names = dict.fromkeys(self._expression(option, room) for option in options)
                body = " | ".join(filter(None, names)) or None
        return None if body is None else self._named(body)

    def _scalar(self, node: Literal | Text | Number) -> str:
        name = self._scalars.get(node)
        if name is None:
            match node:
                case Literal(texts):
                    body = " | ".join(map(_lark, texts))
                case Text():
                    body = _quoted(node)
                case Number():
                    body = number_expression(node, self._terminal)
            name = self._scalars[node] = self._terminal(body)
        return name

    def _terminal(self, body: str) -> str:
        """The name of the terminal with this body."""
        return self._name(f"{self._terminal_prefix}_T", body)

    def _named(self, body: str) -> str:
        """The name of the rule with this body."""
        return self._name(f"{self._rule_prefix}_r", body)

    def _name(self, stem: str, body: str) -> str:
        name = self._names.get((stem, body))
        if name is None:
            name = f"{stem}{len(self._names)}"
            self._names[stem, body] = name
            self._add(name, body)
        return name

    def _reference(self, definition: str, room: _Room) -> str | None:
        inner = self._room_inside(definition, room)
        if inner.references < self._heights.get(definition, 0):
            return None
        name = self._references.get((definition, inner))
        if name is None:
            name = f"{self._rule_prefix}_d{len(self._references)}"
            self._references[definition, inner] = name
            self._waiting.append((name, definition, inner))
        return name

    def _room_inside(self, definition: str, room: _Room) -> _Room:
        circle = self._circles[definition]
        if not circle:
            return _Room()
        # One more for each further definition: that many it may take to come to one that ends.
        return _Room(circle, room.references - 1 if circle == room.circle else MAX_RECURSION + len(circle) - 2)

    def _list(self, node: List, room: _Room) -> str | None:
        item = None if node.max_items == 0 else self._expression(node.items, room)
        if item is None:
            return '"[]"' if node.min_items == 0 else None
        filled = _row('"["', item, _more(item, node), '"]"')
        return filled if node.min_items > 0 else f'"[]" | {filled}'

    def _record(self, node: Record, room: _Room) -> str | None:
        """An object, from its last property to its first.

        `after` is what follows a pair, last thing first; `alone` is what follows the brace if no pair was written yet.
        """
        after, alone = self._others(node, room)
        for prop, leads in _with_whether_it_leads(node.properties):
            key, value = f"{json.dumps(prop.key, ensure_ascii=False)}: ", self._expression(prop.node, room)
            if value is None:
                if prop.required:
                    return None
                continue
            if prop.required:
                if leads:
                    alone = _row(_lark(key), value, *reversed(after))
                after += [value, _lark(f", {key}")]
                continue
            rest = after[0] if len(after) == 1 else self._named(_row(*reversed(after))) if after else _EMPTY
            alone = self._named(f"{_row(_lark(key), value, rest)} | {alone or _EMPTY}")
            after = [self._named(f"{_row(_lark(f', {key}'), value, rest)} | {rest}")]
        return f'"{{" {alone} "}}"' if alone else '"{}"'

    def _others(self, node: Record, room: _Room) -> tuple[list[str], str]:
        """What may follow the named properties, after one of them and without any before it."""
        value = None if node.others is None else self._expression(node.others, room)
        if value is None:
            return [], ""
        pair = f"{self._terminal(_FREE_KEY)} {value}"
        more = self._named(f'(", " {pair})*')
        return [more], self._named(f"{_EMPTY} | {pair} {more}")

    def _anything(self, depth: int) -> str:
        """A JSON value with so many levels of arrays and objects in it at most."""
        options = [
            self._scalar(Literal(("null", "true", "false"))),
            self._scalar(Number(integer=False)),
            self._scalar(Text()),
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
    texts = [text_expression(language) for language in node.languages]
    if node.min_length > 0 or node.max_length is not None or not texts:
        most = "" if node.max_length is None else node.max_length
        texts.append(f"/(?:{ANY_CHARACTER}){{{node.min_length},{most}}}/")
    return f"{_QUOTE} ({' & '.join(texts)}) {_QUOTE}"


def _more(item: str, node: List) -> str:
    """The items after the first. llguidance refuses a repetition that can only be none."""
    least = max(node.min_items - 1, 0)
    if node.max_items == 1:
        return _EMPTY
    return f'(", " {item}){{{least},{"" if node.max_items is None else node.max_items - 1}}}'


def _row(*parts: str) -> str:
    return " ".join(part for part in parts if part != _EMPTY)


def _lark(text: str) -> str:
    """A text as a Lark string. Lark's strings are JSON's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
