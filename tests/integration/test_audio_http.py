"""Audio over HTTP with the default models: what is spoken is heard again, and what is wrong is told."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import pytest
from tests.fixtures.spoken import spoken_wav, wav
from tests.fixtures.word_errors import word_error_rate

from antiphon.audio.files import FILE_RATE_HZ, MEDIA_TYPES

SENTENCE = "The quick brown fox jumps over the lazy dog. We sail at noon."
SPEECH = {"model": "tts-1", "voice": "alloy", "input": SENTENCE}
CHAT = "/v1/chat/completions"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def spoken(served: str) -> bytes:
    """The sentence as an MP3."""
    return speak(served).content


def speak(served: str, **fields: Any) -> httpx.Response:
    return httpx.post(f"{served}/v1/audio/speech", json={**SPEECH, **fields}, timeout=60)


def transcribe(served: str, data: bytes, path: str = "transcriptions", **fields: Any) -> httpx.Response:
    form = {"model": "whisper-1", **fields}
    return httpx.post(f"{served}/v1/audio/{path}", data=form, files={"file": ("speech", data)}, timeout=60)


@pytest.mark.parametrize("response_format", ["mp3", "opus", "aac", "flac", "wav"])
def test_what_is_spoken_is_heard_again(served: str, response_format: str):
    """In every format, with hardly a word wrong."""
    spoken = speak(served, response_format=response_format)
    assert spoken.status_code == 200
    assert spoken.headers["content-type"] == MEDIA_TYPES[response_format]
    heard = transcribe(served, spoken.content).json()["text"]
    assert word_error_rate(SENTENCE, heard) <= 0.12, heard


def test_pcm_is_heard_when_it_is_given_a_head(served: str):
    """It is 24 kHz, 16 bits, one channel."""
    samples = np.frombuffer(speak(served, response_format="pcm").content, "<i2")
    heard = transcribe(served, wav(samples, FILE_RATE_HZ)).json()["text"]
    assert word_error_rate(SENTENCE, heard) <= 0.12, heard


def test_the_first_sound_leaves_before_the_last_is_made(served: str):
    """A long text arrives in many pieces, and its length is told nowhere beforehand."""
    body = {**SPEECH, "input": f"{SENTENCE} {SENTENCE} {SENTENCE}", "response_format": "pcm"}
    with httpx.stream("POST", f"{served}/v1/audio/speech", json=body, timeout=60) as answer:
        assert "content-length" not in answer.headers
        sizes = [len(piece) for piece in answer.iter_raw()]
    assert len(sizes) > 3
    assert sizes[0] < sum(sizes) / 3


def test_any_two_voices_differ(served: str):
    """The same words, another sound."""
    alloy, echo = [speak(served, voice=voice, response_format="pcm").content for voice in ("alloy", "echo")]
    assert alloy != echo


def test_words_are_timed(served: str, spoken: bytes):
    """In order, within the file, and each after the one before."""
    form = {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}
    answer = transcribe(served, spoken, **form).json()
    words = answer["words"]
    assert len(words) >= 11
    assert all(0 <= word["start"] <= word["end"] <= answer["duration"] + 0.1 for word in words)
    assert [word["start"] for word in words] == sorted(word["start"] for word in words)
    assert answer["segments"][0]["avg_logprob"] < 0
    assert answer["language"] == "english"


@pytest.mark.parametrize(("response_format", "begins"), [("text", "The"), ("srt", "1\n00:00:0"), ("vtt", "WEBVTT\n\n")])
def test_transcripts_come_as_text(served: str, spoken: bytes, response_format: str, begins: str):
    """For players and for people."""
    answer = transcribe(served, spoken, response_format=response_format)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith(begins)
    assert "fox" in answer.text


def test_a_translation_is_in_english(served: str, spoken: bytes):
    """Of English it is the same."""
    heard = transcribe(served, spoken, path="translations").json()["text"]
    assert word_error_rate(SENTENCE, heard) <= 0.2, heard


def test_silence_is_heard_as_little(served: str):
    """And is no error."""
    answer = transcribe(served, wav(np.zeros(FILE_RATE_HZ * 2, np.int16)))
    assert answer.status_code == 200
    assert len(answer.json()["text"]) < 40


def test_a_chat_hears_and_speaks(served: str):
    """The question in a file, the answer in another, which says what its transcript says."""
    question = base64.b64encode(speak(served, input="Please say hello to me.", response_format="mp3").content).decode()
    part = {"type": "input_audio", "input_audio": {"data": question, "format": "mp3"}}
    body = {
        "model": "gpt-4o-mini-audio-preview",
        "messages": [{"role": "user", "content": [part]}],
        "modalities": ["text", "audio"],
        "audio": {"voice": "alloy", "format": "wav"},
        "max_tokens": 24,
        "temperature": 0,
    }
    answer = httpx.post(served + CHAT, json=body, timeout=60).json()
    audio = answer["choices"][0]["message"]["audio"]
    heard = transcribe(served, base64.b64decode(audio["data"])).json()["text"]
    assert word_error_rate(audio["transcript"], heard) <= 0.5, (audio["transcript"], heard)
    usage = answer["usage"]
    assert usage["prompt_tokens_details"]["audio_tokens"] > 5
    assert usage["completion_tokens_details"]["audio_tokens"] > 10


@dataclass(frozen=True)
class Case:
    """A request that is wrong, and what its answer has to be."""

    name: str
    path: str
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    file: bytes | None = None
    status: int = 400
    code: str | None = None
    param: str | None = None
    says: str = ""


def speech(name: str, **expected: Any) -> Case:
    fields = expected.pop("fields")
    return Case(name, "/v1/audio/speech", {**SPEECH, **fields}, **expected)


def file(name: str, data: bytes, **expected: Any) -> Case:
    fields = {"model": "whisper-1", **expected.pop("fields", {})}
    return Case(name, "/v1/audio/transcriptions", fields, data, **expected)


HELLO = spoken_wav("Hello there.")
CASES = [
    speech("a voice that is not there", fields={"voice": "nobody"}, param="voice", says="alloy"),
    speech("a speed too high", fields={"speed": 4.5}, param="speed", code="decimal_above_max_value"),
    speech("a speed too low", fields={"speed": 0.2}, param="speed", code="decimal_below_min_value"),
    speech("too much to say", fields={"input": "a" * 4097}, param="input", code="string_above_max_length",
           says="4096"),
    speech("nothing to say", fields={"input": ""}, param="input", code="empty_string"),
    speech("a format of no kind", fields={"response_format": "midi"}, param="response_format", code="invalid_value"),
    speech("a model that is not there", fields={"model": "no-such-model"}, status=404, code="model_not_found"),
    speech("a model that hears", fields={"model": "whisper-1"}, param="model", says="whisper-1"),
    file("no audio", b"Dear Sir or Madam,", param="file", code="invalid_audio", says="Supported formats"),
    file("an empty file", b"", param="file", code="invalid_audio", says="Supported formats"),
    file("a head alone", HELLO[:44], param="file", code="invalid_audio", says="could not be decoded"),
    file("a blink", wav(np.zeros(100, np.int16)), param="file", code="audio_too_short", says="0.1 seconds"),
    file("26 MB", HELLO + bytes(26 * MIB), status=413, code="request_too_large",
         says="Maximum content size limit (26214400) exceeded"),
    file("a wrong form of answer", HELLO, fields={"response_format": "docx"}, param="response_format"),
    file("speakers", HELLO, fields={"response_format": "diarized_json"}, param="response_format",
         code="unsupported_parameter"),
    file("probabilities", HELLO, fields={"include[]": "logprobs"}, param="include", code="unsupported_parameter"),
    file("a language of no kind", HELLO, fields={"language": "klingon"}, code="invalid_language_format"),
    file("a temperature too high", HELLO, fields={"temperature": "1.5"}, param="temperature"),
    file("a model that speaks", HELLO, fields={"model": "tts-1"}, param="model", says="tts-1"),
    file("a model that is not there to hear", HELLO, fields={"model": "no-such-model"}, status=404,
         code="model_not_found"),
    Case("a form without a file", "/v1/audio/transcriptions", {"model": "whisper-1"}, says="multipart/form-data"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_told_as_openai_tells_it(served: str, case: Case):
    """Status, type, code and param, and a message that says what is wrong."""
    sent = {"json": case.body} if case.file is None else {"data": case.body, "files": {"file": ("a.wav", case.file)}}
    answer = httpx.post(served + case.path, timeout=60, **sent)
    assert answer.status_code == case.status, answer.text
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["code"] == case.code or case.code is None, error
    assert error["param"] == case.param or case.param is None, error
    assert case.says in error["message"]
    assert answer.headers["x-request-id"].startswith("req_")


def test_a_file_that_breaks_off_is_heard_as_far_as_it_goes(served: str, spoken: bytes):
    """What there is of it is worth something."""
    heard = transcribe(served, spoken[: len(spoken) // 2]).json()["text"]
    assert "fox" in heard
    assert "noon" not in heard


def test_a_stream_of_words_ends_with_all_of_them(served: str, spoken: bytes):
    """The parts joined are the whole."""
    lines = transcribe(served, spoken, stream="true").text.split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    deltas = [event["delta"] for event in events if event["type"] == "transcript.text.delta"]
    assert deltas
    assert "".join(deltas) == events[-1]["text"]
    assert events[-1]["usage"]["input_token_details"]["audio_tokens"] > 30
