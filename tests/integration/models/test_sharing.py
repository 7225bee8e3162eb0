"""Several who want the same model at once, or to be rid of it."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from tests.integration.models.entries import HUB_PATH, on_hub, pulled, weights_of
from tests.integration.models.loopback import Loopback

from antiphon.catalogue.pulling import Presence, PullProgress, Stage
from antiphon.errors import Conflict
from antiphon.stores.models.folder import ModelFolder

CONTENT = bytes(range(256)) * 1000

HOLD_LOCK = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


async def test_two_pulls_of_a_model_fetch_it_once(loopback: Loopback, folder: ModelFolder):
    """The second waits for the first, says so, and finds the model here."""
    entry = on_hub(loopback, CONTENT)
    loopback.gates[HUB_PATH] = asyncio.Event()
    first = asyncio.create_task(pulled(folder, entry))
    await loopback.was_asked.wait()
    second = folder.pull(entry)
    assert await anext(second) == PullProgress("small", Stage.WAITING, "small")
    loopback.gates[HUB_PATH].set()
    await first
    assert [fact async for fact in second] == []
    assert loopback.asked == [(HUB_PATH, 0)]
    assert weights_of(folder, entry) == CONTENT


async def test_a_pull_waits_for_another_process(loopback: Loopback, folder: ModelFolder, tmp_path: Path):
    """And goes on when that process is killed."""
    entry = on_hub(loopback, CONTENT)
    lock = tmp_path / "models" / ".locks" / "small.lock"
    lock.parent.mkdir(parents=True)
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD_LOCK, lock, stdin=PIPE, stdout=PIPE)
    try:
        assert other.stdout is not None
        assert await other.stdout.readline() == b"held\n"
        assert folder.presence(entry) is Presence.FETCHING
        facts = folder.pull(entry)
        assert await anext(facts) == PullProgress("small", Stage.WAITING, "small")
    finally:
        other.kill()
        await other.wait()
    async for _ in facts:
        pass
    assert weights_of(folder, entry) == CONTENT


async def test_a_model_that_is_being_fetched_is_not_deleted(loopback: Loopback, folder: ModelFolder):
    """Whoever wants to is told to wait."""
    entry = on_hub(loopback, CONTENT)
    loopback.gates[HUB_PATH] = asyncio.Event()
    pull = asyncio.create_task(pulled(folder, entry))
    await loopback.was_asked.wait()
    with pytest.raises(Conflict, match="is being fetched"):
        await folder.delete(entry)
    loopback.gates[HUB_PATH].set()
    await pull
    assert await folder.delete(entry)
    assert folder.presence(entry) is Presence.ABSENT
