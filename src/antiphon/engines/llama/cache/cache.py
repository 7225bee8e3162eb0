"""The prompt cache of all embedded models: implements the port `PromptCache`, and gives each process its keeper."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from antiphon.engines.llama.cache.account import Account
from antiphon.engines.llama.cache.disk import DiskTier
from antiphon.engines.llama.cache.freeing import Freeing
from antiphon.engines.llama.cache.keeper import PromptKeeper
from antiphon.engines.llama.cache.segments import LazySegments
from antiphon.engines.llama.cache.telling import told_counts, told_entry, told_explanation
from antiphon.engines.llama.server import LlamaServer
from antiphon.errors import EngineError, NotFound
from antiphon.generation.caching import CacheCounts
from antiphon.ports import PrefixFiles
from antiphon.prefix.entry import Entry, Tier
from antiphon.prefix.explain import explain
from antiphon.prefix.key import PrefixKey
from antiphon.prefix.misses import PrefixMiss, PrefixNotKept
from antiphon.prefix.record import Record
from antiphon.wire.cache import CacheEntry, CacheEntryChange, CacheExplanation

# What nobody asks for expires without a request that finds it so.
_SWEEP_S = 30.0
# What is pinned never expires; a file says that with a mark of its own and a date that can be written.
_PINNED_FOR_S = 10 * 365 * 24 * 3600.0


class LlamaPromptCache:
    """Keeps prefixes in slots, and in `files` where there are any; engines write their states in `folder`.

    `model_of` names the model of a key that an earlier process left.
    """

    def __init__(
        self,
        folder: Path,
        files: PrefixFiles | None,
        *,
        disk_bytes: int,
        model_of: Callable[[PrefixKey], str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self._files = files
        self._freeing = Freeing(files)
        self._account = Account(disk_bytes if files is not None else 0, now, self._freeing.free)
        self._disk = DiskTier(files, folder, self._account, self._freeing.finish) if files is not None else None
        self._model_of = model_of
        self._sweeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Take over what earlier processes left on the disk. Raises `OSError` where there can be no folder."""
        if self._files is not None:
            self._account.take_over(await self._files.scan(), self._model_of)
        self._sweeping = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """End what goes on behind the requests."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        await self._freeing.close()

    def keeper(self, server: LlamaServer) -> PromptKeeper:
        """Return who keeps the slots of a process."""
        keeper = PromptKeeper(server, self._account, self._disk)
        self._freeing.keepers.append(keeper)
        return keeper

    def forget_keeper(self, keeper: PromptKeeper) -> None:
        """Note that a process is going: it holds nothing any more."""
        self._freeing.keepers.remove(keeper)
        keeper.forget()

    async def explain(self, organization: str, request_id: str) -> CacheExplanation:
        """Tell what a request found; see `PromptCache.explain`."""
        history = self._account.history
        record = history.find(organization, request_id)
        if record is None:
            raise NotFound(f"Nothing is remembered of a request '{request_id}': it is too long ago, or was never here.")
        near = [one for one in (history.nearest(record), history.nearest_elsewhere(record)) if one is not None]
        for other in (record, *(other for one in near for other in one.records)):
            await _resolve(other)
        return told_explanation(explain(record, history), record, self._model_of(record.prompt.key))

    def entries(self) -> Sequence[CacheEntry]:
        """List what is kept; see `PromptCache.entries`."""
        self._account.expire()
        told = [told_entry(entry, self._account) for entry in self._account.tree.entries.values()]
        return sorted(told, key=lambda one: one.last_used_at, reverse=True)

    async def remove(self, entry_id: str) -> None:
        """Free one entry; see `PromptCache.remove`."""
        self._account.delete(self._found(entry_id))

    async def remove_all(self, organization: str | None = None) -> int:
        """Free every entry, or those of one organisation; see `PromptCache.remove_all`."""
        entries = self._account.tree.entries.values()
        going = [entry for entry in entries if organization in {None, entry.key.organization}]
        for entry in going:
            self._account.delete(entry)
        return len(going)

    async def alter(self, entry_id: str, change: CacheEntryChange) -> CacheEntry:
        """Pin an entry, or say how long it stays; see `PromptCache.alter`."""
        entry = self._found(entry_id)
        if change.pinned is not None:
            entry.is_pinned = change.pinned
        if "ttl_s" in change.model_fields_set:
            entry.ttl_s = change.ttl_s
        if self._files is not None and Tier.DISK in entry.stays:
            expires_at = min(self._account.expires_at(entry, Tier.DISK), self._account.now() + _PINNED_FOR_S)
            with suppress(PrefixMiss, PrefixNotKept):  # then it holds for as long as this process runs
                await self._files.amend(entry.id, expires_at, entry.is_pinned)
        return told_entry(entry, self._account)

    def counts(self) -> Sequence[CacheCounts]:
        """Return what was done and is held; see `PromptCache.counts`."""
        return [told_counts(model, self._account) for model in self._account.models() if model]

    def _found(self, entry_id: str) -> Entry:
        entry = self._account.tree.entries.get(entry_id)
        if entry is None:
            raise NotFound(f"No entry '{entry_id}' is kept any more.")
        return entry

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._account.expire()


async def _resolve(record: Record) -> None:
    """Find which tokens of a prompt say what; where the engine cannot say it, only the tokens are compared."""
    if isinstance(record.segments, LazySegments):
        try:
            await record.segments.resolve()
        except EngineError:
            return
