"""One pull: sources tried in their order, files assembled, the weights made of them and put in their place."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from antiphon.catalogue.entry import Entry, ModelFile, Source
from antiphon.catalogue.pulling import PullFact, PullProgress, SourceFailed, Stage
from antiphon.errors import Conflict, UpstreamFailed
from antiphon.stores.models.download import Downloads
from antiphon.stores.models.fetching import NUM_AT_A_TIME, Fetching
from antiphon.stores.models.files import check, join
from antiphon.stores.models.making import make
from antiphon.stores.models.manifest import write_manifest
from antiphon.stores.models.parcels import Parcel, Piece, described, parcels_of, pieces_of, whole
from antiphon.stores.models.threads import Tick, in_thread

_WORKSHOP = "unfinished"

# Left free for everybody else on the disk.
_SPARE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pull:
    """The pulling of `entry` into `folder`, which nobody else writes to meanwhile."""

    entry: Entry
    folder: Path
    downloads: Downloads
    hub_url: str
    tell: Callable[[PullFact], None]

    async def run(self) -> None:
        """Fetch, assemble, make and keep the weights. Raises `UpstreamFailed`, or `Conflict` for a full disk."""
        self._workshop.mkdir(parents=True, exist_ok=True)
        source = await self._fetch_from_any()
        files = {file.name: await self._assemble(file, source) for file in self.entry.files}
        kept = await self._made(files) if self.entry.made is not None else files
        sums = {file.name: await self._checked(file, kept[file.name]) for file in self.entry.kept}
        for name, path in kept.items():
            path.replace(self.folder / name)
        self._tidy()
        write_manifest(self.folder, self.entry, sums, described(source))

    @property
    def _workshop(self) -> Path:
        return self.folder / _WORKSHOP

    @property
    def _fetching(self) -> Fetching:
        return Fetching(self.entry.name, self._workshop, self.downloads, self.tell)

    async def _fetch_from_any(self) -> Source:
        reasons: list[str] = []
        for source in self.entry.sources:
            try:
                await self._fetch_from(source)
            except UpstreamFailed as fault:
                reasons.append(f"From {described(source)}: {fault.message}")
                self.tell(SourceFailed(self.entry.name, described(source), fault.message))
            else:
                return source
        message = f"The model '{self.entry.name}' could not be fetched. {' '.join(reasons)}"
        raise UpstreamFailed(message, code="model_not_fetched")

    async def _fetch_from(self, source: Source) -> None:
        fetching = self._fetching
        lacking = [file for file in self.entry.files if not fetching.has(whole(file))]
        wanted = {piece for file in lacking for piece in pieces_of(self.entry, file, source)}
        parcels = [
            parcel for parcel in parcels_of(self.entry, source, self.hub_url) if not wanted.isdisjoint(parcel.pieces)
        ]
        self._check_space(fetching.missing(parcels))
        await fetching.bring(parcels)

    def _check_space(self, missing: list[Parcel]) -> None:
        made = self.entry.made
        wanted_bytes = (
            sum(parcel.size_bytes for parcel in missing)
            # Wheels lie beside the pieces that are copied out of them, and pieces beside the file they are joined to.
            + sum(sorted(parcel.size_bytes for parcel in missing)[-NUM_AT_A_TIME:])
            + (self.entry.fetched_bytes if len(missing) > len(self.entry.files) else 0)
            + ((made.size_bytes or self.entry.fetched_bytes) if made else 0)
        )
        free_bytes = shutil.disk_usage(self._workshop).free
        if wanted_bytes + _SPARE_BYTES > free_bytes:
            raise Conflict(
                f"Pulling '{self.entry.name}' takes {wanted_bytes / 1e9:.1f} GB in {self.folder}, and "
                f"{free_bytes / 1e9:.1f} GB are free there: make room, or move the data folder.",
                code="disk_full",
            )

    async def _assemble(self, file: ModelFile, source: Source) -> Path:
        """Return where `file` lies whole and checked, in the workshop."""
        target = whole(file).path_in(self._workshop)
        pieces = pieces_of(self.entry, file, source)
        if len(pieces) > 1 and not target.exists():
            await in_thread(partial(self._join, file, pieces), self._progress(Stage.ASSEMBLING, file.name))
        return target

    def _join(self, file: ModelFile, pieces: tuple[Piece, ...], tick: Tick) -> None:
        unchecked = self._workshop / f"{file.name}.unchecked"
        lying = [piece.path_in(self._workshop) for piece in pieces]
        join(lying, unchecked, file.size_bytes or 0, tick)
        check(unchecked, file.name, file.sha256, tick)
        unchecked.replace(whole(file).path_in(self._workshop))
        for path in lying:
            path.unlink()

    async def _made(self, files: dict[str, Path]) -> dict[str, Path]:
        """Return the one file that is made of the others, in the workshop."""
        assert self.entry.made is not None
        made = self.entry.weights
        unchecked = self._workshop / f"{made.name}.unchecked"
        progress = self._progress(Stage.MAKING, made.name)
        progress(0, self.entry.fetched_bytes)
        await in_thread(partial(make, self.entry.made, files, unchecked), progress)
        return {made.name: unchecked}

    async def _checked(self, file: ModelFile, path: Path) -> str:
        """Return the checksum of a finished file; what was fetched under one was checked as it came."""
        if self.entry.made is None and file.sha256 is not None:
            return file.sha256
        checking = partial(check, path, f"{file.name} of '{self.entry.name}'", file.sha256)
        return await in_thread(checking, lambda _done, _total: None)

    def _progress(self, stage: Stage, item: str) -> Callable[[int, int], None]:
        def tell(done_bytes: int, total_bytes: int) -> None:
            self.tell(PullProgress(self.entry.name, stage, item, done_bytes, total_bytes))

        return tell

    def _tidy(self) -> None:
        """Delete all that is not kept: what was made into something else, and files of an older recipe."""
        kept = {file.name for file in self.entry.kept}
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name not in kept:
                path.unlink()
