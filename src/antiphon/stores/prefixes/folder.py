"""The folder of sealed prefixes: one file each, whole or not there, never more than a budget of them."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Self

from antiphon.prefix.entry import Entry
from antiphon.prefix.header import FoundPrefix, PrefixHeader
from antiphon.prefix.misses import Fault, PrefixMiss, PrefixNotKept
from antiphon.stores.prefixes.payload import Tick, copy_payload, read_payload, write_sealed
from antiphon.stores.prefixes.room import Room, TakenRoom
from antiphon.stores.prefixes.sealing import Seal, SealedPrefix

_SUFFIX = ".prefix"
_PART = ".part"


class SealedFolder:
    """The files, for threads: every method blocks, and all may be called at the same time.

    `now` reads seconds since 1970. The files are the owner's alone. What is wrong with a file is found when it is read,
    and such a file is removed.
    """

    def __init__(self, path: Path, seal: Seal, room: Room, now: Callable[[], float]) -> None:
        self._path = path
        self._seal = seal
        self._taken = TakenRoom(path, room)
        self._now = now

    @property
    def num_bytes(self) -> int:
        """How many bytes the files take."""
        return self._taken.num_bytes

    def scan(self) -> list[FoundPrefix]:
        """Make the folder, remove what is of no use, and return the rest, the last used first.

        Of no use are parts of files, files that cannot be read to the end of their header, files whose time is over,
        and those used least recently beyond the budget, pinned ones last. Raises `OSError` if there can be no folder.
        """
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.chmod(0o700)
        found = list[FoundPrefix]()
        for path in list(self._path.iterdir()):
            if path.suffix == _SUFFIX:
                with suppress(PrefixMiss):
                    found.append(self._found(path))
            elif path.suffix == _PART:
                _unlink(path)
        found.sort(key=lambda one: (one.header.is_pinned, one.used_at), reverse=True)
        kept = self._within_budget(found)
        self._taken.begin({one.header.id: one.file_bytes for one in kept})
        return sorted(kept, key=lambda one: one.used_at, reverse=True)

    def put(self, raw_path: Path, header: PrefixHeader, tick: Tick) -> int:
        """Seal the file at `raw_path`, which stays, and return the bytes of the sealed one, which is on the disk then.

        Takes the place of a file of the same id. Raises `PrefixNotKept`; `tick` may raise too. Neither leaves a trace.
        """
        try:
            with raw_path.open("rb") as raw:
                file_bytes = self._seal.file_bytes(header, os.fstat(raw.fileno()).st_size)
                with self._taken.promised(header.id, file_bytes):
                    self._write(header.id, lambda out: write_sealed(self._seal, header, raw, out, tick), tick)
                    self._taken.count(header.id, file_bytes)
        except OSError as error:
            raise PrefixNotKept(f"The disk did not take the prefix: {error.strerror}.") from error
        return file_bytes

    def take_out(self, entry: Entry, raw_path: Path, tick: Tick) -> int:
        """Write the state of an entry to `raw_path` and return its bytes; the file counts as used now.

        `raw_path` is written only if all was well. Raises `PrefixMiss`, and removes the sealed file unless it was the
        folder of `raw_path` that failed.
        """
        part = raw_path.with_name(f"{raw_path.name}.{token_hex(4)}{_PART}")
        path = self._file(entry.id)
        try:
            with self._opened(path, entry.id) as (file, sealed):
                if sealed.header.key != entry.key or sealed.header.sequence != entry.sequence:
                    raise PrefixMiss(Fault.FOREIGN)
                with _Target(part, raw_path) as target:
                    read_payload(self._seal, sealed, file, target.write, tick)
            with suppress(OSError):
                os.utime(path, (self._now(), self._now()))
        finally:
            _unlink(part)
        return sealed.payload_bytes

    def amend(self, prefix_id: str, expires_at: float, is_pinned: bool, tick: Tick) -> None:
        """Give a file another end of its time, or pin it: the state is copied as it lies under a new header.

        Raises `PrefixMiss` for a file that is not fit for use, and `PrefixNotKept`, where the old file stays.
        """
        path = self._file(prefix_id)
        with self._opened(path, prefix_id) as (file, sealed):
            header = replace(sealed.header, expires_at=expires_at, is_pinned=is_pinned)
            start = self._seal.write_header(header, self._seal.amended(sealed.opening, header))

            def fill(out: BinaryIO) -> None:
                out.write(start)
                copy_payload(file, out, tick)

            try:
                with self._taken.promised(None, sealed.file_bytes):
                    used_at = os.fstat(file.fileno()).st_mtime
                    self._write(prefix_id, fill, tick)
                    os.utime(path, (used_at, used_at))
            except OSError as error:
                raise PrefixNotKept(f"The disk did not take the prefix: {error.strerror}.") from error

    def remove(self, prefix_id: str) -> None:
        """Remove a file; one that is not there is no error."""
        _unlink(self._file(prefix_id))
        self._taken.forget(prefix_id)

    def _file(self, prefix_id: str) -> Path:
        if not _is_name(prefix_id):
            raise ValueError(f"No file can be named after the id '{prefix_id}'.")
        return self._path / f"{prefix_id}{_SUFFIX}"

    def _found(self, path: Path) -> FoundPrefix:
        with self._opened(path, path.name.removesuffix(_SUFFIX)) as (file, sealed):
            used_at = min(os.fstat(file.fileno()).st_mtime, self._now())
            return FoundPrefix(sealed.header, sealed.payload_bytes, sealed.file_bytes, used_at)

    def _within_budget(self, found: list[FoundPrefix]) -> list[FoundPrefix]:
        kept, num_bytes = list[FoundPrefix](), 0
        for one in found:
            if num_bytes + one.file_bytes <= self._taken.budget_bytes:
                kept.append(one)
                num_bytes += one.file_bytes
            else:
                _unlink(self._file(one.header.id))
        return kept

    @contextmanager
    def _opened(self, path: Path, prefix_id: str) -> Generator[tuple[BinaryIO, SealedPrefix]]:
        """A file at its payload, with its header. What turns out to be unfit is removed."""
        try:
            with path.open("rb") as file:
                yield file, self._fit(self._seal.read_header(file), prefix_id)
        except FileNotFoundError:
            self._discard(path, prefix_id)
            raise PrefixMiss(Fault.GONE) from None
        except OSError as error:
            self._discard(path, prefix_id)
            raise PrefixMiss(Fault.UNREADABLE) from error
        except PrefixMiss as miss:
            if miss.fault is not Fault.NO_TARGET:
                self._discard(path, prefix_id)
            raise

    def _fit(self, sealed: SealedPrefix, prefix_id: str) -> SealedPrefix:
        if sealed.header.id != prefix_id or not _is_name(prefix_id):
            raise PrefixMiss(Fault.FOREIGN)
        if sealed.header.is_over(self._now()):
            raise PrefixMiss(Fault.STALE)
        return sealed

    def _discard(self, path: Path, prefix_id: str) -> None:
        _unlink(path)
        self._taken.forget(prefix_id)

    def _write(self, prefix_id: str, fill: Callable[[BinaryIO], object], tick: Tick) -> None:
        """Put a file in its place once all of it is on the disk."""
        path = self._file(prefix_id)
        part = self._path / f"{prefix_id}.{token_hex(4)}{_PART}"
        try:
            with _private_file(part) as out:
                fill(out)
                out.flush()
                os.fsync(out.fileno())
            tick()
            part.replace(path)
            _sync_folder(self._path)
        finally:
            _unlink(part)


class _Target:
    """A new file that takes its name when all of it is written; its own failures are no fault of the sealed file."""

    def __init__(self, part: Path, path: Path) -> None:
        self._part = part
        self._path = path

    def __enter__(self) -> Self:
        try:
            self._file = _private_file(self._part)
        except OSError as error:
            raise PrefixMiss(Fault.NO_TARGET) from error
        return self

    def write(self, data: bytes) -> None:
        """Write all of `data` now. Raises `PrefixMiss`."""
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise PrefixMiss(Fault.NO_TARGET) from error

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with suppress(OSError):  # what could not be flushed has been told by `write`
            self._file.close()
        if kind is None:
            try:
                self._part.replace(self._path)
            except OSError as error:
                raise PrefixMiss(Fault.NO_TARGET) from error


def _private_file(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def _is_name(prefix_id: str) -> bool:
    return prefix_id.isascii() and prefix_id.replace("_", "").replace("-", "").isalnum()


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
