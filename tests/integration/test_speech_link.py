"""The loopback protocol of speech engines over real processes, whose engine counts, sleeps, refuses and dies."""

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from antiphon.engines.speech.link import SpeechLink, is_well
from antiphon.engines.speech.wire import Hello, frame, read_answered
from antiphon.engines.supervisor.child import ChildSpec, Endpoint
from antiphon.errors import EngineFailed, EngineOverloaded, InvalidRequest

# A payload is a word of command and what it is about.
COUNTER = """
    import os
    from antiphon.engines.speech.serving import Refused, serve

    closed = []

    def perform(payload):
        command, _, rest = payload.decode().partition(" ")
        if command == "count":
            for number in range(int(rest)):
                yield str(number).encode()
        elif command == "for-ever":
            try:
                while True:
                    yield b"again"
            finally:
                closed.append(rest)
        elif command == "closed":
            yield " ".join(closed).encode()
        elif command == "refuse":
            raise Refused("Ask for less.")
        elif command == "break":
            raise RuntimeError("no such tensor")
        elif command == "die":
            yield b"dying"
            os._exit(3)
        elif command == "give-up":
            raise SystemExit("a fault that nobody foresaw")
        elif command == "pid":
            yield str(os.getpid()).encode()

    serve(lambda config: perform)
"""


@asynccontextmanager
async def linked(*, max_works: int = 16) -> AsyncIterator[SpeechLink]:
    """Give a link to such a process."""
    spec = ChildSpec((sys.executable, "-c", textwrap.dedent(COUNTER)), {})
    link = SpeechLink("counter", spec, max_works=max_works)
    try:
        yield link
    finally:
        await link.drain(0)


async def told(link: SpeechLink, command: str, *, is_urgent: bool = False) -> list[str]:
    """Return all that one work tells."""
    return [payload.decode() async for payload in link.work(command.encode(), is_urgent=is_urgent)]


async def test_a_work_tells_its_payloads_in_order():
    """What is yielded there arrives here."""
    async with linked() as link:
        assert await told(link, "count 3") == ["0", "1", "2"]


async def test_many_works_share_one_connection():
    """Each of twelve works at once gets its own answers."""
    async with linked() as link:
        answers = await asyncio.gather(*(told(link, f"count {n}") for n in range(12)))
        assert [len(one) for one in answers] == list(range(12))


async def test_a_refusal_is_the_callers_error():
    """What the engine refuses is an invalid request, in its words."""
    async with linked() as link:
        with pytest.raises(InvalidRequest, match=r"Ask for less\."):
            await told(link, "refuse")


async def test_a_fault_of_the_engine_ends_that_work_alone():
    """A fault is told, and the same process does the next work."""
    async with linked() as link:
        before = await told(link, "pid")
        with pytest.raises(EngineFailed, match="no such tensor"):
            await told(link, "break")
        assert await told(link, "pid") == before


async def test_a_process_that_dies_in_mid_work_fails_the_work_and_comes_back():
    """The work that had begun to tell fails; the next is done by a new process."""
    async with linked() as link:
        before = await told(link, "pid")
        with pytest.raises(EngineFailed, match="ended while it worked"):
            await told(link, "die")
        assert await told(link, "pid") != before


async def test_a_process_that_was_killed_between_works_is_not_noticed():
    """A work that finds its process dead is done by the next one."""
    async with linked() as link:
        (pid,) = await told(link, "pid")
        os.kill(int(pid), signal.SIGKILL)
        assert await told(link, "count 2") == ["0", "1"]


async def test_a_fault_that_nobody_foresaw_ends_the_process():
    """The work fails in both runs that it is given, and the engine comes back."""
    async with linked() as link:
        with pytest.raises(EngineFailed, match="ended while it worked"):
            await told(link, "give-up")
        assert await told(link, "count 1") == ["0"]


async def test_closing_the_generator_ends_the_work():
    """A work without end is closed there once nobody listens here, and the next is done."""
    async with linked() as link:
        async with aclosing(link.work(b"for-ever first")) as work:
            assert await anext(work) == b"again"
        assert await told(link, "closed") == ["first"]


async def test_a_cancelled_caller_ends_its_work():
    """A task that is cancelled while it waits leaves no work behind."""
    async with linked() as link:
        listening = asyncio.Event()

        async def listen() -> None:
            async with aclosing(link.work(b"for-ever second")) as work:
                async for _ in work:
                    listening.set()

        task = asyncio.create_task(listen())
        await listening.wait()
        task.cancel()
        await asyncio.wait({task})
        assert await told(link, "closed") == ["second"]
        assert link.supervisor.slots.num_busy == 0


async def test_work_beyond_the_bound_is_refused_at_once():
    """A third work where two are allowed is an overload."""
    async with (
        linked(max_works=2) as link,
        aclosing(link.work(b"for-ever a")) as first,
        aclosing(link.work(b"for-ever b")) as second,
    ):
        await anext(first)
        await anext(second)
        with pytest.raises(EngineOverloaded):
            await told(link, "count 1")


async def test_a_wrong_key_is_shown_out():
    """Another program on this machine gets no welcome."""
    async with linked() as link:
        endpoint = await link.supervisor.ready()
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        writer.write(frame(Hello("not the key")))
        with pytest.raises(EOFError):
            await read_answered(reader)
        writer.close()


async def test_bytes_that_are_no_frame_end_the_connection():
    """Whoever sends them is shown out, and others are not disturbed."""
    async with linked() as link:
        endpoint = await link.supervisor.ready()
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(EOFError):
            await read_answered(reader)
        writer.close()
        assert await told(link, "count 1") == ["0"]


async def test_the_process_answers_checks_of_health():
    """The supervisor's probe is content with a run, and not with a port where nobody is."""
    async with linked() as link:
        endpoint = await link.supervisor.ready()
        assert await is_well(endpoint)
        assert not await is_well(Endpoint(endpoint.port, "not the key"))
