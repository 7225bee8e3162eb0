"""No module reaches itself through its imports, counting those inside functions and for types alone."""

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.meta.source import SRC, Module, imports, modules, names, write_tree


def import_cycle(source_root: Path) -> list[str]:
    """Return the modules of one import cycle in order, the first again at the end; empty if there is none."""
    tree = modules(source_root)
    known = names(tree)
    graph = {module.name: {imported.target for imported in imports(module, known)} - {module.name} for module in tree}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _imported(module: Module, known: frozenset[str]) -> set[str]:
    return {imported.target for imported in imports(module, known)} - {module.name}


def test_antiphon_has_no_import_cycle():
    """Antiphon's own tree can be read from the bottom up."""
    assert import_cycle(SRC) == []


def test_a_tree_of_downward_imports_has_no_cycle(tmp_path: Path):
    """Two modules may share a third."""
    tree = write_tree(tmp_path, {"a.py": "from antiphon import b, c\n", "b.py": "from antiphon import c\n", "c.py": ""})
    assert import_cycle(tree) == []


def test_a_cycle_through_a_function_is_caught(tmp_path: Path):
    """An import inside a function closes a cycle as any other does."""
    tree = write_tree(
        tmp_path, {"a.py": "from antiphon import b\n", "b.py": "def late():\n    from antiphon.a import x\n"}
    )
    assert sorted(set(import_cycle(tree))) == ["antiphon.a", "antiphon.b"]
