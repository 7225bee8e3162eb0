"""A radix tree: values by the token sequences they stand for, found by what a sequence begins with.

Every edge is an array of symbols, compared as a whole; nothing recurses, neither over symbols nor over nodes.
"""

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from antiphon.prefix.sequence import Symbols, TokenSequence, shared_symbols

T = TypeVar("T")


class Level(NamedTuple, Generic[T]):
    """The values whose sequences share exactly `num_tokens` tokens, from the first on, with the one asked for."""

    num_tokens: int
    values: list[T]


class Radix(Generic[T]):
    """Values by token sequence, at most one for each."""

    def __init__(self) -> None:
        self._root = _Node[T](np.empty(0, dtype=np.int32), None)

    @property
    def is_empty(self) -> bool:
        """Whether there is no value."""
        return not self._root.children and not self._root.values

    def get(self, sequence: TokenSequence) -> T | None:
        """Return the value of exactly this sequence."""
        node, depth = self._descend(sequence.symbols)[-1]
        is_whole = depth == len(sequence.symbols) == node.end
        return node.values[0] if is_whole and node.values else None

    def put(self, sequence: TokenSequence, value: T) -> None:
        """Set the value of exactly this sequence; the one that it had is forgotten."""
        symbols = sequence.symbols
        node, depth = self._descend(symbols)[-1]
        if depth < node.end:
            node = node.split(depth)
        if depth < len(symbols):
            # A copy: the edge must not keep the whole sequence alive once its owner is gone.
            node = node.grow(symbols[depth:].copy())
        node.values = [value]

    def remove(self, sequence: TokenSequence) -> None:
        """Forget the value of exactly this sequence. Raises `KeyError` where there is none."""
        node, depth = self._descend(sequence.symbols)[-1]
        if not (depth == len(sequence.symbols) == node.end and node.values):
            raise KeyError("No value has this sequence.")
        node.values = []
        node.prune()

    def levels(self, sequence: TokenSequence) -> Iterator[Level[T]]:
        """Yield every value that shares at least one token with `sequence`, those that share most first."""
        seen: _Node[T] | None = None
        for node, depth in reversed(self._descend(sequence.symbols)):
            values = node.values_but(seen)
            seen = node
            num_tokens = sequence.tokens_at(depth)
            if num_tokens == 0:
                return
            if values:
                yield Level(num_tokens, values)

    def _descend(self, symbols: Symbols) -> "list[tuple[_Node[T], int]]":
        """Return the nodes on the way of `symbols`, and for each how many symbols it shares with them."""
        node, depth = self._root, 0
        way = [(node, depth)]
        while depth == node.end and depth < len(symbols):
            child = node.children.get(int(symbols[depth]))
            if child is None:
                break
            depth += shared_symbols(child.edge, symbols[depth:])
            node = child
            way.append((node, depth))
        return way


class _Node(Generic[T]):
    """The end of an edge; `end` is how many symbols lead to it. `values` has one value or none."""

    __slots__ = ("children", "edge", "end", "parent", "values")

    def __init__(self, edge: Symbols, parent: "_Node[T] | None") -> None:
        self.edge = edge
        self.parent = parent
        self.end: int = len(edge) + (0 if parent is None else parent.end)
        self.children: dict[int, _Node[T]] = {}
        self.values: list[T] = []

    def grow(self, edge: Symbols) -> "_Node[T]":
        """Add a child behind `edge`."""
        child = _Node(edge, self)
        self.children[int(edge[0])] = child
        return child

    def split(self, depth: int) -> "_Node[T]":
        """Put a node into the edge, where `depth` symbols lead to; return it."""
        assert self.parent is not None, "the root has no edge"
        at = depth - self.parent.end
        middle = self.parent.grow(self.edge[:at])
        self.edge = self.edge[at:]
        self.parent = middle
        middle.children[int(self.edge[0])] = self
        return middle

    def prune(self) -> None:
        """Take away what leads nowhere, from here up, and join edges that no longer branch."""
        node = self
        while node.parent is not None and not node.values and not node.children:
            del node.parent.children[int(node.edge[0])]
            node = node.parent
        if node.parent is not None and not node.values and len(node.children) == 1:
            (child,) = node.children.values()
            child.edge = np.concatenate((node.edge, child.edge))
            child.parent = node.parent
            node.parent.children[int(child.edge[0])] = child

    def values_but(self, left_out: "_Node[T] | None") -> list[T]:
        """Return every value here and below, but for those below `left_out`."""
        found = list[T]()
        waiting: list[_Node[T]] = [self]
        while waiting:
            node = waiting.pop()
            if node is not left_out:
                found += node.values
                waiting.extend(node.children.values())
        return found
