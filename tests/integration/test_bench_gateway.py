"""The gateway's measurement over real sockets, with the upstream alone: what it sees of a server."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from bench.gateway.load import ClosedLoop, OpenLoop
from bench.gateway.processes import cpu_s, memory
from bench.gateway.script import PACE_S, PIECES, Form
from bench.gateway.servers import Place, Server, upstream

EVERYWHERE = frozenset(os.sched_getaffinity(0))


@pytest_asyncio.fixture
async def scripted(tmp_path: Path) -> AsyncIterator[Server]:
    """The scripted upstream, running."""
    with upstream(Place(EVERYWHERE, tmp_path)) as server:
        yield server


@pytest.mark.parametrize("form", [Form.WHOLE, Form.STREAM])
async def test_a_closed_loop_gets_right_answers_over_every_connection(scripted: Server, form: Form):
    """Eight connections keep being answered, and no answer is wrong."""
    seen = await ClosedLoop(form, 8).run(scripted.port, 0.2)
    assert seen.faults == []
    assert len(seen.whole_ms) >= 8
    assert all(first <= whole for first, whole in zip(seen.first_ms, seen.whole_ms, strict=True))


async def test_an_open_loop_asks_as_often_as_it_says(scripted: Server):
    """A fifth of a second at 100 requests a second is 20 requests."""
    seen = await OpenLoop(Form.WHOLE, 100).run(scripted.port, 0.2)
    assert (len(seen.whole_ms), seen.faults) == (20, [])


async def test_a_paced_stream_begins_early_and_lasts(scripted: Server):
    """The first chunk comes long before the last, and not all come at once."""
    seen = await ClosedLoop(Form.PACED, 1).run(scripted.port, 0.01)
    assert seen.faults == []
    assert seen.whole_ms[0] > len(PIECES) * PACE_S * 1000
    assert seen.first_ms[0] < seen.whole_ms[0] / 2


async def test_a_server_that_hangs_up_is_a_fault():
    """A request without an answer is counted, and the load ends."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        seen = await ClosedLoop(Form.WHOLE, 1).run(server.sockets[0].getsockname()[1], 0.2)
    assert seen.whole_ms == []
    assert seen.faults == ["ConnectionError: the server hung up"]


async def test_what_a_server_holds_and_takes_is_read(scripted: Server):
    """Memory and processor time of a process that works are there."""
    await ClosedLoop(Form.WHOLE, 8).run(scripted.port, 0.2)
    held = memory(scripted.pid)
    assert 0 < held.pss_mb <= held.rss_mb <= held.peak_mb
    assert cpu_s(scripted.pid) > 0
