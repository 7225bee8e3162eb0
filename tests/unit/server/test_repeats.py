"""`Idempotency-Key`: carried out once, answered as often as it is sent."""

import asyncio

import pytest
from structlog.testing import capture_logs
from tests.unit.server.asgi import Client, Exchange
from tests.unit.server.small import Small

from antiphon.limits.repeats import MAX_ANSWER_BYTES

KEY = {"idempotency-key": "key-1"}


@pytest.fixture
async def small() -> Small:
    return Small()


@pytest.fixture
def client(small: Small) -> Client:
    return Client(small.app)


async def test_the_same_request_is_carried_out_once(small: Small, client: Client):
    """The second answer is the first one's, and says so."""
    first, second = [await client.post("/v1/echo", {"a": 1}, KEY) for _ in range(2)]
    assert (first.status, first.body) == (second.status, second.body) == (200, b'{"a": 1}')
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert small.num_calls == 1


async def test_a_stream_is_given_again_whole(small: Small, client: Client):
    """Event for event."""
    first, second = [await client.post("/v1/stream/3/well", {}, KEY) for _ in range(2)]
    assert first.events == second.events
    assert second.events[-1] == "[DONE]"
    assert small.num_calls == 1


async def test_another_body_under_the_same_key_is_refused(small: Small, client: Client):
    """And another path too."""
    await client.post("/v1/echo", {"a": 1}, KEY)
    for path, body in (("/v1/echo", {"a": 2}), ("/v1/slow", {"a": 1})):
        sent = await client.post(path, body, KEY)
        assert (sent.status, sent.error["code"]) == (400, "idempotency_key_reused")
    assert small.num_calls == 1


async def test_a_twin_of_a_request_under_way_is_told_to_come_back(client: Client):
    """409, on which the SDKs try again by themselves."""
    exchange = Exchange(client, "POST", "/v1/stream/1/never", [b"{}"], KEY)
    running = asyncio.ensure_future(exchange.run())
    await exchange.until_sent(2)
    sent = await client.post("/v1/stream/1/never", {}, KEY)
    assert (sent.status, sent.error["code"]) == (409, "idempotency_key_in_use")
    exchange.hang_up()
    await running


async def test_a_request_whose_client_left_may_be_sent_again(small: Small, client: Client):
    """Half an answer settles nothing."""
    exchange = Exchange(client, "POST", "/v1/stream/1/never", [b"{}"], KEY)
    running = asyncio.ensure_future(exchange.run())
    await exchange.until_sent(2)
    exchange.hang_up()
    await running
    again = Exchange(client, "POST", "/v1/stream/1/never", [b"{}"], KEY)
    running = asyncio.ensure_future(again.run())
    await again.until_sent(2)
    assert small.num_calls == 2
    again.hang_up()
    await running


@pytest.mark.parametrize("path", ["/v1/stream/2/engine", "/v1/stream/2/bug", "/v1/stream/0/engine"])
async def test_a_failure_of_ours_is_not_kept(small: Small, client: Client, path: str):
    """Whether it came before the stream or in it, the next try is a real one."""
    with capture_logs():
        for _ in range(2):
            await client.post(path, {}, KEY)
    assert small.num_calls == 2


async def test_a_refusal_of_the_request_is_kept(client: Client):
    """A wrong request stays wrong."""
    for _ in range(2):
        sent = await client.send("POST", "/v1/items/1", {}, KEY)
        assert sent.status == 405
    assert sent.headers["idempotent-replayed"] == "true"


async def test_an_answer_without_measure_is_not_kept(small: Small, client: Client):
    """It passes, and is carried out again."""
    for _ in range(2):
        sent = await client.post("/v1/echo", b"x" * (MAX_ANSWER_BYTES + 1), KEY)
        assert len(sent.body) == MAX_ANSWER_BYTES + 1
    assert small.num_calls == 2


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_without_measure_is_refused(client: Client, key: str):
    """1 to 255 characters."""
    sent = await client.post("/v1/echo", {}, {"idempotency-key": key})
    assert (sent.status, sent.error["code"]) == (400, "invalid_idempotency_key")


async def test_a_body_that_is_too_large_is_refused_with_a_key_too(client: Client, small: Small):
    """The body is read by another hand, and held to the same limit."""
    limit = small.settings.max_body_bytes
    sent = await Exchange(client, "POST", "/v1/echo", [b"x" * limit, b"x"], KEY).run()
    assert sent.status == 413
