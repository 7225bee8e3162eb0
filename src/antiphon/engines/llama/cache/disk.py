"""States of slots on their way to sealed files and back: the engine writes and reads them in a folder in memory."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from secrets import token_hex

from antiphon.engines.llama import slot_states
from antiphon.engines.llama.cache.account import Account
from antiphon.engines.llama.cache.holdings import Holding
from antiphon.engines.llama.server import LlamaServer
from antiphon.errors import EngineError, EngineFailed, InvalidRequest
from antiphon.ports import PrefixFiles
from antiphon.prefix.entry import DISK_ALLOWANCE, Entry, Place, Removal, Tier
from antiphon.prefix.header import PrefixHeader
from antiphon.prefix.misses import Fault, PrefixMiss, PrefixNotKept
from antiphon.prefix.report import LEAST_CACHED_TOKENS


class DiskTier:
    """The sealed files of the whole server, and `folder`, which its engines' processes were told of.

    `freed` returns once the files are gone that had to give way.
    """

    def __init__(
        self, files: PrefixFiles, folder: Path, account: Account, freed: Callable[[], Awaitable[object]]
    ) -> None:
        self.files = files
        self._folder = folder
        self._account = account
        self._freed = freed

    def wants(self, holding: Holding) -> bool:
        """Whether what a slot holds is to be written, and no file holds it yet."""
        num_tokens = holding.sequence.num_tokens
        if not holding.asked.is_savable or num_tokens < LEAST_CACHED_TOKENS:
            return False
        known = self._account.on_disk(holding.asked.prompt.key, holding.sequence)
        return known is None or known.num_tokens < num_tokens

    async def write(self, server: LlamaServer, slot: int, holding: Holding) -> Path:
        """Let the engine write what a slot holds, and return the file. Raises an `EngineError`.

        The caller holds the slot.
        """
        raw = self._folder / token_hex(8)
        with ExitStack() as undo:
            undo.callback(_remove, raw)
            if await slot_states.save(server, slot, raw.name) < holding.sequence.num_tokens:
                raise EngineFailed(f"The engine '{server.name}' holds less than it did: it began anew.")
            undo.pop_all()
        return raw

    async def seal(self, raw: Path, holding: Holding) -> None:
        """Seal the state that was written of a holding, and remove it; what the disk does not take is not kept."""
        try:
            await self._sealed(raw, holding)
        finally:
            _remove(raw)

    async def restore(self, server: LlamaServer, slot: int, entry: Entry) -> bool:
        """Bring the state of an entry into a slot, which the caller holds; tell whether it is there.

        A file that is not fit for use is removed; that an engine fails is no fault of the file.
        """
        account, raw = self._account, self._folder / token_hex(8)
        if account.tree.entries.get(entry.id) is not entry:
            return False  # it went as the slot was prepared
        account.tree.hold(entry)
        num_bytes, is_fit = 0, True
        try:
            num_bytes = await self.files.take_out(entry, raw)
            is_fit = await slot_states.restore(server, slot, raw.name) >= entry.num_tokens
        except EngineError:
            num_bytes = 0
        except PrefixMiss as miss:
            is_fit = miss.fault is Fault.NO_TARGET
        except InvalidRequest:
            is_fit = False
        finally:
            _remove(raw)
            account.release(entry)
        if not is_fit:
            account.drop(entry, Tier.DISK, Removal.DELETED)
        if not is_fit or not num_bytes:
            return False
        with suppress(KeyError):
            account.tree.touch(entry, Tier.DISK, account.now())
        measures = account.measures(account.about(entry).model)
        measures.num_restores += 1
        measures.restored_bytes += num_bytes
        return True

    async def _sealed(self, raw: Path, holding: Holding) -> None:
        account, asked, sequence = self._account, holding.asked, holding.sequence
        if not holding.is_kept:
            return  # it was deleted as it was written
        now, num_bytes = account.now(), _size_bytes(raw)
        if holding.is_cut:  # otherwise the state has more tokens
            account.measures(asked.model).note_state(sequence.num_tokens, num_bytes)
        ttl_s = max(DISK_ALLOWANCE.idle_s, asked.caching.ttl_s or 0.0)
        shorter = account.on_disk(asked.prompt.key, sequence)
        header = PrefixHeader("", asked.prompt.key, sequence, now, now + ttl_s)
        entry = account.put(asked, sequence, Place(Tier.DISK, self.files.file_bytes(header, num_bytes)))
        if entry is None:
            return
        account.tree.hold(entry)
        try:
            await self._freed()
            header = PrefixHeader(entry.id, entry.key, sequence, now, now + ttl_s, entry.is_pinned)
            await self.files.put(raw, header)
        except PrefixNotKept:
            is_kept = False
        else:
            is_kept = True
        finally:
            account.release(entry)
        if not is_kept:
            account.drop(entry, Tier.DISK, Removal.DELETED)
            return
        account.measures(asked.model).num_saves += 1
        if shorter is not None and shorter.num_tokens == shorter.entry.num_tokens and not shorter.entry.is_pinned:
            account.drop(shorter.entry, Tier.DISK, Removal.REPLACED)


# The folder is in memory: neither waits for a disk.
def _remove(raw: Path) -> None:
    raw.unlink(missing_ok=True)


def _size_bytes(raw: Path) -> int:
    return raw.stat().st_size
