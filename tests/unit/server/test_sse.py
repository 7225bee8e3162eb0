"""Streams: every event as it is there, a proper status for what fails early, an event for what fails late."""

import asyncio
import json

import pytest
from structlog.testing import capture_logs
from tests.unit.server.asgi import Client, Exchange
from tests.unit.server.small import Small

from antiphon.server.presence import STALLED_AFTER_S, ClientGone, ClientPresence


@pytest.fixture
async def small() -> Small:
    return Small()


@pytest.fixture
def client(small: Small) -> Client:
    return Client(small.app)


async def test_a_stream_is_events_and_then_done(client: Client):
    """One chunk an event, in order, and `[DONE]` last."""
    sent = await client.post("/v1/stream/3/well")
    assert sent.status == 200
    assert sent.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert sent.headers["cache-control"] == "no-cache"
    assert sent.events == ['{"text":"0"}', '{"text":"1"}', '{"text":"2"}', "[DONE]"]


async def test_each_chunk_leaves_by_itself(client: Client):
    """Nothing waits for what comes after it: head, three events, the end."""
    sent = await client.post("/v1/stream/3/well")
    assert [message.get("body") for message in sent.messages[1:]] == [
        b'data: {"text":"0"}\n\n',
        b'data: {"text":"1"}\n\n',
        b'data: {"text":"2"}\n\n',
        b"data: [DONE]\n\n",
    ]


async def test_what_fails_before_the_first_chunk_has_a_status(client: Client):
    """No stream was begun, so the error is an ordinary answer."""
    sent = await client.post("/v1/stream/0/engine")
    assert (sent.status, sent.error["code"]) == (500, "engine_failed")


@pytest.mark.parametrize(("end", "type_"), [("engine", "server_error"), ("bug", "server_error")])
async def test_what_fails_later_is_the_last_event(client: Client, end: str, type_: str):
    """In OpenAI's shape, and no `[DONE]` follows that would make the answer look whole."""
    with capture_logs():
        sent = await client.post(f"/v1/stream/2/{end}")
    assert sent.status == 200
    assert sent.events[:2] == ['{"text":"0"}', '{"text":"1"}']
    (last,) = sent.events[2:]
    assert json.loads(last)["error"]["type"] == type_
    assert "secret" not in last
    assert sent.messages[-1].get("more_body", False) is False


async def test_a_client_that_leaves_ends_its_stream_at_once(small: Small, client: Client):
    """While the stream waits for its next chunk."""
    exchange = Exchange(client, "POST", "/v1/stream/2/never", [b"{}"])
    running = asyncio.ensure_future(exchange.run())
    await exchange.until_sent(3)
    assert not small.closed.is_set()
    exchange.hang_up()
    async with asyncio.timeout(1):
        await small.closed.wait()
        await running


async def test_a_client_that_leaves_before_the_first_chunk_ends_the_work(small: Small, client: Client):
    """And nothing is sent to nobody."""
    exchange = Exchange(client, "POST", "/v1/stream/0/never", [b"{}"])
    running = asyncio.ensure_future(exchange.run())
    exchange.hang_up()
    async with asyncio.timeout(1):
        sent = await running
    assert sent.messages == []
    assert small.closed.is_set()


async def test_a_client_that_leaves_ends_an_answer_that_is_no_stream(small: Small, client: Client):
    """The log has it as 499."""
    exchange = Exchange(client, "POST", "/v1/slow", [b"{}"])
    running = asyncio.ensure_future(exchange.run())
    await asyncio.sleep(0)
    exchange.hang_up()
    with capture_logs() as logs:
        async with asyncio.timeout(1):
            await running
    assert small.closed.is_set()
    assert logs[-1]["status"] == 499


async def test_a_stream_that_is_cut_says_that_the_server_stops(client: Client):
    """A shutdown that waits no longer ends the stream with an error."""
    exchange = Exchange(client, "POST", "/v1/stream/1/never", [b"{}"])
    running = asyncio.ensure_future(exchange.run())
    await exchange.until_sent(2)
    running.cancel()
    sent = await running
    assert json.loads(sent.events[-1])["error"]["code"] == "engine_unavailable"


async def test_a_cancellation_that_is_not_the_clients_stays_one():
    """Work that somebody else cancels does not look as if the client had left."""

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    async def work() -> None:
        async with ClientPresence(receive):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_timeout_of_the_work_stays_one():
    """It is an error of the work's, and the client is still there."""

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    with pytest.raises(TimeoutError):
        async with ClientPresence(receive):
            raise TimeoutError


async def test_a_client_that_takes_nothing_is_gone():
    """A send that has waited for a minute ends the stream."""

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    async def send_in_vain() -> None:
        async with ClientPresence(receive) as presence:
            presence.sending_since = asyncio.get_running_loop().time() - STALLED_AFTER_S
            presence._check_for_a_stall()
            await asyncio.Event().wait()

    with pytest.raises(ClientGone):
        await send_in_vain()
