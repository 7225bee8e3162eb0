"""Remote engines that hear and speak, over a server in this process that does so in tones."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from tests.fixtures.speech_upstream import SpeechUpstream, speech_upstream
from tests.fixtures.upstream import KEY, serving

from antiphon.engines.remote.recogniser import RemoteRecogniser
from antiphon.engines.remote.synthesiser import RATE_HZ, RemoteSynthesiser
from antiphon.engines.scripted.tones import text_of_tones, tones_of
from antiphon.errors import EngineFailed, EngineUnavailable, InvalidRequest, UpstreamFailed
from antiphon.settings import RemoteEngine as RemoteEngineSettings
from antiphon.speech.facts import AudioSpoken, RecognitionEnded, RecognitionFact, SegmentHeard
from antiphon.speech.voices import Voice
from antiphon.speech.work import RECOGNITION_RATE_HZ, RecognitionWork, SpeechWork

VOICE = Voice("alloy", "their-tts", "af_heart")
TEXT = "Hello there, how are you today?"


@pytest.fixture
async def upstream() -> AsyncIterator[SpeechUpstream]:
    """A server that wants a key."""
    async with speech_upstream() as one:
        yield one


def settings(base_url: str, **options: Any) -> RemoteEngineSettings:
    """What an operator says of the server."""
    given = {"name": "far", "base_url": base_url, "models": {"ours": "theirs"}, "api_key": KEY, "num_retries": 0}
    return RemoteEngineSettings.model_validate({**given, **options})


def recognition(text: str, **options: Any) -> RecognitionWork:
    """A work whose audio says `text` in tones."""
    samples = tones_of(text, RECOGNITION_RATE_HZ).astype("<i2").tobytes()
    return RecognitionWork(id="w", organization="o", model="their-ears", samples=samples, **options)


def speech(text: str, **options: Any) -> SpeechWork:
    """A text to speak."""
    return SpeechWork(id="w", organization="o", voice=options.pop("voice", VOICE), text=text, **options)


async def heard(work: RecognitionWork, base_url: str, **options: Any) -> list[RecognitionFact]:
    """All that is told of a work."""
    engine = RemoteRecogniser(settings(base_url, recognises=True, **options))
    try:
        return [fact async for fact in engine.recognise(work)]
    finally:
        await engine.close()


async def spoken(work: SpeechWork, base_url: str) -> list[AudioSpoken]:
    """All that is spoken of a work."""
    engine = RemoteSynthesiser(settings(base_url, speaks=True, voices={"alloy": "af_heart"}))
    try:
        return [fact async for fact in engine.speak(work)]
    finally:
        await engine.close()


async def test_what_is_said_comes_back_as_text(upstream: SpeechUpstream):
    """With the upstream's figures, and a code for the language that it names in English."""
    segment, end = await heard(recognition(TEXT), upstream.base_url)
    assert isinstance(segment, SegmentHeard)
    assert segment.text.strip() == TEXT
    assert (segment.mean_logprob, segment.no_speech_probability, segment.compression_ratio) == (-0.25, 0.01, 1.1)
    assert end == RecognitionEnded("en")


async def test_the_upstream_is_asked_as_openai_would_be(upstream: SpeechUpstream):
    """By its own name for the model, with the audio as a WAV file and every wish of the work."""
    work = recognition(TEXT, language="de", prompt="Berlin & \r\n Wien", temperature=0.5, wants_words=True)
    await heard(work, upstream.base_url)
    asked = dict(upstream.last)
    assert asked.pop("samples") == work.samples
    assert asked == {
        "path": "/v1/audio/transcriptions",
        "model": "their-ears",
        "response_format": "verbose_json",
        "temperature": "0.5",
        "prompt": "Berlin & \r\n Wien",
        "language": "de",
        "timestamp_granularities[]": ["segment", "word"],
    }


async def test_a_translation_goes_to_its_own_endpoint(upstream: SpeechUpstream):
    """Which takes no language: what comes back is English."""
    *_, end = await heard(recognition(TEXT, task="translate", language="de"), upstream.base_url)
    assert upstream.last["path"] == "/v1/audio/translations"
    assert "language" not in upstream.last
    assert end == RecognitionEnded("en")


async def test_words_have_the_upstreams_times_and_the_texts_punctuation(upstream: SpeechUpstream):
    """Joined they are the segment's text."""
    segment, _ = await heard(recognition(TEXT, wants_words=True), upstream.base_url)
    assert isinstance(segment, SegmentHeard)
    assert "".join(word.text for word in segment.words) == segment.text
    assert [word.text.strip() for word in segment.words] == TEXT.split()
    starts = [word.start_ms for word in segment.words]
    assert starts == sorted(starts)
    assert starts[-1] > 0


async def test_an_upstream_without_verbose_json_gives_one_segment(upstream: SpeechUpstream):
    """As long as the audio; the profile says that words have no times."""
    work = recognition(TEXT, language="en", wants_words=True)
    segment, end = await heard(work, upstream.base_url, times_words=False)
    assert upstream.last["response_format"] == "json"
    assert "timestamp_granularities[]" not in upstream.last
    assert isinstance(segment, SegmentHeard)
    assert (segment.text, segment.words, segment.start_ms) == (f" {TEXT}", (), 0)
    assert segment.end_ms == len(work.samples) / 2 * 1000 / RECOGNITION_RATE_HZ
    assert end == RecognitionEnded("en")
    assert not RemoteRecogniser(settings("http://x/v1", times_words=False)).profile.times_words


async def test_silence_is_no_segment(upstream: SpeechUpstream):
    """In both forms of an answer."""
    work = RecognitionWork(id="w", organization="o", model="m", samples=bytes(32000), language="en")
    for times_words in (True, False):
        assert await heard(work, upstream.base_url, times_words=times_words) == [RecognitionEnded("en")]


async def test_an_upstreams_refusal_is_told_in_its_words(upstream: SpeechUpstream):
    """A recognition that is scripted to fail with a status of the caller's."""
    script = '{"script": [{"say": "x"}], "hear": {"fail": {"status": 400, "message": "Too long for me."}}}'
    with pytest.raises(InvalidRequest, match=r"Too long for me\."):
        await heard(recognition(script), upstream.base_url)


async def test_an_upstream_that_wants_another_key_is_the_operators_trouble(upstream: SpeechUpstream):
    """The caller reads that it is not theirs."""
    with pytest.raises(UpstreamFailed, match="refused the key"):
        await heard(recognition(TEXT), upstream.base_url, api_key="sk-wrong")


async def test_an_upstream_that_is_not_there_is_unavailable():
    """At once."""
    with pytest.raises(EngineUnavailable):
        await heard(recognition(TEXT), "http://127.0.0.1:1/v1")
    with pytest.raises(EngineUnavailable):
        await spoken(speech(TEXT), "http://127.0.0.1:1/v1")


async def test_a_transcription_that_cannot_be_read_is_the_upstreams_fault():
    """Whatever it sends in its place."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"text": 7})

    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", answer)
    async with serving(app) as address:
        with pytest.raises(UpstreamFailed, match="cannot be read"):
            await heard(recognition(TEXT), f"{address}/v1")


async def test_a_text_is_spoken_whole_and_streamed(upstream: SpeechUpstream):
    """Pieces that end in the midst of a sample are joined, and the tones say the text."""
    facts = await spoken(speech(TEXT), upstream.base_url)
    assert len(facts) > 3
    assert all(len(fact.samples) % 2 == 0 for fact in facts)
    audio = np.frombuffer(b"".join(fact.samples for fact in facts), dtype="<i2").astype(np.int16)
    assert text_of_tones(audio, RATE_HZ) == TEXT


async def test_the_words_of_a_text_are_told_in_order_up_to_its_end(upstream: SpeechUpstream):
    """Joined they are the text; the last ends with the audio, and none before its audio has come."""
    facts = await spoken(speech(TEXT), upstream.base_url)
    words = [word for fact in facts for word in fact.words]
    assert "".join(word.text for word in words) == TEXT
    times = [time for word in words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    length_ms = sum(len(fact.samples) for fact in facts) / 2 * 1000 / RATE_HZ
    assert times[-1] == pytest.approx(length_ms)
    come_ms = 0.0
    for fact in facts:
        come_ms += len(fact.samples) / 2 * 1000 / RATE_HZ
        assert all(word.end_ms <= come_ms + 0.001 for word in fact.words)


async def test_a_synthesiser_is_asked_as_openai_would_be(upstream: SpeechUpstream):
    """By its own names for model and voice; a speed of 1 goes without saying."""
    await spoken(speech("Yes."), upstream.base_url)
    plain = {
        "path": "/v1/audio/speech",
        "model": "their-tts",
        "voice": "af_heart",
        "input": "Yes.",
        "response_format": "pcm",
    }
    assert upstream.last == plain
    await spoken(speech("Yes.", speed=1.5), upstream.base_url)
    assert upstream.last == {**plain, "speed": 1.5}


async def test_a_synthesiser_that_breaks_off_fails_what_it_began(upstream: SpeechUpstream):
    """What was spoken was told before."""
    text = '{"script": [{"say": "' + "on and on " * 40 + '"}, {"crash": "gone"}]}'
    engine = RemoteSynthesiser(settings(upstream.base_url, speaks=True, voices={"alloy": "a"}))
    async with aclosing(engine.speak(speech(text))) as told:
        assert (await anext(told)).samples
        with pytest.raises(EngineFailed):
            await _drained(told)
    await engine.close()


async def _drained(facts: AsyncGenerator[AudioSpoken, None]) -> None:
    async for _ in facts:
        pass


async def test_a_synthesiser_without_a_sound_has_failed():
    """An empty answer to a text with words."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b"")

    app = web.Application()
    app.router.add_post("/v1/audio/speech", answer)
    async with serving(app) as address:
        with pytest.raises(UpstreamFailed, match="without a sound"):
            await spoken(speech("Hello."), f"{address}/v1")
