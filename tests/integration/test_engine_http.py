"""The HTTP client of the engines against servers that answer, refuse, stall and break off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest
from aiohttp import web

from antiphon.engines.http import Timeouts, Upstream, UpstreamRefusal
from antiphon.errors import EngineFailed, EngineTimedOut, EngineUnavailable

PATIENT = Timeouts(connect_s=5, first_s=5, idle_s=5)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def upstream_that(answer: Answer, timeouts: Timeouts = PATIENT) -> AsyncIterator[Upstream]:
    """Serve `answer` at every path of a free port of loopback, and give the client of it."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with Upstream("test", url, headers={"authorization": "Bearer k"}, timeouts=timeouts) as upstream:
            yield upstream
    finally:
        await runner.cleanup()


async def _events(request: web.Request, *data: bytes) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for each in data:
        await response.write(b"data: " + each + b"\n\n")
    return response


async def test_a_body_goes_out_with_the_headers_and_an_answer_comes_back():
    """The request carries the upstream's headers and its own."""

    async def answer(request: web.Request) -> web.Response:
        told = [request.headers[name] for name in ("authorization", "content-type", "x-own")]
        return web.Response(text=" ".join([*told, request.path, await request.text()]))

    async with upstream_that(answer) as upstream:
        got = await upstream.post("/a/b", b"{}", {"x-own": "1"})
    assert got == b"Bearer k application/json 1 /a/b {}"


async def test_a_stream_yields_each_event_before_the_next_is_sent():
    """Events are passed on as they come."""
    read = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await _events(request, b"1")
        await read.wait()
        await response.write(b"data: 2\n\n")
        return response

    async with upstream_that(answer) as upstream, aclosing(upstream.stream("/", b"{}")) as stream:
        assert await anext(stream) == b"1"
        read.set()
        assert [data async for data in stream] == [b"2"]


async def test_closing_a_stream_closes_the_connection():
    """The upstream notices that nobody listens any more."""
    gone = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await _events(request, b"1")
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return response

    async with upstream_that(answer) as upstream:
        async with aclosing(upstream.stream("/", b"{}")) as stream:
            await anext(stream)
        await asyncio.wait_for(gone.wait(), 1)


async def test_an_error_status_is_a_refusal_with_its_body():
    """The engine decides what an upstream's error means."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=429, text="slow down", headers={"retry-after": "7"})

    async with upstream_that(answer) as upstream:
        with pytest.raises(UpstreamRefusal) as refusal:
            await upstream.post("/", b"{}")
    assert (refusal.value.status, refusal.value.body) == (429, b"slow down")
    assert refusal.value.headers["retry-after"] == "7"


async def test_silence_times_out_before_the_first_byte_and_between_two():
    """The two waits have limits of their own."""

    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async def stalls(request: web.Request) -> web.StreamResponse:
        await _events(request, b"1")
        await asyncio.Event().wait()
        raise AssertionError

    async with upstream_that(never, Timeouts(0.01, 0.05, 5)) as upstream:
        with pytest.raises(EngineTimedOut):
            await upstream.get("/")
    async with upstream_that(stalls, Timeouts(1, 5, 0.05)) as upstream, aclosing(upstream.stream("/", b"")) as stream:
        assert await anext(stream) == b"1"
        with pytest.raises(EngineTimedOut):
            await anext(stream)


async def test_a_connection_that_breaks_is_an_engine_that_failed():
    """A chunked answer that ends without its last chunk is not taken for a whole one."""

    async def breaks(request: web.Request) -> web.StreamResponse:
        response = await _events(request, b"1")
        assert request.transport is not None
        request.transport.abort()
        return response

    async with upstream_that(breaks) as upstream, aclosing(upstream.stream("/", b"")) as stream:
        with pytest.raises(EngineFailed):
            _ = [data async for data in stream]


async def test_an_upstream_that_is_not_there_is_unavailable():
    """Nothing listens at the address."""
    async with Upstream("gone", "http://127.0.0.1:1", headers={}, timeouts=Timeouts(1, 1, 1)) as upstream:
        with pytest.raises(EngineUnavailable):
            await upstream.get("/")
