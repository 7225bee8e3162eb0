"""Imports go down only. This is the one table of the floors; `docs/design.md` shows the same."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.meta.source import SRC, Import, Module, imports, modules, names, third_party_imports, write_tree

FLOORS = {
    6: {"app", "cli", "cli_endings", "cli_keys", "cli_models", "worker", "__main__"},
    5: {"server"},
    4: {"features"},
    3: {"engines", "training", "stores", "testing"},
    2: {"ports"},
    1: {
        "realtime",
        "ledger",
        "prefix",
        "grading",
        "audio",
        "prosody",
        "schemas",
        "generation",
        "catalogue",
        "limits",
        "speech",
    },
    0: {"wire", "errors", "ids", "callers", "settings"},
}
FLOOR_OF = {name: floor for floor, rooms in FLOORS.items() for name in rooms}

# Who may import a sibling on the same floor, and which.
SIBLINGS = {
    ("wire", "errors"),  # a body that cannot be read is the caller's error
    ("settings", "errors"),  # a malformed option refuses the start
    ("realtime", "audio"),
    ("realtime", "speech"),  # what was heard and said are its facts
    ("realtime", "generation"),  # and what the model wrote
    ("generation", "prefix"),  # usage tells of cached tokens by the one formula
    ("generation", "schemas"),  # a forced answer is decoded with the grammar of its schema
    # The top floor is entered from the command line; nobody below knows it.
    ("cli", "app"),
    ("cli", "cli_endings"),
    ("cli", "cli_keys"),
    ("cli", "cli_models"),
    ("cli_keys", "cli_endings"),
    ("cli_models", "cli_endings"),
    ("cli", "worker"),
    ("worker", "app"),
    ("__main__", "cli"),
}

# Folders whose parts never import each other, and the parts that all of them may use.
SEPARATE_PARTS = {"features": frozenset[str](), "engines": frozenset({"supervisor", "http"})}
# The one part that may import all its siblings, since it says which of them answers.
CHOOSING_PARTS = {"engines": "registry"}

# What a pure floor may import from outside: values in, values out; nothing waits, reads or tells time.
PURE_LIBRARIES = frozenset({"gguf", "jinja2", "msgspec", "num2words", "numpy", "pydantic", "soxr"})
IMPURE_STANDARD_LIBRARY = frozenset(
    {
        "asyncio",
        "http",
        "multiprocessing",
        "os",
        "random",
        "secrets",
        "select",
        "selectors",
        "signal",
        "socket",
    }
    | {"sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request"}
)

# Features talk to ports: the libraries of the edge and of the adapters are not theirs.
FOREIGN_TO_FEATURES = frozenset(
    {"aiohttp", "alembic", "fastapi", "httpx", "obstore", "sqlalchemy", "starlette", "uvicorn", "xllamacpp"}
)


def floor_offences(source_root: Path) -> list[str]:
    """Return every import that goes up, goes sideways without leave, or stands inside a function."""
    tree = modules(source_root)
    known = names(tree)
    offences = [f"{module.name} stands on no floor: name it in {Path(__file__).name}" for module in _homeless(tree)]
    for module in tree:
        for imported in imports(module, known):
            offences += [f"{module.path}:{imported.line}: {fault}" for fault in _faults(module, imported)]
    return offences


def purity_offences(source_root: Path) -> list[str]:
    """Return every import of a library that the importing floor must not know."""
    return [
        f"{module.path}:{line}: {module.name} must not know {library}"
        for module in modules(source_root)
        for library, line in third_party_imports(module)
        if _is_foreign(library, module)
    ]


def _homeless(tree: tuple[Module, ...]) -> Iterator[Module]:
    return (module for module in tree if module.below_the_root() and module.below_the_root()[0] not in FLOOR_OF)


def _faults(module: Module, imported: Import) -> Iterator[str]:
    if imported.in_function:
        yield f"{module.name} imports {imported.target} inside a function"
    here, there = module.below_the_root(), tuple(imported.target.split(".")[1:])
    if not there:
        return
    if not here:
        yield f"the ground imports {imported.target}"
        return
    if here[0] != there[0]:
        if not _may_import(here[0], there[0]):
            yield f"{module.name} imports {imported.target}, which is not below it"
    elif _are_separate(here, there):
        yield f"{module.name} imports {imported.target}, and the parts of {here[0]} never import each other"


def _may_import(here: str, there: str) -> bool:
    return (here, there) in SIBLINGS or FLOOR_OF.get(here, -1) > FLOOR_OF.get(there, 7)


def _are_separate(here: tuple[str, ...], there: tuple[str, ...]) -> bool:
    shared = SEPARATE_PARTS.get(here[0])
    if shared is None or len(here) == 1 or len(there) == 1 or here[1] == CHOOSING_PARTS.get(here[0]):
        return False
    return here[1] != there[1] and there[1] not in shared


def _is_foreign(library: str, module: Module) -> bool:
    room = (*module.below_the_root(), "")[0]
    top = library.partition(".")[0]
    if room == "features":
        return top in FOREIGN_TO_FEATURES
    if FLOOR_OF.get(room) == 1:
        if top in sys.stdlib_module_names:
            return any(f"{library}.".startswith(f"{impure}.") for impure in IMPURE_STANDARD_LIBRARY)
        return top not in PURE_LIBRARIES
    return False


def test_antiphon_imports_downwards_only():
    """Antiphon's own tree keeps the floors."""
    assert floor_offences(SRC) == []


def test_antiphon_keeps_its_pure_floor_pure():
    """No package of the pure floor waits, reads or tells time; no feature knows the edge or a database."""
    assert purity_offences(SRC) == []


def test_a_floor_may_use_the_floors_below_it(tmp_path: Path):
    """A tree in which everything points down is clean."""
    tree = write_tree(
        tmp_path,
        {
            "features/chat.py": "from antiphon.ports import Chat\nfrom antiphon import errors\n",
            "ports.py": "from antiphon.wire.chat import Request\n",
            "wire/chat.py": "",
            "errors.py": "",
            "realtime/turn.py": "from antiphon.audio import pcm\n",
            "audio/pcm.py": "",
        },
    )
    assert floor_offences(tree) == []


def test_an_import_upwards_is_caught(tmp_path: Path):
    """A wire type that knows a feature is an offence, however it is spelled."""
    tree = write_tree(
        tmp_path,
        {
            "wire/chat.py": "from ..features import chat\nimport antiphon.features.chat\n",
            "features/chat.py": "",
        },
    )
    assert len(floor_offences(tree)) == 2


def test_siblings_are_caught(tmp_path: Path):
    """Packages of one floor do not know each other, unless the table says so."""
    tree = write_tree(tmp_path, {"audio/pcm.py": "from antiphon.realtime import turn\n", "realtime/turn.py": ""})
    assert len(floor_offences(tree)) == 1


def test_features_that_know_each_other_are_caught(tmp_path: Path):
    """A feature that imports another is an offence."""
    tree = write_tree(tmp_path, {"features/chat.py": "from antiphon.features import files\n", "features/files.py": ""})
    assert len(floor_offences(tree)) == 1


def test_engines_that_know_each_other_are_caught(tmp_path: Path):
    """An engine may use the supervisor and the HTTP client, and no other engine."""
    tree = write_tree(
        tmp_path,
        {
            "engines/llama/__init__.py": "from antiphon.engines import remote, supervisor\n",
            "engines/remote/__init__.py": "",
            "engines/supervisor.py": "",
        },
    )
    assert len(floor_offences(tree)) == 1


def test_the_top_floor_is_known_to_nobody_below(tmp_path: Path):
    """Nothing under the composition root imports it."""
    tree = write_tree(tmp_path, {"server/routes/chat.py": "import antiphon.app\n", "app.py": ""})
    assert len(floor_offences(tree)) == 1


def test_an_import_of_ours_inside_a_function_is_caught(tmp_path: Path):
    """An import hidden in a function is an offence even where it goes down."""
    tree = write_tree(tmp_path, {"ports.py": "def late():\n    from antiphon import errors\n", "errors.py": ""})
    assert len(floor_offences(tree)) == 1


def test_a_package_without_a_floor_is_caught(tmp_path: Path):
    """A new top-level package has to take its place in the table."""
    assert len(floor_offences(write_tree(tmp_path, {"cellar/__init__.py": ""}))) == 1


def test_a_pure_floor_that_waits_is_caught(tmp_path: Path):
    """The pure floor may not import asyncio, nor a feature sqlalchemy."""
    tree = write_tree(
        tmp_path,
        {
            "ledger/fold.py": "import asyncio.tasks\nfrom urllib.parse import quote\nimport aiohttp\nimport numpy\n",
            "features/chat.py": "import asyncio\nimport sqlalchemy\n",
        },
    )
    assert len(purity_offences(tree)) == 3
