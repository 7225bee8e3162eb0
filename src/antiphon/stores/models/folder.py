"""The models on this machine, each in a folder of its own: `{root}/{name}/` with its weights and a manifest."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path

import aiohttp

from antiphon.catalogue.entry import Entry
from antiphon.catalogue.pulling import Presence, PullFact, PullProgress, Stage, StoredModel
from antiphon.errors import Conflict
from antiphon.stores.models.download import Downloads
from antiphon.stores.models.files import sha256_of
from antiphon.stores.models.lock import is_locked, lock_when_free
from antiphon.stores.models.manifest import read_manifest, write_manifest
from antiphon.stores.models.pull import Pull
from antiphon.stores.models.threads import in_thread

HUB_URL = "https://huggingface.co"

_LOCKS = ".locks"


class ModelFolder:
    """Keeps the weights of catalogued models under `root`; the port `ModelStore`.

    `hub_url` is a hub of Hugging Face's layout; `first_delay_s` the pause after a download's first failure.
    """

    def __init__(self, root: Path, *, hub_url: str = HUB_URL, first_delay_s: float = 0.5) -> None:
        self._root = root
        self._hub_url = hub_url
        self._first_delay_s = first_delay_s

    def stored(self, entry: Entry) -> StoredModel | None:
        """Return the model's weights, where they are here and are those that the entry wants."""
        folder = self._root / entry.name
        manifest = read_manifest(folder, entry)
        if manifest is None or not all(kept.describes(folder) for kept in manifest.files):
            return None
        return manifest.stored(folder)

    def presence(self, entry: Entry) -> Presence:
        """Return whether the weights are here, or on their way."""
        if self.stored(entry) is not None:
            return Presence.HERE
        return Presence.FETCHING if is_locked(self._lock(entry)) else Presence.ABSENT

    async def pull(self, entry: Entry) -> AsyncGenerator[PullFact, None]:
        """Bring the model here, telling how far it is; tells nothing where it is here already.

        Where somebody else pulls the same model, waits for them. Closing the generator stops the work; what was
        fetched is kept and not fetched again. Raises `UpstreamFailed`, `InvalidRequest`, or `Conflict` where the
        disk is full.
        """
        if self.stored(entry) is not None:
            return
        facts: asyncio.Queue[PullFact | None] = asyncio.Queue()
        work = asyncio.create_task(self._bring(entry, facts.put_nowait))
        work.add_done_callback(lambda _: facts.put_nowait(None))
        try:
            while (fact := await facts.get()) is not None:
                yield fact
            await work
        finally:
            work.cancel()
            await asyncio.wait([work])

    async def delete(self, entry: Entry) -> bool:
        """Remove the model's weights and what was fetched for it; return whether there was any.

        Raises `Conflict` while it is pulled.
        """
        if is_locked(self._lock(entry)):
            raise Conflict(f"The model '{entry.name}' is being fetched: delete it when that is over.")
        folder = self._root / entry.name
        if not folder.exists():
            return False
        await in_thread(lambda _tick: shutil.rmtree(folder), lambda _done, _total: None)
        return True

    async def _bring(self, entry: Entry, tell: Callable[[PullFact], None]) -> None:
        waiting = PullProgress(entry.name, Stage.WAITING, entry.name)
        try:
            async with lock_when_free(self._lock(entry), lambda: tell(waiting)):
                if self.stored(entry) is not None or await self._recognise(entry):
                    return
                async with aiohttp.ClientSession(trust_env=True) as http:
                    downloads = Downloads(http, self._first_delay_s)
                    await Pull(entry, self._root / entry.name, downloads, self._hub_url, tell).run()
        except OSError as fault:
            raise Conflict(
                f"The model '{entry.name}' cannot be written to {self._root}: {fault.strerror or fault}.",
                code="folder_not_writable",
            ) from fault

    async def _recognise(self, entry: Entry) -> bool:
        """Whether the weights are here after all, and only their time has changed, as in a copied folder."""
        folder = self._root / entry.name
        manifest = read_manifest(folder, entry)
        if manifest is None or not all(kept.has_size_in(folder) for kept in manifest.files):
            return False
        for kept in manifest.files:
            if await in_thread(partial(sha256_of, folder / kept.file), lambda _done, _total: None) != kept.sha256:
                return False
        write_manifest(folder, entry, {kept.file: kept.sha256 for kept in manifest.files}, manifest.source)
        return True

    def _lock(self, entry: Entry) -> Path:
        return self._root / _LOCKS / f"{entry.name}.lock"
