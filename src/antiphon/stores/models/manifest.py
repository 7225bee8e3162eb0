"""The note beside a model's weights that says what they are, so that nobody has to read them to know.

A checksum over hundreds of megabytes takes a second; size and time of change say as much of a file that only this
package writes. Where they differ from the note, the checksum decides.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import StoredModel

_FILE_NAME = "manifest.json"


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was when it was checked."""

    file: str
    size_bytes: int
    changed_at_ns: int
    sha256: str

    def describes(self, folder: Path) -> bool:
        """Whether the file is there, as large and as old as it was."""
        return self.has_size_in(folder) and (folder / self.file).stat().st_mtime_ns == self.changed_at_ns

    def has_size_in(self, folder: Path) -> bool:
        """Whether the file is there and as large as it was."""
        path = folder / self.file
        return path.is_file() and path.stat().st_size == self.size_bytes


class Manifest(KeptFile, frozen=True, kw_only=True):
    """What the weights are, and the files beside them. `recipe` changes when the catalogue wants others."""

    model: str
    recipe: str
    source: str
    made: str | None = None
    others: tuple[KeptFile, ...] = ()

    @property
    def files(self) -> tuple[KeptFile, ...]:
        """All files, that which an engine is told of first."""
        return (self, *self.others)

    def stored(self, folder: Path) -> StoredModel:
        """The same, for those who want the weights."""
        size_bytes = sum(kept.size_bytes for kept in self.files)
        return StoredModel(self.model, folder / self.file, size_bytes, self.sha256, self.source)


def read_manifest(folder: Path, entry: Entry) -> Manifest | None:
    """Return the note in `folder` if it is about the weights that `entry` wants; `None` otherwise."""
    try:
        manifest = msgspec.json.decode((folder / _FILE_NAME).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    return manifest if manifest.recipe == entry.recipe() else None


def write_manifest(folder: Path, entry: Entry, sums: Mapping[str, str], source: str) -> Manifest:
    """Note in `folder` that what `entry` wants lies there and was checked; the note appears at once.

    `sums` are the checksums of the kept files by their names.
    """
    weights, *others = (_kept(folder, file.name, sums[file.name]) for file in entry.kept)
    manifest = Manifest(
        **msgspec.structs.asdict(weights),
        model=entry.name,
        recipe=entry.recipe(),
        source=source,
        made=f"{entry.made.by} {entry.made.to}" if entry.made else None,
        others=tuple(others),
    )
    unfinished = folder / f"{_FILE_NAME}.unfinished"
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    unfinished.replace(folder / _FILE_NAME)
    return manifest


def _kept(folder: Path, name: str, sha256: str) -> KeptFile:
    status = (folder / name).stat()
    return KeptFile(file=name, size_bytes=status.st_size, changed_at_ns=status.st_mtime_ns, sha256=sha256)


def is_manifest(path: Path) -> bool:
    """Whether `path` is a note, not weights."""
    return path.name == _FILE_NAME
