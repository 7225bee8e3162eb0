"""The note beside a model's weights that says what they are, so that nobody has to read them to know.

A checksum over hundreds of megabytes takes a second; size and time of change say as much of a file that only this
package writes. Where they differ from the note, the checksum decides.
"""

from pathlib import Path

import msgspec

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel

_FILE_NAME = "manifest.json"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the weights are. `recipe` changes when the catalogue wants other weights under the same name."""

    model: str
    file: str
    size_bytes: int
    changed_at_ns: int
    sha256: str
    recipe: str
    source: str
    made: str | None = None

    def describes(self, weights: Path) -> bool:
        """Whether the file is there, as large and as old as it was when it was checked."""
        return self.has_size_of(weights) and weights.stat().st_mtime_ns == self.changed_at_ns

    def has_size_of(self, weights: Path) -> bool:
        """Whether the file is there and as large as it was when it was checked."""
        return weights.is_file() and weights.stat().st_size == self.size_bytes

    def stored(self, folder: Path) -> StoredModel:
        """The same, for those who want the weights."""
        return StoredModel(self.model, folder / self.file, self.size_bytes, self.sha256, self.source)


def read_manifest(folder: Path, entry: Entry) -> Manifest | None:
    """Return the note in `folder` if it is about the weights that `entry` wants; `None` otherwise."""
    try:
        manifest = msgspec.json.decode((folder / _FILE_NAME).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    return manifest if manifest.recipe == entry.recipe() else None


def write_manifest(folder: Path, entry: Entry, sha256: str, source: str) -> Manifest:
    """Note in `folder` that the weights which `entry` wants lie there and were checked; the note appears at once."""
    status = (folder / entry.weights.name).stat()
    manifest = Manifest(
        model=entry.name,
        file=entry.weights.name,
        size_bytes=status.st_size,
        changed_at_ns=status.st_mtime_ns,
        sha256=sha256,
        recipe=entry.recipe(),
        source=source,
        made=f"{entry.made.by} {entry.made.to}" if entry.made else None,
    )
    unfinished = folder / f"{_FILE_NAME}.unfinished"
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    unfinished.replace(folder / _FILE_NAME)
    return manifest


def is_manifest(path: Path) -> bool:
    """Whether `path` is a note, not weights."""
    return path.name == _FILE_NAME
