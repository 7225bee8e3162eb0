"""Every module says what it is, and every package of a floor in a paragraph."""

import ast
import re
from pathlib import Path

from tests.meta.source import SRC, Module, modules, write_tree

PARAGRAPH_WORDS = 20  # two plain sentences: what the package is, and what it must never know


def docstring_offences(source_root: Path) -> list[str]:
    """Return the modules without a docstring and the packages whose docstring is no paragraph."""
    offences = list[str]()
    for module in modules(source_root):
        docstring = ast.get_docstring(module.tree) or ""
        if not docstring:
            offences.append(f"{module.path}: no docstring says what this is")
        elif module.is_package and _is_room(module) and not is_paragraph(docstring):
            offences.append(f"{module.path}: a package says in two sentences what it is and what it must never know")
    return offences


def _is_room(module: Module) -> bool:
    """Whether the package is the house itself or stands on a floor of its own; a folder inside one says less."""
    return len(module.below_the_root()) <= 1


def is_paragraph(docstring: str) -> bool:
    """Whether a docstring has at least two sentences and enough words to fill them."""
    sentences = re.findall(r"[.:!?](?=\s|$)", docstring)
    return len(sentences) >= 2 and len(docstring.split()) >= PARAGRAPH_WORDS


def test_every_module_of_antiphon_says_what_it_is():
    """Antiphon's modules have docstrings, and its packages paragraphs."""
    assert docstring_offences(SRC) == []


def test_a_silent_module_is_caught(tmp_path: Path):
    """A module without a docstring is an offence."""
    paragraph = '"""' + "A package of some words that go on for a while. " * 3 + '"""\n'
    tree = write_tree(tmp_path, {"__init__.py": paragraph, "a.py": "x = 1\n", "b.py": '"""Says."""\n'})
    assert [offence.split(":")[0] for offence in docstring_offences(tree)] == [str(tmp_path / "antiphon" / "a.py")]


def test_a_package_of_few_words_is_caught(tmp_path: Path):
    """One short sentence is not a paragraph."""
    assert len(docstring_offences(write_tree(tmp_path, {"__init__.py": '"""Too short."""\n'}))) == 1
