"""The remote engine over real HTTP: what arrives at the upstream, and what comes of an upstream that misbehaves."""

import asyncio
import base64
import io
import json
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import web
from PIL import Image
from tests.contract.engines.subjects import gathered, text, usage
from tests.fixtures.upstream import KEY, Upstream, serving, upstream_of

from antiphon.engines.remote.engine import RemoteEngine
from antiphon.errors import EngineFailed, EngineTimedOut, EngineUnavailable, StartRefused, UpstreamFailed
from antiphon.generation.facts import TextProduced, UsageCounted
from antiphon.generation.work import ChatWork
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.wire.chat.request import ChatRequest

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def engine_at(base_url: str, **options: Any) -> AsyncIterator[RemoteEngine]:
    """Give the engine of a base URL."""
    given = {"name": "up", "models": {"m": "antiphon-scripted"}, "api_key": KEY, "num_retries": 0, **options}
    engine = RemoteEngine(RemoteEngineSettings(base_url=base_url, **given))
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def engine_over(answer: Answer, **options: Any) -> AsyncIterator[RemoteEngine]:
    """Give the engine of an upstream that answers every chat with `answer`."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    async with serving(app) as address, engine_at(f"{address}/v1", **options) as engine:
        yield engine


def chat_of(content: Any, **options: Any) -> ChatWork:
    """Return the work of a chat of one message."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **options}
    return ChatWork("chatcmpl-1", "org", "antiphon-scripted", ChatRequest.model_validate(body))


async def begin_stream(request: web.Request, *data: bytes) -> web.StreamResponse:
    """Send the head of a stream and some events."""
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    for one in data:
        await response.write(b"data: " + one + b"\n\n")
    return response


WORD = b'{"choices":[{"index":0,"delta":{"content":"word"},"finish_reason":null}]}'
END = b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """An upstream with the scripted model."""
    async with upstream_of() as one:
        yield one


@pytest.fixture
async def engine(upstream: Upstream) -> AsyncIterator[RemoteEngine]:
    """The engine of that upstream."""
    async with engine_at(upstream.base_url) as one:
        yield one


def image_part(width: int, height: int, **detail: str) -> dict[str, Any]:
    """Return an image of a size as a part of a message."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 90)).save(buffer, "PNG")
    url = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url, **detail}}


def audio_part(seconds: float) -> dict[str, Any]:
    """Return a WAV file of silence as a part of a message."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(int(seconds * 16_000) * 2))
    return {
        "type": "input_audio",
        "input_audio": {"data": base64.b64encode(buffer.getvalue()).decode(), "format": "wav"},
    }


async def becomes(condition: Callable[[], bool], within_s: float) -> bool:
    """Whether a condition comes to hold in time."""
    try:
        async with asyncio.timeout(within_s):
            while not condition():  # noqa: ASYNC110  (the upstream's side has no event to wait for)
                await asyncio.sleep(0.005)
    except TimeoutError:
        return False
    return True


QUESTION = {"type": "text", "text": "What is this?"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("width", "height", "detail", "tokens"),
    [
        (1024, 1024, {"detail": "high"}, 765),
        (1024, 1024, {"detail": "auto"}, 765),
        (1024, 1024, {}, 765),
        (2048, 4096, {"detail": "high"}, 1105),
        (2000, 1500, {"detail": "low"}, 85),
        (16, 16, {"detail": "high"}, 255),
    ],
)
async def test_an_image_arrives_with_its_bytes_its_detail_and_its_price(
    engine: RemoteEngine, upstream: Upstream, width: int, height: int, detail: dict[str, str], tokens: int, stream: bool
):
    """The upstream receives what was sent, to the byte, and our usage is what it counted."""
    image = image_part(width, height, **detail)
    with_image = await gathered(engine.chat(chat_of([QUESTION, image], stream=stream)))
    assert upstream.last["messages"][0]["content"] == [QUESTION, image]
    without = await gathered(engine.chat(chat_of([QUESTION], stream=stream)))
    assert usage(with_image).prompt_tokens - usage(without).prompt_tokens == tokens


async def test_audio_arrives_with_its_bytes_and_its_price(engine: RemoteEngine, upstream: Upstream):
    """A second and a half is fifteen tokens of audio, and they are told as such."""
    audio = audio_part(1.5)
    with_audio = await gathered(engine.chat(chat_of([QUESTION, audio])))
    assert upstream.last["messages"][0]["content"] == [QUESTION, audio]
    without = await gathered(engine.chat(chat_of([QUESTION])))
    assert usage(with_audio).prompt_audio_tokens == 15
    assert usage(with_audio).prompt_tokens - usage(without).prompt_tokens == 15


async def test_all_details_of_the_usage_come_through(engine: RemoteEngine):
    """Cached, reasoning, audio and predicted tokens are the upstream's."""
    counted = UsageCounted(1200, 9, 1024, 3, 5, 2, 1, 4, 128)
    script = json.dumps({"script": [{"usage": msgspec.structs.asdict(counted)}]})
    assert usage(await gathered(engine.chat(chat_of(script)))) == counted


async def test_one_connection_serves_one_answer_after_the_other():
    """A stream that was read to its end gives its connection back."""
    connections = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        connections.add(request.transport.get_extra_info("peername"))
        response = await begin_stream(request, WORD, END, b"[DONE]")
        await response.write_eof()
        return response

    async with engine_over(answer) as engine:
        for _ in range(3):
            await gathered(engine.chat(chat_of("hi", stream=True)))
    assert len(connections) == 1


async def test_a_kept_connection_that_is_dead_costs_nobody_a_try():
    """The upstream closed it without a word; the request goes out on a new one."""
    answered: set[Any] = set()

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        if request.transport in answered:
            request.transport.close()
        answered.add(request.transport)
        response = await begin_stream(request, WORD, END, b"[DONE]")
        await response.write_eof()
        return response

    async with engine_over(answer, num_retries=0) as engine:
        for _ in range(2):
            assert text(await gathered(engine.chat(chat_of("hi", stream=True)))) == "word"
    assert len(answered) == 2


async def test_closing_the_facts_hangs_up_on_the_upstream(engine: RemoteEngine, upstream: Upstream):
    """The upstream sees it at once and can stop its work."""
    script = json.dumps({"script": [{"say": "on and on " * 50, "ms_per_token": 100}]})
    facts = engine.chat(chat_of(script, stream=True))
    await anext(facts)
    await facts.aclose()
    assert await becomes(lambda: upstream.num_hung_up == 1, within_s=1)


async def test_cancelling_a_call_that_is_not_streamed_hangs_up_too(engine: RemoteEngine, upstream: Upstream):
    """A caller that disconnects cancels the task that waits for the answer."""
    waiting = asyncio.ensure_future(gathered(engine.chat(chat_of('{"script": [{"wait_ms": 60000}]}'))))
    assert await becomes(lambda: upstream.engine.num_in_flight == 1, within_s=5)
    waiting.cancel()
    assert await becomes(lambda: upstream.num_hung_up == 1, within_s=1)
    assert engine.num_in_flight == 0


async def test_a_stream_that_breaks_off_is_a_failure_after_what_it_told():
    """What had come is told, then the failure; it is not asked for again."""
    asked = 0
    told = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        response = await begin_stream(request, WORD)
        await told.wait()
        assert request.transport is not None
        request.transport.close()
        return response

    async with engine_over(answer, num_retries=2) as engine:
        facts = engine.chat(chat_of("hi", stream=True))
        assert await anext(facts) == TextProduced(0, "word")
        told.set()
        with pytest.raises(EngineFailed):
            await anext(facts)
    assert asked == 1


async def test_a_stream_that_ends_in_the_middle_is_a_failure():
    """A clean end of the connection is not the end of an answer."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await begin_stream(request, WORD)
        await response.write_eof()
        return response

    async with engine_over(answer) as engine:
        with pytest.raises(EngineFailed):
            await gathered(engine.chat(chat_of("hi", stream=True)))


async def test_a_first_token_that_does_not_come_times_out():
    """The head of the answer alone is no token."""
    never = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await begin_stream(request)
        await never.wait()
        return response

    async with engine_over(answer, first_token_timeout_s=0.1) as engine:
        with pytest.raises(EngineTimedOut):
            await gathered(engine.chat(chat_of("hi", stream=True)))


async def test_a_first_token_may_take_longer_than_those_between():
    """The silence before the first is the prompt's; only later ones are the idle limit's."""
    silence_s = 0.3

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await begin_stream(request)
        await asyncio.sleep(silence_s)
        for one in (WORD, END, b"[DONE]"):
            await response.write(b"data: " + one + b"\n\n")
        return response

    async with engine_over(answer, first_token_timeout_s=5, idle_timeout_s=silence_s / 3) as engine:
        assert text(await gathered(engine.chat(chat_of("hi", stream=True)))) == "word"


async def test_a_stream_that_stalls_times_out():
    """Between two tokens there is a limit of its own."""
    never = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await begin_stream(request, WORD)
        await never.wait()
        return response

    async with engine_over(answer, idle_timeout_s=0.1) as engine:
        facts = engine.chat(chat_of("hi", stream=True))
        await anext(facts)
        with pytest.raises(EngineTimedOut):
            await anext(facts)


async def test_an_upstream_that_is_busy_for_a_moment_is_asked_again():
    """The caller sees an answer, and nothing of the first try."""
    statuses = [503, 200]

    async def answer(request: web.Request) -> web.StreamResponse:
        status = statuses.pop(0)
        if status != 200:
            return web.json_response({"error": {"message": "busy"}}, status=status, headers={"retry-after-ms": "1"})
        return await begin_stream(request, WORD, END, b"[DONE]")

    async with engine_over(answer, num_retries=1) as engine:
        assert text(await gathered(engine.chat(chat_of("hi", stream=True)))) == "word"


async def test_an_upstream_that_is_not_there_is_unavailable():
    """Nobody listens at the address."""
    async with serving(web.Application()) as address:
        gone = address
    async with engine_at(f"{gone}/v1") as engine:
        with pytest.raises(EngineUnavailable):
            await gathered(engine.chat(chat_of("hi")))


async def test_a_key_that_the_upstream_refuses_is_shown_to_nobody(upstream: Upstream):
    """The caller reads that the operator has to act; the key that was sent is not in the error."""
    async with engine_at(upstream.base_url, api_key="sk-wrong-0123456789") as engine:
        with pytest.raises(UpstreamFailed) as refusal:
            await gathered(engine.chat(chat_of("hi")))
    assert "operator" in refusal.value.message
    assert "sk-wrong" not in refusal.value.message


async def test_a_key_that_is_in_no_variable_stops_the_start(monkeypatch: pytest.MonkeyPatch):
    """The operator learns it at once, and not from the first caller."""
    monkeypatch.delenv("UP_KEY", raising=False)
    settings = RemoteEngineSettings(
        name="up", base_url="http://127.0.0.1:9/v1", models={"m": "m"}, api_key_env="UP_KEY"
    )
    with pytest.raises(StartRefused, match="UP_KEY"):
        RemoteEngine(settings)


async def test_redirects_are_not_followed():
    """A key goes nowhere but to the address that the operator gave."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"location": "http://127.0.0.1:9/elsewhere"})

    async with engine_over(answer) as engine:
        with pytest.raises(UpstreamFailed):
            await gathered(engine.chat(chat_of("hi")))
