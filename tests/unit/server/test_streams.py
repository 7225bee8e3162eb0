"""Bytes leave as they are made; what fails in the middle breaks off, so that no client takes it for whole."""

import asyncio
import json

from tests.fixtures.spoken import SpokenServer, heard_in, spoken_server, spoken_wav
from tests.fixtures.spoken import form as form_of
from tests.unit.server.asgi import Client, Exchange

from antiphon.audio.files import FILE_RATE_HZ

TEXT = "Hello there, my good friend. The sea is wide, and the night is long."
SPEECH = {"model": "tts-1", "voice": "alloy", "response_format": "pcm"}
SLOW = 'A good beginning. {"script": [{"wait_ms": 600000}]}'
FAILING = 'A good beginning. {"script": [{"fail": {"status": 503}}]}'


def client(server: SpokenServer) -> Client:
    return Client(server.app())


async def test_a_file_is_sent_in_pieces_with_its_media_type():
    """And with all that any answer carries."""
    with spoken_server() as server:
        sent = await client(server).post("/v1/audio/speech", {"input": TEXT, **SPEECH})
    assert (sent.status, sent.headers["content-type"]) == (200, "audio/pcm")
    assert heard_in(sent.body, FILE_RATE_HZ) == TEXT
    assert len(sent.messages) > 5
    assert {"x-request-id", "openai-processing-ms", "x-ratelimit-limit-requests"} <= sent.headers.keys()
    assert "content-length" not in sent.headers


async def test_what_fails_before_the_first_byte_has_a_status():
    """And OpenAI's shape."""
    with spoken_server() as server:
        sent = await client(server).post("/v1/audio/speech", {**SPEECH, "input": TEXT, "voice": "nobody"})
    assert (sent.status, sent.error["param"]) == (400, "voice")


async def test_what_fails_later_has_no_end():
    """The last message says that more is to come, and none does: the connection breaks off."""
    with spoken_server() as server:
        sent = await client(server).post("/v1/audio/speech", {**SPEECH, "input": FAILING})
    assert sent.status == 200
    assert heard_in(sent.body, FILE_RATE_HZ).startswith("A good")
    assert sent.messages[-1]["more_body"] is True


async def test_an_event_stream_that_fails_ends_with_the_error():
    """Events have a place for it."""
    with spoken_server() as server:
        sent = await client(server).post("/v1/audio/speech", {**SPEECH, "input": FAILING, "stream_format": "sse"})
    assert '"error"' in sent.events[-1]


async def test_a_client_that_leaves_ends_the_work():
    """What would have been spoken is not."""
    with spoken_server() as server:
        body = json.dumps({**SPEECH, "input": SLOW}).encode()
        exchange = Exchange(client(server), "POST", "/v1/audio/speech", [body])
        running = asyncio.create_task(exchange.run())
        async with asyncio.timeout(5):
            await exchange.until_sent(3)
        exchange.hang_up()
        sent = await asyncio.wait_for(running, 5)
    assert sent.messages[-1]["more_body"] is True


async def test_the_same_key_gives_the_same_file():
    """A repeated request is not spoken twice."""
    with spoken_server() as server:
        one = client(server)
        headers = {"idempotency-key": "k1"}
        first, second = [await one.post("/v1/audio/speech", {"input": TEXT, **SPEECH}, headers) for _ in range(2)]
    assert first.body == second.body
    assert second.headers["idempotent-replayed"] == "true"


async def test_a_form_that_is_sent_again_is_the_same_request():
    """Though clients put another text between its parts each time."""
    fields = [("file", spoken_wav("Hello.")), ("model", "whisper-1")]
    with spoken_server() as server:
        one, sent = client(server), []
        for boundary in ("fence", "hedge"):
            body, headers = form_of(fields, boundary)
            sent.append(await one.post("/v1/audio/transcriptions", body, {**headers, "idempotency-key": "k1"}))
        body, headers = form_of([*fields, ("language", "en")], "wall")
        other = await one.post("/v1/audio/transcriptions", body, {**headers, "idempotency-key": "k1"})
    assert [one.status for one in sent] == [200, 200]
    assert sent[1].headers["idempotent-replayed"] == "true"
    assert other.error["code"] == "idempotency_key_reused"


async def test_a_transcription_has_its_headers_too():
    """Limits and the request's id, whatever form the answer has."""
    body, headers = form_of([("file", spoken_wav("Hello.")), ("model", "whisper-1"), ("response_format", "text")])
    with spoken_server() as server:
        sent = await client(server).post("/v1/audio/transcriptions", body, headers)
    assert (sent.status, sent.body) == (200, b"Hello.\n")
    assert sent.headers["content-type"] == "text/plain; charset=utf-8"
    assert {"x-request-id", "x-ratelimit-limit-requests"} <= sent.headers.keys()
