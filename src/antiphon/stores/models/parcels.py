"""What has to be fetched for a model from one source: parcels, each one download, and the pieces in them.

A piece is a whole file of the model or a part of one. It is kept under its checksum, so that a second attempt, from
another source too, finds what the first one brought.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from antiphon.catalogue.entry import Entry, HubFiles, ModelFile, Source, WheelPart

# Above what a wheel's members take: its directory, its metadata and some code.
_WHEEL_EXTRA_BYTES = 16 * 1024 * 1024

# Of a file without a pinned size, which comes from the operator's own disk.
_NO_LIMIT_BYTES = 1 << 62


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a model: the `size_bytes` and `sha256` are unknown for an operator's unpinned file alone.

    `member` is its place in a wheel.
    """

    name: str
    size_bytes: int | None
    sha256: str | None
    member: str | None = None

    def path_in(self, workshop: Path) -> Path:
        """Where the piece lies once it is there and checked."""
        return workshop / f"{self.sha256 or self.name}.piece"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One download. `address` is its URL or path; `wheel`, its package and version, for one that must be located."""

    label: str
    pieces: tuple[Piece, ...]
    address: str | None = None
    wheel: tuple[str, str] | None = None

    @property
    def size_bytes(self) -> int:
        """The size of its pieces, which a wheel's is close to."""
        return sum(piece.size_bytes or 0 for piece in self.pieces)

    @property
    def max_bytes(self) -> int:
        """The size above which it cannot be what is wanted."""
        if any(piece.size_bytes is None for piece in self.pieces):
            return _NO_LIMIT_BYTES
        return self.size_bytes + (_WHEEL_EXTRA_BYTES if self.wheel else 0)


def parcels_of(entry: Entry, source: Source, hub_url: str) -> tuple[Parcel, ...]:
    """Return the downloads that bring all files of `entry` from `source`."""
    if source.wheels:
        return _wheels(source.wheels)
    if source.hub is not None:
        hub = source.hub
        return tuple(
            Parcel(file.name, (whole(file),), address=_hub_address(hub, file, hub_url)) for file in entry.files
        )
    return tuple(Parcel(file.name, (whole(file),), address=source.paths[file.name].as_uri()) for file in entry.files)


def pieces_of(entry: Entry, file: ModelFile, source: Source) -> tuple[Piece, ...]:
    """Return the pieces of one file of the model, in their order."""
    if source.wheels:
        return tuple(_piece(part) for part in entry.parts_of(file, source))
    return (whole(file),)


def described(source: Source) -> str:
    """Say in words where the source is."""
    if source.wheels:
        return "the package index"
    return f"Hugging Face ({source.hub.repo})" if source.hub is not None else "this machine"


def _wheels(parts: tuple[WheelPart, ...]) -> tuple[Parcel, ...]:
    pieces: dict[tuple[str, str], list[Piece]] = {}
    for part in parts:
        pieces.setdefault((part.package, part.version), []).append(_piece(part))
    return tuple(Parcel(wheel[0], tuple(found), wheel=wheel) for wheel, found in pieces.items())


def _piece(part: WheelPart) -> Piece:
    return Piece(part.member.rpartition("/")[2], part.size_bytes, part.sha256, part.member)


def whole(file: ModelFile) -> Piece:
    """Return the piece that is all of `file`."""
    return Piece(file.name, file.size_bytes, file.sha256)


def _hub_address(hub: HubFiles, file: ModelFile, hub_url: str) -> str:
    return f"{hub_url}/{hub.repo}/resolve/{quote(hub.revision)}/{quote(hub.files[file.name])}"
