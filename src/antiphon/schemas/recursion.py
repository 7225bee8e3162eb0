"""Definitions that refer to each other: whether values of them end, and how deep they may nest."""

from collections.abc import Callable, Iterator, Mapping

from antiphon.schemas.nodes import List, Node, Record, Reference, Union


def endless_definitions(definitions: Mapping[str, Node]) -> list[str]:
    """The definitions that no finite value fits, since each value would hold another one."""
    ending = heights(definitions, frozenset(definitions))
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
    """How many references inside a circle the flattest value of each of its members takes, if one ends at all.

    Definitions outside of the circle are taken to end.
    """
    users: dict[str, list[str]] = {name: [] for name in circle}
    for name in circle:
        for target in _referred(definitions[name]):
            if target in circle:
                users[target].append(name)
    known: dict[str, int] = {}

    def is_ending(name: str) -> bool:
        return name not in circle or name in known

    height, candidates = 0, set(circle)
    while candidates:
        reached = [name for name in candidates if _ends(definitions[name], is_ending)]
        known |= dict.fromkeys(reached, height)
        candidates = {user for name in reached for user in users[name] if user not in known}
        height += 1
    return known


def _ends(node: Node, is_ending: Callable[[str], bool]) -> bool:
    """Whether a finite value fits the node, given which definitions one fits."""
    match node:
        case Reference(definition):
            return is_ending(definition)
        case List(items, min_items):
            return min_items == 0 or _ends(items, is_ending)
        case Record(properties):
            return all(_ends(prop.node, is_ending) for prop in properties if prop.required)
        case Union(options):
            return any(_ends(option, is_ending) for option in options)
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
