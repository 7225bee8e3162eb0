"""Child processes kept alive: small ones that listen nowhere and die as they are told."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from antiphon.engines.supervisor import supervisor as supervisor_module
from antiphon.engines.supervisor.child import ChildSpec, Endpoint
from antiphon.engines.supervisor.memory import memory_of
from antiphon.engines.supervisor.restarts import RestartPolicy
from antiphon.engines.supervisor.slots import Slots
from antiphon.engines.supervisor.supervisor import Supervisor
from antiphon.errors import EngineUnavailable
from antiphon.wire.engines import EngineState

# Says that it is ready and lives until its standard input closes.
GOOD = """
    import json, os, sys
    config = json.loads(sys.stdin.readline())
    print("loading", config["model"], os.environ.get("FROM_SPEC"), file=sys.stderr, flush=True)
    print(json.dumps({"port": 7 + len(config["api_key"]) * 0}), flush=True)
    sys.stdin.read()
"""
# Ends before it is ready.
BAD = """
    import sys
    sys.exit("no such model")
"""
# Is ready, and deaf to the end of its input and to SIGTERM.
DEAF = """
    import json, signal, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdin.readline()
    print(json.dumps({"port": 7}), flush=True)
    while True:
        time.sleep(60)
"""
QUICK = RestartPolicy(pause_s=0.001, max_pause_s=0.001, max_pause_after_ready_s=0.001, max_in_a_row=2, rest_s=0.2)


def spec(program: str, **options: float) -> ChildSpec:
    """Return how to start a child that runs `program`."""
    command = (sys.executable, "-S", "-c", textwrap.dedent(program))
    return ChildSpec(command, {"model": "m"}, {"FROM_SPEC": "variable"}, **options)


@asynccontextmanager
async def supervised(
    child: ChildSpec,
    *,
    probe: Callable[[Endpoint], Awaitable[bool]] | None = None,
    ready_timeout_s: float = 10,
) -> AsyncIterator[Supervisor]:
    """Give a supervisor of a child, and end it."""
    one = Supervisor("test", child, Slots(2, 2), probe=probe, policy=QUICK, ready_timeout_s=ready_timeout_s)
    try:
        yield one
    finally:
        await one.stop()


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_the_first_that_wants_it_starts_the_process_and_learns_where_it_listens():
    """The state, the pid and the log are those of the child, which got its configuration and its variables."""
    async with supervised(spec(GOOD)) as one:
        assert one.status().state is EngineState.STOPPED
        endpoint = await one.ready()
        status = one.status()
    assert endpoint.port == 7
    assert len(endpoint.api_key) > 40
    assert status.state is EngineState.READY
    assert status.pid is not None
    assert status.rss_bytes is not None
    assert status.logs == ("loading m variable",)


async def test_a_killed_process_is_started_again_under_another_key():
    """Whoever found it dead waits for the next run and is not given the old one."""
    async with supervised(spec(GOOD)) as one:
        first = await one.ready()
        pid = one.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        second = await one.ready(other_than=first)
        status = one.status()
    assert second.api_key != first.api_key
    assert (status.num_restarts, status.pid != pid) == (1, True)
    assert "[supervisor] the process ended with status -9" in status.logs


async def test_a_process_that_does_not_start_is_given_up_with_its_last_words_and_tried_again_later():
    """Callers learn why, and a later one wakes it."""
    async with supervised(spec(BAD)) as one:
        for _ in range(2):
            with pytest.raises(EngineUnavailable, match="does not start: no such model"):
                await one.ready()
            assert one.status().state is EngineState.FAILED
            await asyncio.sleep(QUICK.rest_s)  # the rest is the behaviour under test
        assert one.status().num_restarts >= 2


async def test_a_command_that_does_not_exist_is_a_process_that_does_not_start():
    """The operating system's reason is told."""
    async with supervised(ChildSpec(("/no/such/program",), {})) as one:
        with pytest.raises(EngineUnavailable, match="does not start: it cannot be started"):
            await one.ready()


async def test_a_wait_for_a_process_that_takes_too_long_ends():
    """The caller is told to come back; the process goes on starting."""
    async with supervised(spec("import time; time.sleep(60)"), ready_timeout_s=0.05) as one:
        with pytest.raises(EngineUnavailable, match="is starting: try again"):
            await one.ready()


async def test_a_process_that_never_listens_is_ended():
    """A start has a limit of its own."""
    async with supervised(spec("import time; time.sleep(60)", start_timeout_s=0.05)) as one:
        with pytest.raises(EngineUnavailable, match="did not listen within"):
            await one.ready()


async def test_draining_lets_work_finish_and_takes_no_more():
    """The process ends when the last work has."""
    async with supervised(spec(GOOD)) as one:
        await one.ready()
        pid = one.status().pid
        assert pid is not None
        slot = await one.slots.take()
        draining = asyncio.create_task(one.drain(grace_s=30))
        while one.status().state is not EngineState.DRAINING:  # noqa: ASYNC110  (its first step is not told)
            await asyncio.sleep(0)
        with pytest.raises(EngineUnavailable, match="draining"):
            await one.ready()
        assert is_alive(pid)
        slot.release()
        await draining
        assert not is_alive(pid)
        assert one.status().state is EngineState.STOPPED
        with pytest.raises(EngineUnavailable, match="shutting down"):
            await one.ready()


async def test_draining_ends_with_its_grace():
    """Work that goes on is cut."""
    async with supervised(spec(GOOD)) as one:
        await one.ready()
        await one.slots.take()
        async with asyncio.timeout(5):
            await one.drain(grace_s=0.01)
        assert one.status().state is EngineState.STOPPED


async def test_a_process_that_was_stopped_can_be_started_again():
    """`start` brings back what `stop` ended."""
    async with supervised(spec(GOOD)) as one:
        await one.ready()
        await one.stop()
        one.start()
        assert (await one.ready()).port == 7


async def test_a_deaf_process_is_ended_harder(monkeypatch: pytest.MonkeyPatch):
    """Neither a closed input nor SIGTERM moves it."""
    monkeypatch.setattr("antiphon.engines.supervisor.child.CLOSE_S", 0.05)
    monkeypatch.setattr("antiphon.engines.supervisor.child.TERMINATE_S", 0.05)
    async with supervised(spec(DEAF)) as one:
        await one.ready()
        pid = one.status().pid
        assert pid is not None
        await one.stop()
        assert not is_alive(pid)


async def test_a_process_that_does_not_answer_checks_of_health_is_started_again(monkeypatch: pytest.MonkeyPatch):
    """One that hangs is as good as dead."""
    monkeypatch.setattr(supervisor_module, "HEALTH_EVERY_S", 0.01)
    first: list[Endpoint] = []

    async def probe(endpoint: Endpoint) -> bool:
        return endpoint != first[0]

    async with supervised(spec(GOOD), probe=probe) as one:
        first.append(await one.ready())
        second = await one.ready(other_than=first[0])
        assert second.api_key != first[0].api_key
        assert "[supervisor] no answer to 3 checks of health: ending the process" in one.status().logs


async def test_a_child_ends_when_its_parent_is_killed():
    """There are no orphans, even after kill -9."""
    program = """
        import asyncio, json, sys
        from antiphon.engines.supervisor.child import Child, ChildSpec
        from antiphon.engines.supervisor.log import LogRing

        async def main():
            spec = ChildSpec(tuple(json.loads(sys.argv[1])), {"model": "m"})
            child = await Child.start(spec, LogRing())
            print(child.pid, flush=True)
            await child.ended()

        asyncio.run(main())
    """
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(program), json.dumps(spec(GOOD).command), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(5):
        while is_alive(pid):  # noqa: ASYNC110  (the end of another's child has no event of ours)
            await asyncio.sleep(0.01)


def test_the_memory_of_a_process_is_told_where_linux_tells_it(tmp_path: Path):
    """Pages in all, and the share of those that others map too."""
    (tmp_path / "5").mkdir()
    text = "00400000-7fff [rollup]\nRss:    200 kB\nPss:    150 kB\n"
    (tmp_path / "5" / "smaps_rollup").write_text(text)
    memory = memory_of(5, tmp_path)
    assert memory is not None
    assert (memory.rss_bytes, memory.pss_bytes) == (200 * 1024, 150 * 1024)
    assert memory_of(6, tmp_path) is None


def is_standing(pid: int) -> bool:
    """Whether the process stands still."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the system does in its own time."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  (the system can only be asked)
            await asyncio.sleep(0.005)


async def test_a_paused_process_stands_still_and_goes_on():
    """Pausing twice is pausing once."""
    async with supervised(spec(GOOD)) as one:
        await one.ready()
        pid = one.status().pid
        assert pid is not None
        one.pause()
        one.pause()
        await until(lambda: is_standing(pid))
        one.resume()
        await until(lambda: not is_standing(pid))


async def test_a_paused_process_ends_as_any_other():
    """It sees its input close since it goes on first, so that nothing has to kill it."""
    async with supervised(spec(GOOD)) as one:
        await one.ready()
        pid = one.status().pid
        assert pid is not None
        one.pause()
        async with asyncio.timeout(2):
            await one.stop()
        assert not is_alive(pid)


async def test_draining_lets_a_paused_process_go_on_and_nothing_pauses_it_any_more():
    """The work in flight is to come to its end."""
    async with supervised(spec(GOOD)) as one:
        await one.ready()
        pid = one.status().pid
        assert pid is not None
        one.pause()
        slot = await one.slots.take()
        draining = asyncio.create_task(one.drain(grace_s=5))
        await until(lambda: one.status().state is EngineState.DRAINING)
        one.pause()
        await until(lambda: not is_standing(pid))
        slot.release()
        await draining


async def test_a_process_that_is_not_there_is_neither_paused_nor_resumed():
    """Nor is it started."""
    async with supervised(spec(GOOD)) as one:
        one.pause()
        one.resume()
        assert one.status().state is EngineState.STOPPED


async def test_a_paused_process_is_not_taken_for_ill(monkeypatch: pytest.MonkeyPatch):
    """Checks that find it standing still do not count; they do once it runs."""
    monkeypatch.setattr(supervisor_module, "HEALTH_EVERY_S", 0.001)
    num_probes = 0

    async def never_well(endpoint: Endpoint) -> bool:
        nonlocal num_probes
        num_probes += 1
        return False

    async with supervised(spec(GOOD), probe=never_well) as one:
        await one.ready()
        one.pause()
        pid = one.status().pid
        num_before = num_probes
        await until(lambda: num_probes > num_before + 20)
        assert one.status().pid == pid
        one.resume()
        await until(lambda: one.status().pid != pid)
