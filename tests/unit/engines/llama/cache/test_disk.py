"""States on their way to files and back: what is left behind, what gives way, and whose fault a failure is."""

import asyncio
import os
from pathlib import Path

import pytest
from tests.fixtures.kept_prompts import FilesInMemory, asking

from antiphon.prefix.header import PrefixHeader
from antiphon.prefix.misses import Fault, PrefixMiss, PrefixNotKept

PROMPT = tuple(range(1, 1200))
OTHER = tuple(range(5000, 6200))


class TightFiles(FilesInMemory):
    """Takes one file and no more, as a folder of a small budget does."""

    async def put(self, raw_path: Path, header: PrefixHeader) -> int:
        """Keep what is at a path, if there is room."""
        if self.kept:
            raise PrefixNotKept("There is no room.")
        return await super().put(raw_path, header)

    def file_bytes(self, header: PrefixHeader, payload_bytes: int) -> int:  # noqa: ARG002 - the port's
        """As many for each."""
        return 100


async def test_what_gives_way_is_gone_before_the_next_file_is_written(tmp_path: Path):
    """Otherwise a full disk would lose the one and refuse the other."""
    files = TightFiles()
    async with asking(tmp_path, files=files, disk_bytes=100) as asker:
        await asker.ask("org-1", PROMPT)
        await asker.ask("org-2", OTHER)
        assert [header.key.organization for header, _ in files.kept.values()] == ["org-2"]


async def test_a_state_that_nobody_waits_for_any_more_is_not_left_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The engine wrote it, and the work was cancelled before it was told so."""
    async with asking(tmp_path, num_slots=1, files=FilesInMemory()) as asker:
        post, is_written = asker.server.post, asyncio.Event()

        async def written(path: str, body: bytes) -> bytes:
            answer = await post(path, body)
            if "save" in path:
                is_written.set()
                await asyncio.Event().wait()
            return answer

        monkeypatch.setattr(asker.server, "post", written)
        await asker.tell(asker.asked("org-1", PROMPT))
        await is_written.wait()
        await asker.keeper.close()
        assert not await asyncio.to_thread(os.listdir, tmp_path)


@pytest.mark.parametrize(("fault", "num_freed"), [(Fault.NO_TARGET, 0), (Fault.ALTERED, 1)])
async def test_a_file_goes_for_its_own_faults_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, num_freed: int
):
    """Memory that is full is none of them."""
    files, freed = FilesInMemory(), list[str]()

    async def take_out(*_: object) -> int:
        raise PrefixMiss(fault)

    async def remove(prefix_id: str) -> None:
        freed.append(prefix_id)

    async with asking(tmp_path, num_slots=1, files=files) as asker:
        await asker.ask("org-1", PROMPT)
        await asker.ask("org-2", OTHER)
        monkeypatch.setattr(files, "take_out", take_out)
        monkeypatch.setattr(files, "remove", remove)
        assert (await asker.ask("org-1", PROMPT)).engine_tokens == 0
    assert len(freed) == num_freed


async def test_an_engine_that_began_anew_writes_nothing_in_the_name_of_a_prompt(tmp_path: Path):
    """Its slots are empty, and an empty state is no prompt's."""
    files = FilesInMemory()
    async with asking(tmp_path, num_slots=1, files=files) as asker:
        asker.server.deaths["save"] = 1
        await asker.ask("org-1", PROMPT)
        assert files.kept == {}
        assert not await asyncio.to_thread(os.listdir, tmp_path)
