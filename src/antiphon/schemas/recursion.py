"""Definitions that refer to each other: whether values of them end, and how deep they may nest."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from antiphon.schemas.nodes import List, Node, Record, Reference, Union


def endless_definitions(definitions: Mapping[str, Node]) -> list[str]:
    """The definitions that no finite value fits, since each value would hold another one."""
    ending: set[str] = set()
    while True:
        num_known = len(ending)
        for name, node in definitions.items():
            if name not in ending and _ends(node, ending):
                ending.add(name)
        if len(ending) == num_known:
            return [name for name in definitions if name not in ending]


def circles(definitions: Mapping[str, Node]) -> dict[str, frozenset[str]]:
    """For each definition those that it refers to and that refer back to it, itself included; none if it is not among.

    Kosaraju's algorithm: the strongly connected components of the graph of references.
    """
    forward = {name: list(_referred(node)) for name, node in definitions.items()}
    backward: dict[str, list[str]] = {name: [] for name in definitions}
    for name, targets in forward.items():
        for target in targets:
            backward[target].append(name)
    seen: set[str] = set()
    order = [name for start in definitions for name in _left_behind(forward, start, seen)]
    seen.clear()
    found: dict[str, frozenset[str]] = {}
    for start in reversed(order):
        members = frozenset(_left_behind(backward, start, seen))
        is_circle = len(members) > 1 or start in forward[start]
        found |= dict.fromkeys(members, members if is_circle else frozenset())
    return found


def heights(definitions: Mapping[str, Node], circle: frozenset[str]) -> dict[str, int]:
    """How many references inside its circle the flattest value of each of its members takes. All of them must end."""
    outside = definitions.keys() - circle
    known: dict[str, int] = {}
    for height in range(len(circle)):
        ending = outside | known.keys()
        known |= {name: height for name in circle if name not in known and _ends(definitions[name], ending)}
    return known


def _ends(node: Node, ending: AbstractSet[str]) -> bool:
    """Whether a finite value fits the node, if one fits each of the definitions that are known to end."""
    match node:
        case Reference(definition):
            return definition in ending
        case List(items, min_items):
            return min_items == 0 or _ends(items, ending)
        case Record(properties):
            return all(_ends(prop.node, ending) for prop in properties if prop.required)
        case Union(options):
            return any(_ends(option, ending) for option in options)
        case _:
            return True


def _referred(node: Node) -> Iterator[str]:
    """The definitions that a node refers to itself."""
    match node:
        case Reference(definition):
            yield definition
        case List(items):
            yield from _referred(items)
        case Record(properties, others):
            for prop in properties:
                yield from _referred(prop.node)
            if others is not None:
                yield from _referred(others)
        case Union(options):
            for option in options:
                yield from _referred(option)
        case _:
            return


def _left_behind(graph: Mapping[str, list[str]], start: str, seen: set[str]) -> list[str]:
    """The names that a search in depth from a start leaves behind, in the order in which it does."""
    if start in seen:
        return []
    seen.add(start)
    order: list[str] = []
    path = [(start, iter(graph[start]))]
    while path:
        name, targets = path[-1]
        target = next((target for target in targets if target not in seen), None)
        if target is None:
            order.append(name)
            path.pop()
        else:
            seen.add(target)
            path.append((target, iter(graph[target])))
    return order
