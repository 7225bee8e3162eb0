"""The official Python SDK speaks and hears, told nothing but another base URL, on the embedded models."""

import base64
import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.audio import TranscriptionVerbose
from openai.types.audio.transcription_text_delta_event import TranscriptionTextDeltaEvent
from openai.types.audio.transcription_text_done_event import TranscriptionTextDoneEvent

TEXT = "Today is a wonderful day to build something people love!"
AUDIO_MODEL = "gpt-4o-mini-audio-preview"


@pytest.fixture(scope="module")
def client(served: str) -> Iterator[OpenAI]:
    """The SDK's client; it refuses answers that do not fit its own types to the letter."""
    with OpenAI(base_url=f"{served}/v1", api_key="sk-any", _strict_response_validation=True) as client:
        yield client


@pytest.fixture(scope="module")
def speech_file(client: OpenAI, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quick start of text to speech, whose file the others hear."""
    path = tmp_path_factory.mktemp("speech") / "speech.mp3"
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="coral", input=TEXT, instructions="Speak in a cheerful and positive tone."
    ) as response:
        response.stream_to_file(path)
    return path


def test_speech_is_written_to_a_file(speech_file: Path):
    assert speech_file.stat().st_size > 5000


def test_speech_is_read_whole(client: OpenAI):
    answer = client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format="wav", speed=1.25)

    assert answer.content.startswith(b"RIFF")
    assert answer.response.headers["content-type"] == "audio/wav"


def test_speech_is_streamed_as_it_is_made(client: OpenAI):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=f"{TEXT} {TEXT}", response_format="pcm"
    ) as response:
        pieces = [len(piece) for piece in response.iter_bytes(1024)]

    assert len(pieces) > 10


def test_speech_comes_as_events(client: OpenAI):
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input=TEXT, stream_format="sse"
    ) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: {")]

    assert "speech.audio.delta" in lines[0]
    assert "speech.audio.done" in lines[-1]


def test_a_transcription_is_text(client: OpenAI, speech_file: Path):
    with speech_file.open("rb") as audio:
        transcription = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=audio)

    assert "wonderful day" in transcription.text
    assert transcription.usage is not None
    assert transcription.usage.type == "tokens"


def test_a_transcription_is_streamed(client: OpenAI, speech_file: Path):
    with speech_file.open("rb") as audio:
        stream = client.audio.transcriptions.create(
            model="gpt-4o-mini-transcribe", file=audio, response_format="text", stream=True
        )
        events = list(stream)

    deltas = [event.delta for event in events if isinstance(event, TranscriptionTextDeltaEvent)]
    assert isinstance(events[-1], TranscriptionTextDoneEvent)
    assert "".join(deltas) == events[-1].text
    assert "wonderful" in events[-1].text


def test_words_have_times(client: OpenAI, speech_file: Path):
    with speech_file.open("rb") as audio:
        transcription = client.audio.transcriptions.create(
            model="whisper-1",
            file=audio,
            response_format="verbose_json",
            timestamp_granularities=["word"],
            language="en",
            prompt="Build, people, love.",
            temperature=0.2,
        )

    assert isinstance(transcription, TranscriptionVerbose)
    assert transcription.words
    assert transcription.words[0].word == "Today"
    assert transcription.segments is None


@pytest.mark.parametrize("response_format", ["text", "srt", "vtt"])
def test_a_transcription_comes_as_plain_text(client: OpenAI, speech_file: Path, response_format: Any):
    with speech_file.open("rb") as audio:
        text = client.audio.transcriptions.create(model="whisper-1", file=audio, response_format=response_format)

    assert isinstance(text, str)
    assert "wonderful" in text


def test_options_of_the_newest_models_are_taken(client: OpenAI, speech_file: Path):
    transcription = client.audio.transcriptions.create(
        model="gpt-transcribe",
        file=("speech.mp3", speech_file.read_bytes(), "audio/mpeg"),
        chunking_strategy={"type": "server_vad", "silence_duration_ms": 300},
        languages=["en", "de"],
        keywords=["wonderful"],
    )

    assert [language.code for language in transcription.languages or ()] == ["en"]


def test_a_translation_is_text(client: OpenAI, speech_file: Path):
    with speech_file.open("rb") as audio, pytest.warns(DeprecationWarning, match="deprecated"):
        translation = client.audio.translations.create(model="whisper-1", file=audio)

    assert "wonderful" in translation.text


def test_a_chat_is_heard_and_spoken(client: OpenAI, speech_file: Path):
    question = {
        "role": "user",
        "content": [
            {"type": "text", "text": "What does this recording say?"},
            {
                "type": "input_audio",
                "input_audio": {"data": base64.b64encode(speech_file.read_bytes()).decode(), "format": "mp3"},
            },
        ],
    }
    ask: dict[str, Any] = {
        "model": AUDIO_MODEL,
        "modalities": ["text", "audio"],
        "audio": {"voice": "alloy", "format": "wav"},
        "max_completion_tokens": 16,
        "temperature": 0,
    }
    message = client.chat.completions.create(messages=[question], **ask).choices[0].message
    assert message.audio is not None
    assert message.content is None
    with wave.open(io.BytesIO(base64.b64decode(message.audio.data))) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, 24_000)
        assert sound.getnframes() > 5000

    earlier: Any = {"role": "assistant", "audio": {"id": message.audio.id}}
    again: Any = [question, earlier, {"role": "user", "content": "Say it once more, shorter."}]
    assert client.chat.completions.create(messages=again, **ask).choices[0].message.audio
    appended: Any = [question, message, {"role": "user", "content": "Say it once more, shorter."}]
    assert client.chat.completions.create(messages=appended, **ask).choices[0].message.audio


def test_a_spoken_answer_is_streamed(client: OpenAI):
    stream = client.chat.completions.create(
        model=AUDIO_MODEL,
        messages=[{"role": "user", "content": "Count from one to five."}],
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "pcm16"},
        max_completion_tokens=24,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)

    audio = [one for chunk in chunks for choice in chunk.choices if (one := choice.delta.audio)]
    assert (audio[0].id or "").startswith("audio_")
    assert "".join(one.transcript or "" for one in audio)
    assert len(b"".join(base64.b64decode(one.data or "") for one in audio)) > 10_000
    assert (audio[-1].expires_at or 0) > chunks[0].created
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens_details is not None
    assert chunks[-1].usage.completion_tokens_details.audio_tokens


def test_errors_are_of_the_sdks_classes(client: OpenAI):
    with pytest.raises(openai.BadRequestError, match="alloy"):
        client.audio.speech.create(model="tts-1", voice="nobody", input=TEXT)
    with pytest.raises(openai.BadRequestError, match="Invalid file format") as refusal:
        client.audio.transcriptions.create(model="whisper-1", file=("a.txt", b"A letter."))
    with pytest.raises(openai.NotFoundError):
        client.audio.transcriptions.create(model="no-such-model", file=("a.txt", b"A letter."))

    assert refusal.value.param == "file"
