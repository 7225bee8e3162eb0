"""Names that say nothing, settings read from everywhere, and nets that catch everything."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.meta.source import SRC, Function, Module, modules, write_tree

BANNED_NAMES = frozenset(
    {
        "base",
        "common",
        "core",
        "handler",
        "handlers",
        "helper",
        "helpers",
        "impl",
        "manager",
        "managers",
        "misc",
    }
    | {"service", "services", "util", "utilities", "utils"}
)
BANNED_SUFFIXES = ("_utils", "_helpers", "_new", "_old", "_v2")

ENVIRONMENT = frozenset({"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"})
ENVIRONMENT_HOME = "antiphon.settings"

# The functions that may catch every exception, as `module:function`: supervisors, which turn a bug of a part
# into that part's failure.
SUPERVISOR_POINTS = frozenset({"antiphon.features.voice.conversation:run", "antiphon.server.edge:_serve"})

CATCH_ALL = frozenset({"Exception", "BaseException"})


def name_offences(source_root: Path) -> list[str]:
    """Return the modules and packages whose name says nothing about what they hold."""
    return [
        f"{module.path}: {part!r} says nothing about what is in it"
        for module in modules(source_root)
        for part in module.below_the_root()[-1:]
        if part in BANNED_NAMES or part.endswith(BANNED_SUFFIXES)
    ]


def environment_offences(source_root: Path) -> list[str]:
    """Return the places that read or write the environment outside the settings."""
    return [
        f"{module.path}:{node.lineno}: the environment is read in {ENVIRONMENT_HOME} alone"
        for module in modules(source_root)
        if module.name != ENVIRONMENT_HOME
        for node in ast.walk(module.tree)
        if _touches_environment(node)
    ]


def _touches_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.value.id == "os" and node.attr in ENVIRONMENT
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(alias.name in ENVIRONMENT for alias in node.names)
    return False


def catch_all_points(source_root: Path) -> dict[str, str]:
    """Return where every exception is caught: `module:function` to `path:line`."""
    return {
        f"{module.name}:{function}": f"{module.path}:{line}"
        for module in modules(source_root)
        for function, line in _catch_alls(module)
    }


def _catch_alls(module: Module) -> Iterator[tuple[str, int]]:
    def visit(node: ast.AST, function: str) -> Iterator[tuple[str, int]]:
        if isinstance(node, Function):
            function = node.name
        if _catches_all(node):
            yield function, getattr(node, "lineno", 0)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, function)

    return visit(module.tree, "<module>")


def _catches_all(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return not _lets_through(node) and (node.type is None or _names_catch_all(node.type))
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return called == "suppress" and any(_names_catch_all(argument) for argument in node.args)
    return False


def _lets_through(handler: ast.ExceptHandler) -> bool:
    """Whether the handler only cleans up: it ends by raising again what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _names_catch_all(expression: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id in CATCH_ALL for node in ast.walk(expression))


def test_modules_of_antiphon_are_named_after_what_they_hold():
    """No module is a drawer for leftovers."""
    assert name_offences(SRC) == []


def test_antiphon_reads_the_environment_in_its_settings_alone():
    """Whoever reads `settings.py` knows every variable."""
    assert environment_offences(SRC) == []


def test_antiphon_catches_everything_at_named_points_alone():
    """`except Exception` stands exactly at the supervisor points, and each of these still exists."""
    assert catch_all_points(SRC).keys() == SUPERVISOR_POINTS


def test_a_drawer_for_leftovers_is_caught(tmp_path: Path):
    """Banned names are caught as files and as folders, and a name that merely contains one is not."""
    files = {
        "wire/utils.py": "",
        "core/__init__.py": "",
        "text_utils.py": "",
        "score.py": "",
        "wire/handlers.py": "",
    }
    assert len(name_offences(write_tree(tmp_path, files))) == 4


def test_a_stray_read_of_the_environment_is_caught(tmp_path: Path):
    """Each way to reach the environment is caught, and the settings are free to."""
    files = {
        "a.py": "import os\nos.environ['A']\nos.getenv('B')\nfrom os import environ\nos.getpid()\n",
        "settings.py": "import os\nos.environ['A']\n",
    }
    assert len(environment_offences(write_tree(tmp_path, files))) == 3


def test_a_net_that_catches_everything_is_caught(tmp_path: Path):
    """Bare, by name, in a tuple or suppressed: each is found under the function that it stands in."""
    text = (
        "def a():\n    try: ...\n    except: ...\n"
        "def b():\n    try: ...\n    except Exception: ...\n"
        "async def c():\n    try: ...\n    except (OSError, BaseException): ...\n"
        "def d():\n    with contextlib.suppress(Exception): ...\n"
        "def e():\n    try: ...\n    except OSError: ...\n"
        "def f():\n    try: ...\n    except BaseException:\n        tidy()\n        raise\n"
    )
    points = catch_all_points(write_tree(tmp_path, {"a.py": text}))
    assert points.keys() == {f"antiphon.a:{name}" for name in "abcd"}
