"""Gives each prompt of one process its slot, with as much of it in there as was computed for its organisation."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from time import monotonic

from antiphon.engines.llama import slot_states
from antiphon.engines.llama.cache.account import Account
from antiphon.engines.llama.cache.asked import AskedPrompt
from antiphon.engines.llama.cache.disk import DiskTier
from antiphon.engines.llama.cache.holdings import Holding, Holdings
from antiphon.engines.llama.seat import Seat
from antiphon.engines.llama.server import LlamaServer
from antiphon.engines.supervisor.child import Endpoint
from antiphon.engines.supervisor.slots import Slot
from antiphon.errors import EngineError, InvalidRequest
from antiphon.prefix.entry import Entry, Place, Removal, Removed, Tier
from antiphon.prefix.placement import Placement, place
from antiphon.prefix.report import LEAST_CACHED_TOKENS
from antiphon.prefix.sequence import TokenSequence

# A slot that nobody came back to within this time is written to the disk.
IDLE_BEFORE_SAVE_S = 2.0


@dataclass(frozen=True, slots=True)
class _Found:
    """What a prompt found in its slot: so many tokens of an entry, which the slot held or a file."""

    reused_tokens: int = 0
    source: Entry | None = None
    replaced: Holding | None = None


class PromptKeeper:
    """Keeps the slots of one process; `account` and `disk` are those of the whole server."""

    def __init__(self, server: LlamaServer, account: Account, disk: DiskTier | None) -> None:
        self._server = server
        self._account = account
        self._disk = disk
        self._holdings = Holdings()
        self._run: Endpoint | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, asked: AskedPrompt) -> Seat:
        """Return a seat for a prompt once a slot is free and holds what is worth bringing there.

        Raises an `EngineError`, as where too many wait already.
        """
        self._notice_run(await self._server.supervisor.ready())
        chosen: list[Placement] = []

        def choose(free: Sequence[int]) -> int:
            chosen.append(self._placement(asked, free))
            return chosen[-1].slot

        slot = await self._server.supervisor.slots.take(choose=choose)
        with ExitStack() as undo:
            undo.callback(slot.release)
            if self._notice_run(await self._server.supervisor.ready()):  # while it waited for the slot
                choose((slot.number,))
            seat = await self._seated(slot, asked, chosen[-1])
            undo.pop_all()
        return seat

    async def free(self, removed: Sequence[Removed]) -> None:
        """Erase the slots of what left the memory, but for those that somebody holds: nobody counts on them."""
        slots = self._server.supervisor.slots
        lost = [(number, one.entry) for one in removed for number in self._holdings.slots_of(one.entry)]
        for number, entry in lost:
            holding = self._holdings.get(number)
            if holding is None or holding.entry is not entry or holding.is_kept or not slots.is_free(number):
                continue  # there is something else by now, or will be
            with await slots.take(choose=lambda _, number=number: number), suppress(EngineError, InvalidRequest):
                self._holdings.note_nothing(number, holding.asked, self._account.now())
                await slot_states.erase(self._server, number)
                self._holdings.take(number)

    def forget(self) -> None:
        """Note that the process is gone, with all that it held."""
        self._run = None
        for holding in self._holdings.clear():
            self._leave(holding, Removal.SPACE)

    async def close(self) -> None:
        """End what goes on behind the requests."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _notice_run(self, run: Endpoint) -> bool:
        """Forget what an earlier run of the process held; tell whether this is another one."""
        is_other = self._run is not None and run != self._run
        if is_other:
            self.forget()
        self._run = run
        return is_other

    def _placement(self, asked: AskedPrompt, free: Sequence[int]) -> Placement:
        account, files = self._account, self._disk.files if self._disk is not None else None
        account.expire()
        prompt = asked.prompt
        speeds = account.measures(asked.model).speeds(
            files.take_out_bytes_per_s if files is not None else None, files.put_bytes_per_s if files else None
        )
        slots = self._holdings.free_slots(
            free, lambda holding: account.on_disk(holding.asked.prompt.key, holding.sequence)
        )
        matches = account.tree.matches(prompt.key, prompt.sequence, account.now(), Tier.DISK)
        placement = place(prompt, slots, matches if files is not None else (), speeds, account.now())
        assert placement is not None, "a slot is free"
        return placement

    async def _seated(self, slot: Slot, asked: AskedPrompt, placement: Placement) -> Seat:
        holding, run = self._holdings.get(slot.number), self._run
        with ExitStack() as undo:
            if holding is not None:
                undo.callback(self._leave, holding, Removal.SPACE)
            await self._clear(slot.number, asked, placement, holding)
            found = await self._brought(slot.number, asked, placement, holding)
            undo.pop_all()
        tier = Tier.MEMORY if placement.from_disk is None else Tier.DISK
        self._account.note_placed(asked, found.reused_tokens, found.source, tier)
        started_at = monotonic()

        def settle(computed: TokenSequence | None) -> int:
            if self._run == run:
                return self._settle(slot.number, asked, found, computed)
            # The process ended, and took along what its slots held.
            self._holdings.note_nothing(slot.number, asked, self._account.now())
            if found.replaced is not None:
                self._leave(found.replaced, Removal.SPACE)
            return 0

        def note_computed() -> None:
            num_computed, elapsed_s = asked.prompt.sequence.num_tokens - found.reused_tokens, monotonic() - started_at
            if self._server.supervisor.slots.num_busy == 1:
                self._account.measures(asked.model).note_prefill(num_computed, elapsed_s)

        return Seat(
            slot,
            follows=found.reused_tokens > 0,
            most_cached_tokens=found.reused_tokens,
            settle=settle,
            note_computed=note_computed,
        )

    async def _clear(self, number: int, asked: AskedPrompt, placement: Placement, holding: Holding | None) -> None:
        """Save what a slot holds and erase it, as far as the placement says; the file that comes next stays for it."""
        tree, entry = self._account.tree, placement.from_disk
        with ExitStack() as held:
            if entry is not None and tree.entries.get(entry.id) is entry:
                tree.hold(entry)
                held.callback(self._account.release, entry)
            if holding is not None:
                self._holdings.note_nothing(number, holding.asked, self._account.now())
                if placement.save_first:
                    await self._save(number, holding)
            if placement.erase_first:
                await slot_states.erase(self._server, number)
            self._holdings.note_nothing(number, asked, self._account.now())

    async def _brought(self, number: int, asked: AskedPrompt, placement: Placement, holding: Holding | None) -> _Found:
        """Bring into a slot what is there of a prompt."""
        wanted_tokens = asked.kept_tokens(placement.reused_tokens)
        entry, disk = placement.from_disk, self._disk
        if wanted_tokens and entry is not None:
            if disk is None or not await disk.restore(self._server, number, entry):
                return _Found(replaced=holding)
            return _Found(await self._cut(number, asked, wanted_tokens), entry, holding)
        if not wanted_tokens or holding is None or not holding.is_kept:
            return _Found(replaced=holding)
        is_cut_there = holding.is_cut and wanted_tokens == holding.sequence.num_tokens
        if not is_cut_there or asked.tokens[wanted_tokens] == _stranger_of(holding):
            wanted_tokens = await self._cut(number, asked, wanted_tokens)
        return _Found(wanted_tokens, holding.entry, holding)

    async def _cut(self, number: int, asked: AskedPrompt, num_tokens: int) -> int:
        """Let a slot end where a chunk does; return how many tokens the engine says it had."""
        kept, following = asked.tokens[:num_tokens], asked.tokens[num_tokens]
        return asked.kept_tokens(await slot_states.cut(self._server, number, kept, other_than=following))

    def _settle(self, number: int, asked: AskedPrompt, found: _Found, computed: TokenSequence | None) -> int:
        """Note what a slot holds as it is given back, and write it to the disk once it has been idle.

        Returns how many tokens of it were not kept before; what is too short to tell of counts as none.
        """
        num_tokens = found.reused_tokens if computed is None else asked.kept_tokens(computed.num_tokens)
        sequence = asked.prompt.sequence.prefix(num_tokens)
        holding = Holding(asked, sequence, self._account.now())
        if num_tokens:
            num_bytes = round(num_tokens * self._account.measures(asked.model).bytes_per_token)
            holding.entry = self._account.put(asked, sequence, Place(Tier.MEMORY, num_bytes))
        self._holdings.put(number, holding)
        if found.replaced is not None:
            self._leave(found.replaced, Removal.REPLACED if holding.goes_on(found.replaced) else Removal.SPACE)
        if self._disk is not None and self._disk.wants(holding):
            task = asyncio.create_task(self._save_when_idle(number, holding))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return num_tokens - found.reused_tokens if num_tokens >= LEAST_CACHED_TOKENS else 0

    def _leave(self, holding: Holding, reason: Removal) -> None:
        """Note that a slot holds something no longer."""
        if holding.entry is not None and not self._holdings.slots_of(holding.entry):
            self._account.drop(holding.entry, Tier.MEMORY, reason)

    async def _save_when_idle(self, number: int, holding: Holding) -> None:
        await asyncio.sleep(IDLE_BEFORE_SAVE_S)
        slots = self._server.supervisor.slots
        if self._holdings.get(number) is not holding or not slots.is_free(number):
            return
        with await slots.take(choose=lambda _: number):
            await self._save(number, holding)

    async def _save(self, number: int, holding: Holding) -> None:
        """Write a slot to the disk; that this fails is no reason for anything else to fail.

        It is cut before, for a smaller file, unless somebody else is at work: the engine would compute the cut and a
        part of their prompt at once, in other chunks than without it, and the answer would be another one.
        """
        disk = self._disk
        if disk is None or not holding.is_kept or not disk.wants(holding):
            return
        following = holding.asked.tokens[len(holding.tokens) :][:1]
        with suppress(EngineError, InvalidRequest):
            if self._server.supervisor.slots.num_busy == 1:
                other_than = following[0] if following else None
                await slot_states.cut(self._server, number, holding.tokens, other_than)
                holding.is_cut = True
            raw = await disk.write(self._server, number, holding)
            task = asyncio.create_task(disk.seal(raw, holding))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def _stranger_of(holding: Holding) -> int:
    """Return the token that stands after a holding that was cut."""
    following = holding.asked.tokens[holding.sequence.num_tokens :][:1]
    return slot_states.stranger(following[0] if following else None)
