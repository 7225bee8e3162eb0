"""What clients do wrong, and what breaks: one clear answer, memory in bounds, and the other sessions go on."""

import asyncio
import base64
import json
import os
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.realtime_server import RealtimeServer, Talk, message, open_sessions, running, script, talking
from tests.server_process import ServerProcess, running_server
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from antiphon.engines.scripted.tones import tones_of
from antiphon.features.voice.outbox import MAX_WAITING_BYTES, Outbox
from antiphon.settings import Settings

MODEL = "antiphon-scripted"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RealtimeServer]:
    settings = Settings(data_dir=tmp_path, embedded_engines=False, realtime_recogniser=MODEL)
    async with running(settings) as server:
        yield server


async def answers(talk: Talk) -> None:
    """The session goes on, and so does its conversation."""
    await talk.say(script({"say": "Here."}))
    assert (await talk.until("response.done"))["response"]["status"] == "completed"


BAD_FRAMES = {
    "no JSON": ("{", "invalid_event"),
    "no object": ("[1]", None),
    "no type": ("{}", None),
    "unknown type": ('{"type": "dance"}', None),
    "broken base64": ('{"type": "input_audio_buffer.append", "audio": "@@@="}', None),
    "no audio": ('{"type": "input_audio_buffer.append"}', "missing_required_parameter"),
    "unknown field": ('{"type": "input_audio_buffer.clear", "x": 1}', "unknown_parameter"),
    "empty commit": ('{"type": "input_audio_buffer.commit"}', "input_audio_buffer_commit_empty"),
    "cancel of nothing": ('{"type": "response.cancel"}', "response_cancel_not_active"),
    "unknown item": ('{"type": "conversation.item.delete", "item_id": "none"}', "item_delete_invalid_item_id"),
    "a model changed": ('{"type": "session.update", "session": {"type": "realtime", "voice": 7}}', None),
    "deep nesting": ("[" * 100_000, None),
    "a number that JSON cannot say": ('{"type": "conversation.item.truncate", "audio_end_ms": 1e999}', None),
    "half a character": ('{"type": "\\ud800"}', None),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
@pytest.mark.parametrize("beta", [False, True])
async def test_a_bad_event_is_answered_with_one_error(server: RealtimeServer, name: str, *, beta: bool):
    """That says what is wrong, and the session goes on."""
    frame, code = BAD_FRAMES[name]
    async with talking(server, beta=beta) as talk:
        await talk.connection.send(frame)
        error = (await talk.until("error"))["error"]
        assert error["message"]
        assert error["type"] == "invalid_request_error"
        if code is not None:
            assert error["code"] == code
        await answers(talk)
        assert len(talk.of("error")) == 1


async def test_an_error_names_the_event_that_it_answers(server: RealtimeServer):
    """By the id that the client gave it."""
    async with talking(server) as talk:
        await talk.send("response.cancel", event_id="mine")
        assert (await talk.until("error"))["error"]["event_id"] == "mine"


async def test_a_binary_frame_is_no_event(server: RealtimeServer):
    """Which is said once, and nothing else happens."""
    async with talking(server) as talk:
        await talk.connection.send(b"\0\1")
        assert "text frame" in (await talk.until("error"))["error"]["message"]
        await answers(talk)


async def test_audio_may_end_inside_of_a_sample(server: RealtimeServer):
    """The rest of the sample comes with the next event."""
    async with talking(server) as talk:
        for size in (4801, 1, 4799, 3):
            await talk.send("input_audio_buffer.append", audio=base64.b64encode(bytes(size)).decode())
        await talk.send("input_audio_buffer.commit")
        assert await talk.until("input_audio_buffer.committed")
        assert talk.of("error") == []


@pytest.mark.parametrize("size", [15 * 2**20 + 4, 20_000_000, 26_000_000])
async def test_an_event_that_is_too_large_is_refused_in_words(server: RealtimeServer, size: int):
    """Nothing of it is kept."""
    async with talking(server) as talk:
        await talk.send("input_audio_buffer.append", audio="A" * size)
        assert "smaller pieces" in (await talk.until("error"))["error"]["message"]
        await talk.send("input_audio_buffer.commit")
        assert (await talk.until("error"))["error"]["code"] == "input_audio_buffer_commit_empty"
        await answers(talk)


async def test_a_frame_beyond_all_bounds_ends_its_socket(server: RealtimeServer):
    """1009 says why."""
    async with talking(server) as other:
        async with talking(server) as talk:
            with suppress(ConnectionClosed):
                await talk.connection.send("A" * (33 * 2**20))
            assert (await talk.closed())[0] == 1009
        await answers(other)


async def test_another_session_is_not_held_up_by_minutes_of_audio(server: RealtimeServer):
    """It answers while the audio is judged."""
    async with talking(server) as loud, talking(server) as other:
        await loud.send("input_audio_buffer.append", audio=base64.b64encode(bytes(11_000_000)).decode())
        await answers(other)
        await answers(loud)


async def test_a_client_that_never_reads_is_let_go(server: RealtimeServer, monkeypatch: pytest.MonkeyPatch):
    """It is told so in what it may still read; others do not notice, and memory stays in bounds."""
    monkeypatch.setitem(Outbox.__init__.__kwdefaults__ or {}, "stalled_after_s", 0.3)
    async with talking(server) as other:
        before = _peak_bytes()
        async with connect(f"{server.url}?model={MODEL}", max_queue=1, max_size=None) as connection:
            for _ in range(3):
                await connection.send(json.dumps({"type": "conversation.item.create", "item": message(_long_script())}))
                await connection.send(json.dumps({"type": "response.create"}))
            await _until(lambda: open_sessions(server), 1)
            await answers(other)
            talk = Talk(connection)
            assert await talk.closed() == (1008, "The client does not read what it is sent.")
            assert talk.of("response.done") == []
        assert _peak_bytes() - before < 16 * MAX_WAITING_BYTES


async def test_a_connection_that_does_not_drain_is_cut(server: RealtimeServer, monkeypatch: pytest.MonkeyPatch):
    """Its client takes not even the farewell, and would keep what waits for it for ever."""
    monkeypatch.setitem(Outbox.__init__.__kwdefaults__ or {}, "stalled_after_s", 0.1)
    monkeypatch.setattr("antiphon.server.sockets.CLOSED_WITHIN_S", 0.2)
    async with connect(f"{server.url}?model={MODEL}", max_queue=1, max_size=None) as connection:
        await connection.send(json.dumps({"type": "conversation.item.create", "item": message(_long_script())}))
        await connection.send(json.dumps({"type": "response.create"}))

        async def num_connections() -> int:
            return server.num_connections

        await _until(num_connections, 1)
        await _until(num_connections, 0)


def _long_script() -> str:
    return script({"say": "a long answer " * 4000})


STATES: dict[str, Callable[[Talk], Awaitable[Any]]] = {}


def state(reach: Callable[[Talk], Awaitable[Any]]) -> Callable[[Talk], Awaitable[Any]]:
    STATES[reach.__name__] = reach
    return reach


@state
async def opened(talk: Talk) -> None:
    """Nothing was said."""


@state
async def inside_of_a_frame(talk: Talk) -> None:
    talk.connection.transport.write(b"\x81\xfe\x10\x00abcd{")


@state
async def while_the_user_speaks(talk: Talk) -> None:
    await talk.send("input_audio_buffer.append", audio=base64.b64encode(tones_of("hm" * 40, 24_000)).decode())
    await talk.until("input_audio_buffer.speech_started")


@state
async def while_words_are_written(talk: Talk) -> None:
    await talk.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
    await talk.say(script({"say": "word " * 1000, "ms_per_token": 10}))
    await talk.until("response.output_text.delta")


@state
async def while_an_answer_is_spoken(talk: Talk) -> None:
    await talk.say(script({"say": "word " * 1000, "ms_per_token": 10}))
    await talk.until("response.output_audio.delta")


@state
async def while_a_result_is_waited_for(talk: Talk) -> None:
    await talk.say(script({"call": "f", "arguments": {}}))
    await talk.until("response.done")


@pytest.mark.parametrize("name", STATES)
async def test_a_socket_that_is_cut_leaves_nothing_behind(server: RealtimeServer, name: str):
    """Whatever was going on: the session ends, its work with it, and others go on."""
    async with talking(server) as other:
        async with talking(server) as talk:
            await STATES[name](talk)
            talk.connection.transport.abort()
        await _until(lambda: open_sessions(server), 1)
        await answers(other)


async def test_sockets_that_are_cut_in_their_handshake_are_forgotten(server: RealtimeServer):
    """A head that never ends opens no session."""
    for head in (b"GET /v1/realtime?model=antiphon-scripted HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: webso", b"GET"):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head)
        writer.transport.abort()
    async with talking(server) as talk:
        await answers(talk)
        assert await open_sessions(server) == 1


async def _until(ask: Callable[[], Awaitable[int]], wanted: int) -> None:
    async with asyncio.timeout(10):
        while await ask() != wanted:  # noqa: ASYNC110 - another's state can only be asked for
            await asyncio.sleep(0.02)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# A real engine


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("served")) as process:
        yield process


async def test_an_engine_that_is_killed_fails_the_answer_alone(process: ServerProcess):
    """The session asks again, and is answered by the engine that took its place."""
    url = process.address.replace("http", "ws") + "/v1/realtime?model=gpt-4o-realtime-preview"
    async with connect(url, max_size=None) as connection:
        talk = Talk(connection)
        await talk.until("session.created")
        await talk.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        await talk.say("Count from one to two hundred, in words.")
        await talk.until("response.output_text.delta")
        (pid,) = [
            engine["pid"]
            for engine in await _engines(process)
            if engine["urgency"] == "spoken" and "gpt-4o-realtime-preview" in engine["aliases"]
        ]
        assert pid in process.children()
        os.kill(pid, signal.SIGKILL)
        done = await talk.until("response.done")
        assert done["response"]["status"] == "failed"
        assert done["response"]["status_details"]["error"]["message"]
        for _ in range(100):
            await talk.send("response.create", response={"max_output_tokens": 8})
            done = await talk.until("response.done")
            if done["response"]["status"] != "failed":
                break
            await asyncio.sleep(0.3)
        assert done["response"]["status"] in {"completed", "incomplete"}


async def _engines(process: ServerProcess) -> list[dict[str, Any]]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{process.address}/antiphon/v1/engines")
    return answer.json()["data"]
