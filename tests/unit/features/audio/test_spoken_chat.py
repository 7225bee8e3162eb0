"""A chat is heard and spoken by a model that only reads and writes, and an engine that can is left to it."""

import asyncio
from base64 import b64decode, b64encode
from contextlib import aclosing
from typing import Any

import pytest
from msgspec import UNSET
from tests.fixtures.spoken import CALLER, DeafEngine, SpokenServer, heard_in, spoken_server, spoken_wav

from antiphon.audio.files import FILE_RATE_HZ
from antiphon.callers import Caller
from antiphon.engines.scripted.engine import ScriptedEngine
from antiphon.errors import InvalidRequest, ModelNotFound
from antiphon.wire.chat.answer import ChatCompletionChunk
from antiphon.wire.chat.messages import text_of
from antiphon.wire.chat.request import ChatRequest

ANSWER = "The sea is wide, and the night is long. Good night."
SAYING = '{"script": [{"say": "' + ANSWER + '"}]}'


def part(text: str) -> dict[str, Any]:
    data = b64encode(spoken_wav(text)).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}


def request(content: object = SAYING, *earlier: object, spoken: str | None = None, **fields: Any) -> ChatRequest:
    sound = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": spoken}} if spoken else {}
    messages = [*earlier, {"role": "user", "content": content}]
    return ChatRequest.model_validate({"model": "gpt-audio", "messages": messages, **sound, **fields})


async def heard_by(server: SpokenServer, data: str, file_format: str) -> str:
    raw = b64decode(data)
    if file_format == "pcm16":
        return heard_in(raw, FILE_RATE_HZ)
    return heard_in(await server.files.decode(raw, FILE_RATE_HZ), FILE_RATE_HZ)


async def chunks_of(server: SpokenServer, asked: ChatRequest) -> list[ChatCompletionChunk]:
    return [chunk async for chunk in server.chat.stream(CALLER, asked)]


def audio_deltas(chunks: list[ChatCompletionChunk]) -> list[Any]:
    return [chunk.choices[0].delta.audio for chunk in chunks if chunk.choices and chunk.choices[0].delta.audio]


async def test_a_chat_in_writing_is_left_alone(server: SpokenServer):
    """The same answer that the chat gives, and no token more."""
    completion = await server.chat.answer(CALLER, request())
    assert completion.choices[0].message.content == ANSWER
    assert completion.choices[0].message.audio is UNSET
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


async def test_what_the_user_said_is_given_as_text(server: SpokenServer):
    """To an engine that takes no audio; it counts ten tokens a second."""
    completion = await server.chat.answer(CALLER, request([{"type": "text", "text": "Well?"}, part("Who are you?")]))
    (work,) = server.engine.works
    assert text_of(work.request.messages[0].content) == "Well?\nWho are you?"
    assert completion.usage.prompt_tokens_details.audio_tokens == 3
    assert server.speech.asked == [("whisper-1", None)]


async def test_an_engine_that_hears_is_given_the_audio():
    """Nothing is recognised, and nothing is counted twice."""
    with spoken_server(ScriptedEngine()) as server:
        completion = await server.chat.answer(CALLER, request([part("Who are you?")]))
        assert server.speech.asked == []
        assert completion.usage.prompt_tokens_details.audio_tokens == 3


@pytest.mark.parametrize("file_format", ["wav", "mp3", "flac", "opus", "aac", "pcm16"])
async def test_an_answer_is_spoken_as_a_file(server: SpokenServer, file_format: str):
    """With its transcript in place of the content, an id, and tokens of audio."""
    completion = await server.chat.answer(CALLER, request(spoken=file_format))
    message = completion.choices[0].message
    assert message.content is None
    assert message.audio
    assert (message.audio.transcript, message.audio.expires_at) == (ANSWER, int(server.clock()) + 3600)
    assert await heard_by(server, message.audio.data, file_format) == ANSWER
    details = completion.usage.completion_tokens_details
    assert details.audio_tokens == pytest.approx(20 * len(ANSWER) * 0.025, abs=1)
    assert completion.usage.completion_tokens > details.audio_tokens
    (work,) = server.engine.works
    assert (work.request.modalities, work.request.audio) == (None, None)


async def test_every_choice_is_spoken(server: SpokenServer):
    """Each with an id of its own."""
    completion = await server.chat.answer(CALLER, request(spoken="wav", n=2))
    audios = [choice.message.audio for choice in completion.choices]
    assert len({audio.id for audio in audios if audio}) == 2


async def test_a_call_of_a_function_is_not_spoken(server: SpokenServer):
    """Nobody listens to one."""
    tools = [{"type": "function", "function": {"name": "f"}}]
    script = '{"script": [{"call": "f", "arguments": {}}]}'
    message = (await server.chat.answer(CALLER, request(script, spoken="wav", tools=tools))).choices[0].message
    assert (message.content, message.audio) == (None, UNSET)
    assert message.tool_calls


async def test_a_stream_tells_each_clause_and_then_its_sound(server: SpokenServer):
    """The id first and once, `expires_at` last and once, and the sound says the words."""
    asked = request(spoken="pcm16", stream=True, stream_options={"include_usage": True})
    chunks = await chunks_of(server, asked)
    deltas = audio_deltas(chunks)
    assert [bool(delta.id) for delta in deltas] == [True] + [False] * (len(deltas) - 1)
    assert [bool(delta.expires_at) for delta in deltas] == [False] * (len(deltas) - 1) + [True]
    assert "".join(delta.transcript for delta in deltas if delta.transcript) == ANSWER
    data = b"".join(b64decode(delta.data) for delta in deltas if delta.data)
    assert heard_in(data, FILE_RATE_HZ) == ANSWER
    kinds = ["transcript" if delta.transcript else "data" for delta in deltas[:-1]]
    assert kinds[0] == "transcript"
    assert kinds.count("transcript") > 1
    assert kinds.index("data") < len(kinds) - kinds[::-1].index("transcript") - 1
    usage = chunks[-1].usage
    assert usage
    assert usage.completion_tokens_details.audio_tokens == pytest.approx(20 * len(data) / 48_000, abs=1)


async def test_a_spoken_stream_holds_to_the_order_of_chunks(server: SpokenServer):
    """The role first, no text, the finish reason last."""
    chunks = await chunks_of(server, request(spoken="pcm16", stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert not any(chunk.choices[0].delta.content for chunk in chunks)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_a_stream_in_writing_may_be_heard(server: SpokenServer):
    """The text is streamed as ever; the usage has what was heard."""
    asked = request([part("Who are you?")], stream=True, stream_options={"include_usage": True})
    chunks = await chunks_of(server, asked)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Who are you?"
    assert chunks[-1].usage
    assert chunks[-1].usage.prompt_tokens_details.audio_tokens == 3


@pytest.mark.parametrize("stream", [False, True])
async def test_an_earlier_answer_is_named_for_an_hour(server: SpokenServer, stream: bool):
    """Its transcript is what the model reads; after the hour, and in another project, it is refused."""
    if stream:
        deltas = audio_deltas(await chunks_of(server, request(spoken="pcm16", stream=True)))
        answer_id = deltas[0].id
    else:
        answer_id = (await server.chat.answer(CALLER, request(spoken="wav"))).choices[0].message.audio.id
    asked = request("And then?", {"role": "assistant", "audio": {"id": answer_id}})
    await server.chat.answer(CALLER, asked)
    assert text_of(server.engine.works[-1].request.messages[0].content) == ANSWER
    with pytest.raises(InvalidRequest, match="no spoken answer"):
        await server.chat.answer(Caller("acme", "tv"), asked)
    server.clock.advance(3601)
    with pytest.raises(InvalidRequest, match="has expired") as refusal:
        await server.chat.answer(CALLER, asked)
    assert refusal.value.param == "messages.[0].audio.id"


async def test_an_answer_can_be_named_as_soon_as_its_end_is_told(server: SpokenServer):
    """The chunk with the finish reason may be followed by the next request."""
    answer_id = ""
    async with aclosing(server.chat.stream(CALLER, request(spoken="pcm16", stream=True))) as chunks:
        async for chunk in chunks:
            answer_id = chunk.choices[0].delta.audio.id if audio_deltas([chunk]) and not answer_id else answer_id
            if chunk.choices[0].finish_reason:
                assert await server.answers.find(CALLER, answer_id) == ANSWER


@pytest.mark.parametrize(
    ("asked", "param", "says"),
    [
        (request([{**part("Hi"), "input_audio": {"data": "%%%", "format": "wav"}}]), None, "not base64"),
        (request([{**part("Hi"), "input_audio": {"data": "aGVsbG8=", "format": "mp3"}}]), None, "Invalid file format"),
        (request(modalities=["audio"]), "audio", "'audio' is required"),
        (request(spoken="wav", stream=True), "audio.format", "Supported values are: 'pcm16'"),
        (
            request(modalities=["audio"], audio={"voice": "nobody", "format": "wav"}),
            "voice",
            "alloy, echo",
        ),
    ],
)
async def test_what_cannot_be_heard_or_spoken_is_refused(
    server: SpokenServer, asked: ChatRequest, param: str | None, says: str
):
    """Before the model is asked, with the place."""
    with pytest.raises(InvalidRequest, match=says) as refusal:
        await anext(server.chat.stream(CALLER, asked))
    assert refusal.value.param == (param or "messages.[0].content.[0].input_audio.data")
    assert server.engine.works == []


async def test_an_unknown_model_is_told_before_anything_is_heard(server: SpokenServer):
    """Recognition takes a while."""
    asked = request([part("Hi")]).model_copy(update={"model": "no-such-model"})
    with pytest.raises(ModelNotFound):
        await server.chat.answer(CALLER, asked)
    assert server.speech.asked == []


async def test_an_engine_that_speaks_is_asked_to():
    """Its answer is its own: nothing is spoken in its place."""
    speaking = DeafEngine(speaks=True)
    with spoken_server(speaking) as server:
        completion = await server.chat.answer(CALLER, request(spoken="wav"))
    assert completion.choices[0].message.audio is UNSET
    assert speaking.works[0].request.modalities == ["text", "audio"]


async def test_a_stream_that_is_left_ends_the_engines_work():
    """Nobody reads on."""
    engine = DeafEngine()
    with spoken_server(engine) as server:
        stream = server.chat.stream(CALLER, request(spoken="pcm16", stream=True))
        await anext(stream)
        await stream.aclose()
        await asyncio.sleep(0)
        assert engine.num_in_flight == 0
