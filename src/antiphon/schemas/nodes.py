"""What a schema asks for, once it is read: a small tree that a grammar can be written from.

Every node stands for a set of JSON values. Recursion goes through `Reference`, which names one of the definitions that
were read together; all else is a plain tree of frozen values.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from antiphon.schemas.languages import Language


@dataclass(frozen=True, slots=True)
class Literal:
    """One of some values, each as its JSON text. Booleans and null are literals too."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A string that is in every language, between two lengths in characters (None: no upper bound)."""

    languages: tuple[Language, ...] = ()
    min_length: int = 0
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range of numbers."""

    value: Decimal
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A number, or an integer, within bounds, and a multiple of something."""

    integer: bool
    minimum: Bound | None = None
    maximum: Bound | None = None
    multiple_of: Decimal | None = None


@dataclass(frozen=True, slots=True)
class List:
    """An array of like items; `max_items` None means that any number may follow."""

    items: "Node"
    min_items: int = 0
    max_items: int | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """A key of an object and what it holds."""

    key: str
    node: "Node"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """An object: its properties in their order, then, if `others` is a node, any keys that hold such a node."""

    properties: tuple[Property, ...]
    others: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Union:
    """What fits any of the options."""

    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What fits the definition of that name."""

    definition: str


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""


Node: TypeAlias = Literal | Text | Number | List | Record | Union | Reference | Anything

NULL = Literal(("null",))
BOOLEAN = Literal(("true", "false"))
