"""A transcript is told in the form that was asked for, and each form fits the official SDK's types."""

from typing import Any

import msgspec
import pytest
from openai.types.audio import (
    Transcription,
    TranscriptionTextDeltaEvent,
    TranscriptionTextDoneEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from pydantic import TypeAdapter

from antiphon.speech.answers import Told, plain, token_usage, verbose, whole
from antiphon.speech.facts import RecognitionEnded, SegmentHeard
from antiphon.speech.transcript import Transcript
from antiphon.speech.words import TimedWord
from antiphon.wire.audio.transcriptions import (
    TranscriptionForm,
    TranscriptTextDelta,
    TranscriptTextDone,
    TranslationForm,
)

SEGMENT = SegmentHeard(
    text=" “Hello”, you!",
    start_ms=100.04,
    end_ms=900,
    words=(TimedWord(" “Hello”, ", 100.04, 500), TimedWord("you! ", 500, 900), TimedWord("— ", 900, 900)),
    tokens=(1, 2),
    mean_logprob=-0.5,
    no_speech_probability=0.25,
    compression_ratio=0.75,
)


def told(model: str = "whisper-1", *, seconds: float = 1.01, **fields: Any) -> Told:
    transcript = Transcript()
    transcript.add(SEGMENT)
    transcript.add(RecognitionEnded("en", 7))
    return Told(TranscriptionForm(file=b"", model=model, **fields), transcript, seconds)


def translated(**fields: Any) -> Told:
    one = told()
    return Told(TranslationForm(file=b"", model="whisper-1", **fields), one.transcript, one.seconds)


def fitting(answer: msgspec.Struct, type_: type) -> dict[str, Any]:
    """The answer as JSON, which the SDK's type takes strictly and without a field that it does not know."""
    data = msgspec.json.encode(answer)
    read = TypeAdapter(type_).validate_json(data, strict=True)
    assert (read.model_extra or {}).keys() <= {"task"}  # which OpenAI sends and its SDK does not declare
    return msgspec.json.decode(data)


def test_whisper_is_paid_by_duration():
    """In whole seconds, what is begun counts."""
    assert fitting(whole(told()), Transcription) == {
        "text": "“Hello”, you!",
        "usage": {"type": "duration", "seconds": 2},
    }


def test_newer_models_are_paid_by_tokens():
    """Of the audio, of the prompt and of the words."""
    usage = fitting(whole(told("gpt-4o-transcribe", prompt="names")), Transcription)["usage"]
    assert usage == {
        "type": "tokens",
        "input_tokens": 13,
        "input_token_details": {"text_tokens": 2, "audio_tokens": 11},
        "output_tokens": 7,
        "total_tokens": 20,
    }


def test_the_newest_model_tells_languages():
    """And no other does."""
    assert fitting(whole(told("gpt-transcribe")), Transcription)["languages"] == [{"code": "en"}]
    assert "languages" not in fitting(whole(told("gpt-4o-transcribe")), Transcription)


def test_segments_are_told_where_nothing_else_is_asked():
    """With Whisper's own figures, and times in seconds."""
    answer = fitting(verbose(told(temperature=0.5)), TranscriptionVerbose)
    assert (answer["task"], answer["language"], answer["duration"]) == ("transcribe", "english", 1.01)
    assert answer["segments"] == [
        {
            "id": 0, "seek": 10, "start": 0.1, "end": 0.9, "text": " “Hello”, you!", "tokens": [1, 2],
            "temperature": 0.5, "avg_logprob": -0.5, "compression_ratio": 0.75, "no_speech_prob": 0.25,
        }
    ]  # fmt: skip
    assert "words" not in answer


def test_words_stand_alone_where_they_alone_are_asked():
    """Without the punctuation around them; what is nothing else is no word."""
    answer = fitting(verbose(told(timestamp_granularities=["word"])), TranscriptionVerbose)
    assert answer["words"] == [
        {"word": "Hello", "start": 0.1, "end": 0.5},
        {"word": "you", "start": 0.5, "end": 0.9},
    ]
    assert "segments" not in answer


def test_both_are_told_where_both_are_asked():
    """Words and segments of the same audio."""
    assert {"words", "segments"} <= fitting(
        verbose(told(timestamp_granularities=["word", "segment"])), TranscriptionVerbose
    ).keys()


def test_a_translation_is_in_english_and_costs_nothing_that_is_told():
    """As OpenAI's has no usage."""
    assert fitting(whole(translated()), Translation) == {"text": "“Hello”, you!"}
    answer = verbose(translated())
    assert (answer.task, answer.language, answer.usage) == ("translate", "english", msgspec.UNSET)
    TypeAdapter(TranslationVerbose).validate_json(msgspec.json.encode(answer), strict=True)


@pytest.mark.parametrize(
    ("response_format", "text"),
    [
        ("text", "“Hello”, you!\n"),
        ("srt", "1\n00:00:00,100 --> 00:00:00,900\n“Hello”, you!\n\n"),
        ("vtt", "WEBVTT\n\n00:00:00.100 --> 00:00:00.900\n“Hello”, you!\n\n"),
    ],
)
def test_a_text_is_a_text(response_format: str, text: str):
    """No JSON is around it."""
    assert plain(told(response_format=response_format)).text == text


def test_events_are_the_sdks():
    """A part of the words, and all of them with their usage."""
    fitting(TranscriptTextDelta(delta="Hello"), TranscriptionTextDeltaEvent)
    done = TranscriptTextDone(text="Hello", usage=token_usage(told("gpt-4o-transcribe")))
    assert fitting(done, TranscriptionTextDoneEvent)["usage"]["type"] == "tokens"


def test_tokens_that_an_engine_does_not_count_are_estimated():
    """From the words: no answer is free."""
    one = told("gpt-4o-transcribe")
    one.transcript.num_tokens = 0
    assert token_usage(one).output_tokens == 5
