"""Python sources as the gates see them: modules with their names, syntax trees and imports of ours."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SRC = PROJECT / "src"
PACKAGE = "antiphon"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, where it lies and what it says."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether the file is the `__init__.py` of its folder."""
        return self.path.name == "__init__.py"

    def below_the_root(self) -> tuple[str, ...]:
        """The name without the package's own: `("features", "chat")`; empty for the root package."""
        return tuple(self.name.split(".")[1:])


@dataclass(frozen=True)
class Import:
    """One import of a module of ours: which, on which line, and whether inside a function."""

    target: str
    line: int
    in_function: bool


@cache
def modules(source_root: Path) -> tuple[Module, ...]:
    """Return every module of the package under `source_root`, in the order of their names."""
    paths = sorted((source_root / PACKAGE).rglob("*.py"))
    return tuple(_read(path, source_root) for path in paths)


def _read(path: Path, source_root: Path) -> Module:
    parts = path.relative_to(source_root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Module(name, path, text, ast.parse(text, filename=str(path)))


def imports(module: Module, known: frozenset[str]) -> tuple[Import, ...]:
    """Return the imports of ours in `module`; `known` holds the names of all modules of the tree.

    `from antiphon import errors` means the module `antiphon.errors` if there is one, else `antiphon`.
    """
    found = [
        Import(_resolve(name, known), node.lineno, in_function)
        for node, in_function in _import_statements(module.tree)
        for name in _imported_names(node, module)
        if name.split(".")[0] == PACKAGE
    ]
    return tuple(found)


def _import_statements(
    node: ast.AST, *, in_function: bool = False
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, in_function
        else:
            inside = in_function or isinstance(child, Function | ast.Lambda)
            yield from _import_statements(child, in_function=inside)


def _imported_names(node: ast.Import | ast.ImportFrom, module: Module) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    origin = _origin(node, module)
    yield from (f"{origin}.{alias.name}" for alias in node.names)


def _origin(node: ast.ImportFrom, module: Module) -> str:
    """The absolute name of what stands between `from` and `import`."""
    if node.level == 0:
        return node.module or ""
    parts = module.name.split(".")
    climbed = node.level - 1 if module.is_package else node.level
    package = parts[: len(parts) - climbed]
    return ".".join([*package, node.module] if node.module else package)


def _resolve(name: str, known: frozenset[str]) -> str:
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return name


def third_party_imports(module: Module) -> Iterator[tuple[str, int]]:
    """Yield the full name of each import that is not of ours, `from a import b` being `a.b`, and its line."""
    for node, _ in _import_statements(module.tree):
        for name in _imported_names(node, module):
            if name.split(".")[0] != PACKAGE:
                yield name, node.lineno


def names(tree: tuple[Module, ...]) -> frozenset[str]:
    """Return the dotted names of all modules of a tree."""
    return frozenset(module.name for module in tree)


def write_tree(source_root: Path, files: dict[str, str]) -> Path:
    """Write a made-up package under `source_root`, paths relative to the package; return `source_root`."""
    for relative, text in {"__init__.py": '"""Made up."""\n', **files}.items():
        path = source_root / PACKAGE / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return source_root
