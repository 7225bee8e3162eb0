"""Circles of definitions, and how far each is from an end."""

from itertools import pairwise

from antiphon.schemas.nodes import NULL, List, Property, Record, Reference, Union
from antiphon.schemas.recursion import circles, endless_definitions, heights


def holding(*names):
    """An object that must hold a value of each of these definitions."""
    return Record(tuple(Property(name, Reference(name)) for name in names))


def or_null(node):
    return Union((node, NULL))


def test_definitions_that_refer_to_each_other_are_one_circle():
    """A definition outside of it belongs to none, even if it refers inside."""
    definitions = {"a": holding("b"), "b": or_null(holding("a")), "c": holding("a"), "d": or_null(holding("d"))}
    assert circles(definitions) == {
        "a": {"a", "b"},
        "b": {"a", "b"},
        "c": frozenset(),
        "d": {"d"},
    }


def test_definitions_without_an_end_are_found():
    """One that needs itself, and one that needs it; not those that may stop."""
    definitions = {
        "endless": holding("endless"),
        "needs": holding("endless", "stops"),
        "stops": or_null(holding("stops")),
        "empty": List(Reference("empty")),
        "some": List(Reference("some"), min_items=1),
    }
    assert endless_definitions(definitions) == ["endless", "needs", "some"]


def test_the_height_is_the_least_number_of_references_to_an_end():
    """Counted inside the circle only."""
    definitions = {"a": holding("b"), "b": holding("c"), "c": or_null(holding("a", "d")), "d": holding()}
    assert heights(definitions, circles(definitions)["a"]) == {"a": 2, "b": 1, "c": 0}


def test_long_chains_do_not_exhaust_the_stack():
    """Ten thousand definitions, each needing the next, and the last able to stop at the first."""
    names = [str(at) for at in range(10_000)]
    definitions = {name: holding(after) for name, after in pairwise(names)} | {"9999": or_null(holding("0"))}
    circle = circles(definitions)["0"]
    assert len(circle) == 10_000
    assert heights(definitions, circle)["0"] == 9_999
