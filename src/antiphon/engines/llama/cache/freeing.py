"""Frees what left its tier, behind the requests: files, and slots that nobody works in."""

import asyncio
from collections.abc import Sequence

from antiphon.engines.llama.cache.keeper import PromptKeeper
from antiphon.ports import PrefixFiles
from antiphon.prefix.entry import Removed, Tier


class Freeing:
    """Frees bytes in `files` and in the slots of `keepers`."""

    def __init__(self, files: PrefixFiles | None) -> None:
        self.keepers: list[PromptKeeper] = []
        self._files = files
        self._tasks: set[asyncio.Task[None]] = set()

    def free(self, removed: Sequence[Removed]) -> None:
        """Begin to free what left its tier."""
        task = asyncio.create_task(self._freed(removed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until all is freed that had to be by now."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Finish what was begun, and end what the keepers do behind the requests."""
        await asyncio.gather(*self._tasks, *(keeper.close() for keeper in self.keepers), return_exceptions=True)

    async def _freed(self, removed: Sequence[Removed]) -> None:
        for one in removed:
            # What was put there again meanwhile has a file of the same name.
            if one.tier is Tier.DISK and Tier.DISK not in one.entry.stays and self._files is not None:
                await self._files.remove(one.entry.id)
        for keeper in tuple(self.keepers):
            await keeper.free([one for one in removed if one.tier is Tier.MEMORY])
