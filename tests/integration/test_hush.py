"""Real processes that stand still while a spoken turn waits for its first sound."""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from bench.interference import Load, Pair, chat, measure
from tests.fixtures.weights import weights_of

from antiphon.engines.llama.engine import LlamaEngine
from antiphon.engines.llama.fleet import FleetLimits, LlamaFleet
from antiphon.engines.supervisor.pauses import MAX_PAUSE_S
from antiphon.generation.facts import TextProduced

MODEL = "smollm2-135m-instruct"


def state_of(pid: int) -> str:
    """Return the system's letter for the state of a process, nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


async def until(condition: Callable[[], bool], within_s: float) -> float:
    """Wait for what the system does in its own time; return the seconds that it took."""
    start = time.monotonic()
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  (the system can only be asked)
            await asyncio.sleep(0.005)
    return time.monotonic() - start


@pytest.fixture
async def fleet() -> AsyncIterator[LlamaFleet]:
    """The processes of a small model."""
    _, weights = weights_of(MODEL)
    one = LlamaFleet(lambda _: weights, FleetLimits(num_threads=2, num_slots=2, num_waiting=8))
    try:
        yield one
    finally:
        await one.drain(grace_s=0)


async def ready(fleet: LlamaFleet, urgency: str) -> tuple[LlamaEngine, int]:
    """Return an engine whose process runs, and the process."""
    engine = fleet.text_engine(weights_of(MODEL)[0], urgency)  # type: ignore[arg-type]
    assert engine is not None
    await engine.server.supervisor.ready()
    pid = engine.server.supervisor.status().pid
    assert pid is not None
    return engine, pid


async def test_less_urgent_processes_stand_still_and_the_spoken_one_does_not(fleet: LlamaFleet):
    """They go on after the block, with the work that they had."""
    (interactive, standing), (_, bulk), (spoken, speaking) = [
        await ready(fleet, urgency) for urgency in ("interactive", "bulk", "spoken")
    ]
    async with aclosing(interactive.chat(chat("Tell a very long story.", 400))) as facts:
        await anext(facts)
        with fleet.hush():
            await until(lambda: state_of(standing) == state_of(bulk) == "T", within_s=1)
            async with aclosing(spoken.chat(chat("Say hello.", 2))) as words:
                assert isinstance(await anext(words), TextProduced)
            assert state_of(speaking) != "T"
        assert isinstance(await anext(facts), TextProduced)


async def test_nothing_stands_still_for_long(fleet: LlamaFleet):
    """Whoever forgets to end a block pauses the others half of the time, and no longer at a stretch than was said."""
    _, pid = await ready(fleet, "interactive")
    with fleet.hush():
        await until(lambda: state_of(pid) == "T", within_s=1)
        stood_s = await until(lambda: state_of(pid) != "T", within_s=2 * MAX_PAUSE_S)
        assert stood_s < MAX_PAUSE_S + 0.5
        ran_s = await until(lambda: state_of(pid) == "T", within_s=2 * MAX_PAUSE_S)
        assert ran_s > MAX_PAUSE_S - 0.2


async def test_draining_ends_processes_that_stand_still(fleet: LlamaFleet):
    """As fast as those that run."""
    _, pid = await ready(fleet, "interactive")
    with fleet.hush():
        await until(lambda: state_of(pid) == "T", within_s=1)
        async with asyncio.timeout(2):
            await fleet.drain(grace_s=1)
    assert state_of(pid) in {"", "Z"}


SERVER = """
    import asyncio, sys
    from antiphon.engines.llama.server import LlamaServer, ProcessConfig

    async def main():
        one = LlamaServer("m", ProcessConfig(sys.argv[1], 256, 1, num_threads=1), max_waiting=1)
        await one.supervisor.ready()
        one.supervisor.pause()
        print(one.supervisor.status().pid, flush=True)
        await asyncio.sleep(600)

    asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child that stands still with its parent")
async def test_a_process_that_stands_still_does_not_outlive_a_server_that_is_killed():
    """It cannot see its input close, so the system has to end it."""
    _, weights = weights_of(MODEL)
    command = (sys.executable, "-c", textwrap.dedent(SERVER), str(weights.path))
    server = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert server.stdout is not None
    pids = [int(line) async for line in _first(server.stdout, bytes.isdigit)]
    try:
        await until(lambda: state_of(pids[0]) == "T", within_s=5)
        server.kill()
        await until(lambda: state_of(pids[0]) in {"", "Z"}, within_s=5)
    finally:
        if state_of(pids[0]) not in {"", "Z"}:
            os.kill(pids[0], signal.SIGKILL)
        await server.wait()


async def _first(stream: asyncio.StreamReader, is_wanted: Callable[[bytes], bool]) -> AsyncIterator[bytes]:
    """Yield the first line that is wanted."""
    async for line in stream:
        if is_wanted(line.strip()):
            yield line
            return


@pytest.mark.timeout(300)
async def test_a_spoken_turn_does_not_feel_a_chats_long_prompt():
    """With a 4k-token prompt computing beside it the first token comes within 1.5 times its time alone."""
    found = await measure(weights_of(MODEL)[0], num_tokens=4096, num_rounds=8, pair=Pair("spoken", "interactive"))
    alone, beside = found["alone_s"], found["beside_s"]
    assert isinstance(alone, list)
    assert isinstance(beside, list)
    assert statistics.median(beside) < 1.5 * statistics.median(alone), found


async def test_a_paused_prompt_is_computed_further_afterwards(fleet: LlamaFleet):
    """It is not given up, and its process is not started anew."""
    interactive, pid = await ready(fleet, "interactive")
    async with Load(interactive, 1000):
        for _ in range(3):
            with fleet.hush():
                await until(lambda: state_of(pid) == "T", within_s=1)
            await until(lambda: state_of(pid) != "T", within_s=1)
    assert interactive.server.supervisor.status().num_restarts == 0
