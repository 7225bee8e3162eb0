"""Sizes that nothing exceeds. A budget is an alarm: split where the concept splits, not by the count."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.meta.source import PROJECT, SRC, Function, Module, modules, write_tree

FILE_LINES = 500
FUNCTION_LINES = 60
CLASS_LINES = 300
CLASS_METHODS = 15
PARAMETERS = 7
SETTINGS_FIELDS = 40

CONSOLE_SOURCES = PROJECT / "web" / "src"
CONSOLE_SUFFIXES = {".ts", ".tsx", ".css"}


def budget_offences(source_root: Path) -> list[str]:
    """Return everything in the Python sources under `source_root` that is over its budget."""
    return [offence for module in modules(source_root) for offence in _over_budget(module)]


def console_offences(folder: Path) -> list[str]:
    """Return the sources of the console under `folder` that are longer than a file may be.

    Sources that a program wrote (`*.generated.ts`) are not counted; a folder that is not there has none.
    """
    sources = (path for path in sorted(folder.rglob("*")) if path.suffix in CONSOLE_SUFFIXES)
    return [
        f"{path}: {lines} lines, over {FILE_LINES}"
        for path in sources
        if ".generated." not in path.name and (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    ]


def _over_budget(module: Module) -> Iterator[str]:
    yield from _excess(str(module.path), "lines", len(module.text.splitlines()), FILE_LINES)
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            where = f"{module.path}:{node.lineno} {node.name}"
            yield from _excess(where, "lines", body_lines(node), FUNCTION_LINES)
            yield from _excess(where, "parameters", num_parameters(node), PARAMETERS)
        if isinstance(node, ast.ClassDef):
            where = f"{module.path}:{node.lineno} {node.name}"
            yield from _excess(where, "lines", body_lines(node), CLASS_LINES)
            yield from _excess(where, "methods", num_methods(node), CLASS_METHODS)
    if module.below_the_root() == ("settings",):
        yield from _excess(str(module.path), "settings", num_settings(module.tree), SETTINGS_FIELDS)


def _excess(where: str, what: str, count: int, budget: int) -> Iterator[str]:
    if count > budget:
        yield f"{where}: {count} {what}, over {budget}"


def body_lines(node: Function | ast.ClassDef) -> int:
    """Return the lines of a body without its docstring, blank lines and comments included."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def num_methods(node: ast.ClassDef) -> int:
    """Return how many functions a class defines itself; a property and its setter are one."""
    return len({child.name for child in node.body if isinstance(child, Function)})


def num_parameters(node: Function) -> int:
    """Return how many parameters a function takes, `self` aside, `*args` and `**kwargs` one each."""
    arguments = node.args
    plain = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    bound = 1 if plain[:1] in (["self"], ["cls"]) else 0
    variable = (arguments.vararg is not None) + (arguments.kwarg is not None)
    return len(plain) - bound + len(arguments.kwonlyargs) + variable


def num_settings(tree: ast.Module) -> int:
    """Return how many annotated fields the largest class of a module has.

    The largest, since a class of few fields beside the settings is a row of one of them.
    """
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return max((sum(isinstance(child, ast.AnnAssign) for child in node.body) for node in classes), default=0)


def test_antiphon_keeps_its_budgets():
    """No file, function, class or signature of Antiphon is over its budget."""
    assert budget_offences(SRC) == []


def test_the_console_keeps_its_budget():
    """No source of the console is longer than a file may be."""
    assert console_offences(CONSOLE_SOURCES) == []


def test_a_long_file_is_caught(tmp_path: Path):
    """A file of one line too many is an offence, and one of exactly the budget is not."""
    tree = write_tree(tmp_path, {"long.py": "x = 1\n" * (FILE_LINES + 1), "full.py": "x = 1\n" * FILE_LINES})
    assert len(budget_offences(tree)) == 1


def test_a_long_function_is_caught_and_its_docstring_is_free(tmp_path: Path):
    """Only the lines after the docstring count."""
    docstring = '    """One.\n' + "\n" * FUNCTION_LINES + '    """\n'
    full = "    x = 1\n" * FUNCTION_LINES
    tree = write_tree(
        tmp_path, {"a.py": f"def f():\n{docstring}{full}", "b.py": f"def g():\n{docstring}{full}    x = 2\n"}
    )
    assert [offence.split()[1] for offence in budget_offences(tree)] == ["g:"]


def test_a_long_class_is_caught(tmp_path: Path):
    """A class of too many lines is an offence."""
    tree = write_tree(tmp_path, {"a.py": "class A:\n" + "    x = 1\n" * (CLASS_LINES + 1)})
    assert len(budget_offences(tree)) == 1


def test_a_class_of_many_methods_is_caught(tmp_path: Path):
    """A class of too many methods is an offence."""
    methods = "".join(f"    def f{number}(self): ...\n" for number in range(CLASS_METHODS + 1))
    assert len(budget_offences(write_tree(tmp_path, {"a.py": f"class A:\n{methods}"}))) == 1


def test_a_long_signature_is_caught_and_self_is_free(tmp_path: Path):
    """Eight parameters are an offence; seven and `self` are not."""
    allowed = "    def f(self, a, b, c, d, e, f, *, g): ...\n"
    excessive = "    def g(self, a, b, c, d, e, f, *g, h): ...\n"
    assert len(budget_offences(write_tree(tmp_path, {"a.py": f"class A:\n{allowed}{excessive}"}))) == 1


def test_too_many_settings_are_caught(tmp_path: Path):
    """Settings are counted in their own module and nowhere else."""
    fields = "class A:\n" + "".join(f"    a{number}: int\n" for number in range(SETTINGS_FIELDS + 1))
    assert len(budget_offences(write_tree(tmp_path, {"settings.py": fields, "ports.py": fields}))) == 1


def test_a_long_source_of_the_console_is_caught(tmp_path: Path):
    """A TypeScript file over the budget is an offence, unless a program wrote it."""
    for name in ("page.tsx", "wire.generated.ts"):
        (tmp_path / name).write_text("x\n" * (FILE_LINES + 1), encoding="utf-8")
    assert [offence.split(":")[0] for offence in console_offences(tmp_path)] == [str(tmp_path / "page.tsx")]
