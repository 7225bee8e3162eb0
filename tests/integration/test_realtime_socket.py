"""Spoken conversations over real sockets, with the scripted model at the other end."""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from pydantic import SecretStr
from tests.integration.realtime_server import (
    RealtimeServer,
    Talk,
    exposition,
    open_sessions,
    running,
    script,
    self_signed,
    talking,
)
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from antiphon.engines.scripted.tones import tones_of
from antiphon.settings import Settings

MODEL = "antiphon-scripted"
ADMIN_KEY = "sk-admin-key-000000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, embedded_engines=False, realtime_recogniser=MODEL)


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[RealtimeServer]:
    async with running(settings) as server:
        yield server


def guarded(settings: Settings) -> Settings:
    return settings.model_copy(update={"auth": "required", "admin_key": SecretStr(ADMIN_KEY)})


def speech(text: str, silence_ms: int = 400) -> bytes:
    """What a person would say, as a client sends it: 24 kHz, with the silence after it."""
    return tones_of(text, 24_000).astype("<i2").tobytes() + bytes(48 * silence_ms)


async def speak(talk: Talk, audio: bytes, chunk_ms: int = 100) -> None:
    for start in range(0, len(audio), 48 * chunk_ms):
        chunk = audio[start : start + 48 * chunk_ms]
        await talk.send("input_audio_buffer.append", audio=base64.b64encode(chunk).decode())


async def test_a_text_turn(server: RealtimeServer):
    """Words in, words out, and usage at the end."""
    async with talking(server) as talk:
        assert talk.events[0]["type"] == "session.created"
        assert talk.events[0]["session"]["model"] == MODEL
        await talk.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        await talk.until("session.updated")
        await talk.say(script({"say": "It is noon."}))
        done = await talk.until("response.done")
        assert done["response"]["status"] == "completed"
        assert done["response"]["output"][0]["content"][0]["text"] == "It is noon."
        assert done["response"]["usage"]["output_tokens"] > 0
        assert (await talk.until("rate_limits.updated"))["rate_limits"][0]["name"] in {"requests", "tokens"}
        assert len({event["event_id"] for event in talk.events}) == len(talk.events)


async def test_a_spoken_turn_is_heard_answered_and_spoken(server: RealtimeServer):
    """The user's voice tells the turn, and its transcript is told where the client asked for it."""
    async with talking(server) as talk:
        transcription = {"transcription": {"model": "whisper-1"}}
        await talk.send("session.update", session={"type": "realtime", "audio": {"input": transcription}})
        await speak(talk, speech(script({"say": "Good morning."})))
        done = await talk.until("response.done")
        assert done["response"]["status"] == "completed"
        assert done["response"]["output"][0]["content"][0]["transcript"] == "Good morning."
        kinds = talk.kinds()
        for earlier, later in [
            ("input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"),
            ("input_audio_buffer.speech_stopped", "input_audio_buffer.committed"),
            ("input_audio_buffer.committed", "response.created"),
            ("response.created", "response.output_audio.delta"),
        ]:
            assert kinds.index(earlier) < kinds.index(later)
        audio = b"".join(base64.b64decode(event["delta"]) for event in talk.of("response.output_audio.delta"))
        assert np.frombuffer(audio, "<i2").any()


async def test_a_transcription_model_that_is_none_is_refused(server: RealtimeServer):
    """The names of the hosted service's models are taken, and told back as they came."""
    async with talking(server) as talk:
        for name in ("no-such-model", "gpt-4o"):
            session = {"type": "realtime", "audio": {"input": {"transcription": {"model": name}}}}
            await talk.send("session.update", session=session)
            error = (await talk.until("error"))["error"]
            assert (error["code"], error["param"]) == ("invalid_value", "session.audio.input.transcription.model")
        for name in ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-realtime-whisper", MODEL):
            session = {"type": "realtime", "audio": {"input": {"transcription": {"model": name}}}}
            await talk.send("session.update", session=session)
            updated = await talk.until("session.updated")
            assert updated["session"]["audio"]["input"]["transcription"]["model"] == name


async def test_a_beta_client_hears_beta(server: RealtimeServer):
    """Its own names, and no event of the other generation."""
    async with talking(server, beta=True) as talk:
        await talk.say(script({"say": "Hello."}))
        await talk.until("response.done")
        assert "response.audio.delta" in talk.kinds()
        assert "conversation.item.created" in talk.kinds()
        assert not [kind for kind in talk.kinds() if "output_audio" in kind or kind == "conversation.item.added"]


async def test_an_answer_that_is_interrupted_says_nothing_more(server: RealtimeServer):
    """It is cancelled since the user speaks."""
    async with talking(server) as talk:
        await talk.say(script({"say": "word " * 200, "ms_per_token": 20}))
        await talk.until("response.output_audio.delta")
        await speak(talk, speech(script({"say": "Yes?"}), silence_ms=600))
        done = await talk.until("response.done")
        assert done["response"]["status"] == "cancelled"
        assert done["response"]["status_details"]["reason"] == "turn_detected"
        first = done["response"]["id"]
        done = await talk.until("response.done")
        assert done["response"]["status"] == "completed"
        last = max(place for place, event in enumerate(talk.events) if event.get("response_id") == first)
        ended = next(place for place, event in enumerate(talk.events) if event["type"] == "response.done")
        assert last < ended


async def test_functions_are_called_and_their_results_used(server: RealtimeServer):
    """Several in one response, and the answer after their results."""
    async with talking(server) as talk:
        calls = [{"call": "weather", "arguments": {"city": city}} for city in ("Oslo", "Rome")]
        await talk.say(script(*calls, then=[[{"say": "Rain, and sun."}]]))
        done = await talk.until("response.done")
        output = done["response"]["output"]
        assert [json.loads(item["arguments"])["city"] for item in output] == ["Oslo", "Rome"]
        for item in output:
            result = {"type": "function_call_output", "call_id": item["call_id"], "output": "{}"}
            await talk.send("conversation.item.create", item=result)
        await talk.send("response.create")
        done = await talk.until("response.done")
        assert done["response"]["output"][0]["content"][0]["transcript"] == "Rain, and sun."


async def test_an_engine_that_fails_fails_the_response(server: RealtimeServer):
    """And the session goes on."""
    async with talking(server) as talk:
        await talk.say(script({"fail": {"status": 503}}))
        done = await talk.until("response.done")
        assert done["response"]["status"] == "failed"
        assert done["response"]["status_details"]["error"]["message"]
        await talk.say(script({"say": "Better."}))
        assert (await talk.until("response.done"))["response"]["status"] == "completed"


async def test_a_session_that_only_transcribes(server: RealtimeServer):
    """No model is named, and none answers."""
    async with talking(server, "?intent=transcription") as talk:
        assert talk.events[0]["session"]["type"] == "transcription"
        await speak(talk, speech("good morning"))
        event = await talk.until("conversation.item.input_audio_transcription.completed")
        assert event["transcript"].strip() == "good morning"
        assert not [kind for kind in talk.kinds() if kind.startswith("response.")]


async def test_a_browser_names_its_key_as_a_subprotocol(server: RealtimeServer):
    """The protocol itself is what it gets back."""
    protocols = ["realtime", "openai-insecure-api-key.sk-anything", "openai-beta.realtime-v1"]
    async with connect(f"{server.url}?model={MODEL}", subprotocols=protocols) as connection:  # type: ignore[arg-type]
        assert connection.subprotocol == "realtime"
        assert "object" in json.loads(await connection.recv())["session"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "missing_model"),
        ("?model=nobody", "model_not_found"),
        ("?call_id=rtc_1", "unsupported_parameter"),
        (f"?model={MODEL}&antiphon=dance", "invalid_value"),
        (f"?model={MODEL}&resume_token=none", "session_not_found"),
    ],
)
async def test_what_cannot_begin_is_refused_in_an_event(server: RealtimeServer, query: str, code: str):
    """Then the socket closes."""
    async with talking(server, query) as talk:
        assert talk.events[0]["type"] == "error"
        assert talk.events[0]["error"]["code"] == code
        assert await talk.closed() == (4000, f"invalid_request_error.{code}")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-wrong-key-0000"}])
async def test_a_key_that_does_not_hold_is_told_in_an_event(settings: Settings, headers: dict[str, str]):
    """The socket opens for it, as OpenAI's does."""
    async with running(guarded(settings)) as server, talking(server, headers=headers) as talk:
        error = talk.events[0]["error"]
        assert (error["code"], error["type"]) == ("invalid_api_key", "invalid_request_error")
        assert await talk.closed() == (3000, "invalid_request_error.invalid_api_key")


async def test_a_foreign_page_is_refused_before_the_socket_opens(server: RealtimeServer):
    """No event for it."""
    with pytest.raises(InvalidStatus) as refusal:
        await connect(f"{server.url}?model={MODEL}", additional_headers={"Origin": "https://evil.example"})
    assert refusal.value.response.status_code == 403


async def test_a_session_ends_when_its_time_is_over(settings: Settings):
    """With the error, the code and the reason that OpenAI gives."""
    brief = settings.model_copy(update={"realtime_session_minutes": 0.002})
    async with running(brief) as server, talking(server) as talk:
        assert talk.events[0]["session"]["expires_at"] == pytest.approx(time.time(), abs=3)
        code, reason = await talk.closed()
        assert (code, reason) == (1001, talk.of("error")[0]["error"]["message"])
        assert talk.of("error")[0]["error"]["code"] == "session_expired"


async def test_a_session_may_have_no_end(settings: Settings):
    """Nothing is told of one."""
    endless = settings.model_copy(update={"realtime_session_minutes": 0})
    async with running(endless) as server, talking(server) as talk:
        assert talk.events[0]["session"].get("expires_at") is None


async def test_a_server_that_stops_says_so(server: RealtimeServer):
    """Every session is told, and closed."""
    async with talking(server) as one, talking(server, beta=True) as other:
        server.stop()
        for talk in (one, other):
            code, _ = await talk.closed()
            assert (code, talk.of("error")[0]["error"]["code"]) == (1001, "server_shutting_down")


async def test_own_events_come_to_those_who_asked(server: RealtimeServer):
    """And to nobody else."""
    async with talking(server, f"?model={MODEL}&antiphon=events") as asking, talking(server) as other:
        for talk in (asking, other):
            await speak(talk, speech(script({"say": "Yes."})))
            await talk.until("response.done")
            await talk.send("input_audio_buffer.clear")
            await talk.until("input_audio_buffer.cleared")
        assert asking.of("antiphon.turn.timed")[0]["stages_ms"]["first_audio"] >= 0
        assert not [kind for kind in other.kinds() if kind.startswith("antiphon.")]


async def test_a_dropped_session_goes_on_where_it_was(server: RealtimeServer):
    """Its client gets what it missed, and the conversation still knows what was said."""
    async with talking(server, f"?model={MODEL}&antiphon=resume") as talk:
        resumable = await talk.next()
        assert resumable["type"] == "antiphon.session.resumable"
        await talk.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        await talk.until("session.updated")
        await talk.say(script({"say": "one"}, then=[[{"say": "two"}]]))
        created = await talk.until("response.created")
        talk.connection.transport.abort()
    query = f"?antiphon=resume&resume_token={resumable['token']}&last_event_id={created['event_id']}"
    async with talking(server, query) as again:
        resumed = again.events[0]
        assert (resumed["type"], resumed["is_complete"]) == ("antiphon.session.resumed", True)
        assert resumed["session_id"] == talk.events[0]["session"]["id"]
        await again.until("response.done")
        assert "session.created" not in again.kinds()
        assert "".join(event["delta"] for event in again.of("response.output_text.delta")) == "one"
        await again.send("response.create")
        done = await again.until("response.done")
        assert done["response"]["output"][0]["content"][0]["text"] == "two"


async def test_a_session_that_is_resumed_elsewhere_leaves_its_old_socket(server: RealtimeServer):
    """A client whose network changed is back before its old connection is known to be dead."""
    async with talking(server, f"?model={MODEL}&antiphon=resume") as talk:
        token = (await talk.next())["token"]
        async with talking(server, f"?resume_token={token}&antiphon=resume") as again:
            assert (await talk.closed())[0] == 4001
            await again.say(script({"say": "Here."}))
            await again.until("response.done")


async def test_a_session_is_not_resumed_in_another_dialect(server: RealtimeServer):
    """Which is said in the words of the one that asks, and the socket that carries the session keeps it."""
    async with talking(server, f"?model={MODEL}&antiphon=resume") as talk:
        token = (await talk.next())["token"]
        async with talking(server, f"?resume_token={token}&antiphon=resume", beta=True) as again:
            assert "speaks the ga dialect" in again.events[0]["error"]["message"]
            assert (await again.closed())[0] == 4000
        await talk.say(script({"say": "Here."}))
        await talk.until("response.done")


async def test_a_session_that_nobody_comes_back_for_ends(settings: Settings):
    """Its token is then good for nothing."""
    async with running(settings.model_copy(update={"realtime_resume_s": 0.05})) as server:
        async with talking(server, f"?model={MODEL}&antiphon=resume") as talk:
            token = (await talk.next())["token"]
        await asyncio.sleep(0.2)
        async with talking(server, f"?resume_token={token}") as again:
            assert again.events[0]["error"]["code"] == "session_not_found"


async def test_sessions_are_as_many_as_there_may_be(settings: Settings):
    """One more is refused in words and may come later; when one has ended there is room."""
    async with running(settings.model_copy(update={"realtime_max_sessions": 1})) as server:
        async with talking(server), talking(server) as refused:
            error = refused.events[0]["error"]
            assert (error["code"], error["type"]) == ("rate_limit_exceeded", "requests")
            assert "`realtime_max_sessions`" in error["message"]
            assert (await refused.closed())[0] == 1013
        while await open_sessions(server):  # noqa: ASYNC110 - a metric alone tells it
            await asyncio.sleep(0.01)
        async with talking(server) as talk:
            assert talk.events[0]["type"] == "session.created"


async def test_ephemeral_keys_open_sessions_as_they_were_asked_for(settings: Settings):
    """As often as they are used, and nothing but sessions."""
    async with running(
        settings.model_copy(update={"auth": "required", "admin_key": SecretStr("sk-admin-key-000000")})
    ) as server:
        body = {
            "expires_after": {"anchor": "created_at", "seconds": 60},
            "session": {"type": "realtime", "model": MODEL, "instructions": "Be brief.", "output_modalities": ["text"]},
        }
        secret = await posted(server, "client_secrets", body)
        assert secret["value"].startswith("ek_")
        assert secret["expires_at"] == pytest.approx(time.time() + 60, abs=3)
        assert secret["session"]["instructions"] == "Be brief."
        headers = {"Authorization": f"Bearer {secret['value']}"}
        for _ in range(2):
            async with talking(server, "", headers=headers) as talk:
                session = talk.events[0]["session"]
                assert (session["instructions"], session["output_modalities"]) == ("Be brief.", ["text"])
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{server.port}/v1/models", headers=headers)
        assert answer.status_code == 401


async def test_beta_sessions_hold_their_key(server: RealtimeServer):
    """For a minute, unless it is said otherwise; a session that only transcribes likewise."""
    session = await posted(server, "sessions", {"model": MODEL, "voice": "verse"})
    assert (session["voice"], session["client_secret"]["value"][:3]) == ("verse", "ek_")
    assert session["client_secret"]["expires_at"] == pytest.approx(time.time() + 60, abs=3)
    protocols = ["realtime", f"openai-insecure-api-key.{session['client_secret']['value']}", "openai-beta.realtime-v1"]
    async with connect(server.url, subprotocols=protocols) as connection:  # type: ignore[arg-type]
        assert json.loads(await connection.recv())["session"]["voice"] == "verse"
    hearing = await posted(server, "transcription_sessions", {"input_audio_format": "g711_ulaw"})
    headers = {"Authorization": f"Bearer {hearing['client_secret']['value']}"}
    async with talking(server, "?intent=transcription", beta=True, headers=headers) as talk:
        assert talk.events[0]["type"] == "transcription_session.created"
        assert talk.events[0]["session"]["input_audio_format"] == "g711_ulaw"


async def test_an_ephemeral_key_that_was_never_made_opens_nothing(server: RealtimeServer):
    """Not even on a loopback address, where other keys are not asked for."""
    async with talking(server, headers={"Authorization": "Bearer ek_nobody-made-this-one"}) as talk:
        assert talk.events[0]["error"]["code"] == "invalid_api_key"
        assert (await talk.closed())[0] == 3000


async def test_what_keys_cannot_be_made_of_is_refused(server: RealtimeServer):
    """With the place of what is wrong."""
    answer = await post(server, "client_secrets", {"session": {"type": "realtime", "model": "nobody"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    answer = await post(server, "client_secrets", {"expires_after": {"seconds": 5}})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "expires_after.seconds")
    answer = await post(server, "sessions", {"model": MODEL, "voice": 7})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "voice")


@pytest.mark.parametrize("path", ["calls", "calls/rtc_1/hangup"])
async def test_calls_are_not_taken(server: RealtimeServer, path: str):
    """And it is said what to do instead."""
    answer = await post(server, path, {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unsupported_endpoint")


async def test_sockets_speak_tls(tmp_path: Path, settings: Settings):
    """Where the server does: the Node SDK speaks nothing else."""
    certificate, key = self_signed(tmp_path)
    context = ssl.create_default_context(cafile=str(certificate))
    secured = settings.model_copy(update={"tls_cert": certificate, "tls_key": key})
    async with running(secured) as server, talking(server, ssl=context) as talk:
        await talk.say(script({"say": "Hello."}))
        assert (await talk.until("response.done"))["response"]["status"] == "completed"


async def test_sessions_are_counted(server: RealtimeServer):
    """Those that are open, and how their responses ended."""
    async with talking(server) as talk:
        await talk.say(script({"say": "Hello."}))
        await talk.until("response.done")
        metrics = await exposition(server)
        assert "antiphon_realtime_sessions 1.0" in metrics
        assert 'antiphon_realtime_responses_total{status="completed"} 1.0' in metrics


async def post(server: RealtimeServer, path: str, body: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with httpx.AsyncClient(headers=headers) as client:
        return await client.post(f"http://127.0.0.1:{server.port}/v1/realtime/{path}", json=body)


async def posted(server: RealtimeServer, path: str, body: object) -> Any:
    answer = await post(server, path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()
